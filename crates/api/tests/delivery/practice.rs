//! Practice mode: a kept answer is checked while working, and nowhere else.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{DeliveryClient, DeliveryReply, TestApp};

use app::tasks::{NewConduct, StepUpdate, TaskUpdate};

const PAPER: &str = r#"{"assay": 1, "key": "practice", "title": "Practice", "sections": [
    {"key": "s1", "title": "One", "pages": [{"key": "p1", "questions": [
        {"key": "q1", "kind": "multiplechoice", "text": "Which?", "feedback": "Think *twice*.", "maxSelections": 2,
            "minSelections": 1, "choices": [{"key": "a", "text": "A", "percentage": 60, "feedback": "A is one."},
            {"key": "b", "text": "B", "percentage": 40}, {"key": "c", "text": "C", "feedback": "C is none."}]},
        {"key": "q2", "kind": "input", "type": "numeric", "text": "How many?",
            "rules": [{"rule": "equal", "value": 5, "percentage": 100}]},
        {"key": "q3", "kind": "input", "type": "area", "text": "Why?"},
        {"key": "q4", "kind": "multiplechoice", "text": "Like?", "effective": false,
            "choices": [{"key": "a", "text": "A"}, {"key": "b", "text": "B"}]}]}]}]}"#;

struct Practice {
    test_app: TestApp,
    browser: DeliveryClient,
    base: String,
}

impl Practice {
    async fn begun(is_on: bool) -> Self {
        let test_app = TestApp::with(PAPER).await;
        let practice = NewConduct { practice_mode: Some(is_on), ..NewConduct::default() };
        let step = StepUpdate { conduct: practice, ..StepUpdate::default() };
        let steps = BTreeMap::from([(test_app.step.clone(), step)]);
        let change = TaskUpdate { steps, ..TaskUpdate::default() };
        let operator = test_app.operator();
        test_app.app.tasks().update_task(&operator, &test_app.task, change).await.unwrap();
        let browser = DeliveryClient::entered(&test_app).await;
        let begun = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
        let base = format!("/instances/{}", begun.body["instanceId"].as_str().unwrap());
        let practice = Self { test_app, browser, base };
        practice.post("page", &json!({ "page": 1 })).await;
        practice
    }

    async fn post(&self, act: &str, body: &Value) -> DeliveryReply {
        let reply = self.browser.post(&format!("{}/{act}", self.base), body).await;
        assert_eq!(reply.status, 200, "{act}: {}", reply.body);
        reply
    }

    async fn answer(&self, slot: u32, seq: u64, response: Value) {
        let write = json!({ "slot": slot, "seq": seq, "response": response });
        self.post("answers", &json!({ "writes": [write] })).await;
    }

    async fn check(&self, slot: u32) -> DeliveryReply {
        self.browser.call("POST", &format!("{}/slots/{slot}/check", self.base), None).await
    }
}

#[tokio::test]
async fn a_step_that_is_not_for_practice_checks_nothing() {
    let practice = Practice::begun(false).await;
    practice.answer(1, 1, json!(["a"])).await;
    for slot in [0, 1, 2, 99] {
        let refused = practice.check(slot).await;
        assert_eq!(refused.code(), (409, "practice_off"), "{slot}");
        assert!(!refused.body.to_string().contains("A is one"));
    }
}

#[tokio::test]
async fn what_is_blank_incomplete_or_judged_by_a_person_is_not_checked_and_says_so() {
    let practice = Practice::begun(true).await;
    assert_eq!(practice.check(1).await.code(), (409, "nothing_to_check"));
    practice.answer(2, 1, json!("five")).await;
    assert_eq!(practice.check(2).await.code(), (409, "answer_not_valid"));
    practice.answer(3, 1, json!("Because.")).await;
    assert_eq!(practice.check(3).await.code(), (409, "not_scored_automatically"));
    practice.answer(4, 1, json!(["a"])).await;
    assert_eq!(practice.check(4).await.code(), (409, "not_scored_automatically"));
    assert_eq!(practice.check(5).await.code(), (404, "not_found"));
    let path = format!("{}/slots/one/check", practice.base);
    assert_eq!(practice.browser.call("POST", &path, None).await.code(), (404, "not_found"));
    practice.answer(1, 1, json!(["a"])).await;
    practice.answer(1, 2, json!([])).await;
    assert_eq!(practice.check(1).await.code(), (409, "nothing_to_check"), "cleared");
}

#[tokio::test]
async fn an_answer_is_right_partly_right_or_wrong_with_what_is_said_about_it() {
    let practice = Practice::begun(true).await;
    let tries = [
        (json!(["a"]), "partly-right", json!([{ "key": "a", "feedback": "A is one." }])),
        (json!(["c"]), "wrong", json!([{ "key": "c", "feedback": "C is none." }])),
        (json!(["a", "b"]), "right", json!([{ "key": "a", "feedback": "A is one." }])),
    ];
    for (seq, (response, outcome, choices)) in (1..).zip(tries) {
        practice.answer(1, seq, response).await;
        let checked = practice.check(1).await;
        let expected = json!({ "slot": 1, "seq": seq, "outcome": outcome,
            "feedback": "Think *twice*.", "choices": choices });
        assert_eq!((checked.status, checked.body), (200, expected));
    }
    practice.answer(2, 1, json!("5")).await;
    assert_eq!(practice.check(2).await.body["outcome"], "right");
}

#[tokio::test]
async fn checking_leaves_an_event_and_nothing_else_and_ends_with_the_test() {
    let practice = Practice::begun(true).await;
    practice.answer(1, 1, json!(["a"])).await;
    let before = practice.browser.get(&practice.base).await.body;
    practice.check(1).await;
    practice.check(1).await;
    assert_eq!(practice.browser.get(&practice.base).await.body, before);
    let kinds = |kind: &'static str| {
        practice.test_app.write(move |tx| {
            let sql = "SELECT count(*) FROM event WHERE kind = $1 AND detail LIKE '%\"seq\":1%'";
            tx.integer(sql, &[storage::SqlValue::Text(kind)])
        })
    };
    assert_eq!(kinds("answer.checked").await, 2);
    practice.post("complete", &json!({ "clientToken": "c", "confirm": true })).await;
    assert_eq!(practice.check(1).await.code(), (409, "instance_complete"));
}

#[tokio::test]
async fn nobody_else_checks_and_not_more_than_thirty_a_minute() {
    let practice = Practice::begun(true).await;
    practice.answer(1, 1, json!(["a"])).await;
    let mut stranger = DeliveryClient::for_app(&practice.test_app);
    let path = format!("{}/slots/1/check", practice.base);
    assert_eq!(stranger.call("POST", &path, None).await.code(), (401, "unauthenticated"));
    stranger.token = Some("unknown".to_owned());
    assert_eq!(stranger.call("POST", &path, None).await.code(), (401, "unauthenticated"));
    for _ in 0..30 {
        assert_eq!(practice.check(1).await.status, 200);
    }
    let stopped = practice.check(1).await;
    assert_eq!(stopped.code(), (429, "too_many_checks"));
    assert_eq!(stopped.retry_after.as_deref(), Some("2"));
    practice.test_app.clock.pass_seconds(2);
    assert_eq!(practice.check(1).await.status, 200);
}
