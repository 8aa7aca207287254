//! What integrators are told of an instance's answers (REST specification, 7.4), for every kind of
//! question.

use axum::body::Body;
use axum::http::{Request, header};
use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::fixtures::CODE;
use testkit::{DeliveryClient, TestApp};

const PAPER: &str = r#"{"assay": 1, "key": "kinds", "title": "Kinds", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [
        {"key": "q1", "kind": "multiplechoice", "text": "Two of them.", "minSelections": 2, "maxSelections": 3, "points": 2,
            "choices": [{"key": "a", "text": "A", "percentage": 50}, {"key": "b", "text": "B", "percentage": 50},
                {"key": "c", "text": "C", "percentage": -100}], "negativePoints": 0.5},
        {"key": "q2", "kind": "match", "text": "Match.", "points": 3, "negativePoints": 1,
            "options": [{"key": "o1", "text": "one"}, {"key": "o2", "text": "two"}],
            "items": [{"key": "i1", "text": "1", "blankPercentage": -10, "matches": [{"option": "o1", "percentage": 50}]},
                {"key": "i2", "text": "2", "matches": [{"option": "o2", "percentage": 50}]}]},
        {"key": "q3", "kind": "input", "type": "field", "text": "Say yes.", "rules": [{"rule": "equal", "value": "yes", "percentage": 100}]},
        {"key": "q4", "kind": "input", "type": "area", "text": "Write."},
        {"key": "q5", "kind": "input", "type": "rich", "text": "Write well."},
        {"key": "q6", "kind": "input", "type": "code", "text": "Program."},
        {"key": "q7", "kind": "input", "type": "numeric", "text": "How many?", "decimalSeparator": ",",
            "rules": [{"rule": "equal", "value": 2.5, "percentage": 33.3333}]},
        {"key": "q8", "kind": "input", "type": "tabular", "text": "Fill.", "effective": false, "required": true,
            "columns": [{"key": "x", "title": "X", "type": "field"}, {"key": "y", "title": "Y", "type": "numeric"}],
            "rows": [{"key": "r1", "title": "R1"}, {"key": "r2", "title": "R2"}]},
        {"key": "q9", "kind": "multiplechoice", "text": "Never answered.",
            "choices": [{"key": "a", "text": "A", "percentage": 100}, {"key": "b", "text": "B"}]}]}]}]}"#;

/// A candidate at the first page, and a program that reads answers.
struct ReportedAnswersFixture {
    browser: DeliveryClient,
    secret: String,
    instance: String,
}

impl ReportedAnswersFixture {
    async fn new(test_app: &TestApp) -> Self {
        let browser = DeliveryClient::entered_with(test_app, CODE).await;
        let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await.body;
        let instance = started["instanceId"].as_str().unwrap().to_owned();
        browser.post(&format!("/instances/{instance}/page"), &json!({ "page": 1 })).await;
        let secret = test_app.create_key(&[Scope::AnswersRead, Scope::ResultsRead]).await;
        Self { browser, secret, instance }
    }

    async fn write(&self, seq: u64, responses: &[(u32, Value)]) {
        let writes: Vec<_> = responses
            .iter()
            .map(|(slot, response)| json!({ "slot": slot, "seq": seq, "response": response }))
            .collect();
        let saved = self
            .browser
            .post(&format!("/instances/{}/answers", self.instance), &json!({ "writes": writes }))
            .await;
        for stored in saved.body["acknowledgements"].as_array().unwrap() {
            assert_eq!(stored["outcome"], "kept", "{stored}");
        }
    }

    /// The answer of each question, as text in its order.
    async fn reported_answers(&self) -> Vec<String> {
        self.read("/answers").await["answers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["question"]["answer"].to_string())
            .collect()
    }

    async fn read(&self, rest: &str) -> Value {
        let path =
            format!("/api/integration/rest/v1/tasks/Tk1/test-instances/{}{rest}", self.instance);
        let request =
            Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", self.secret));
        let answer = self.browser.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }
}

#[tokio::test]
async fn before_anything_is_answered_every_answer_is_null() {
    let test_app = TestApp::with(PAPER).await;
    let fixture = ReportedAnswersFixture::new(&test_app).await;
    assert_eq!(fixture.reported_answers().await, ["null"; 9]);
}

#[tokio::test]
async fn every_kind_of_answer_is_told_as_it_was_given_with_what_it_earned() {
    let test_app = TestApp::with(PAPER).await;
    let fixture = ReportedAnswersFixture::new(&test_app).await;
    let rich = "<p>Well <b>written</b><script>alert(1)</script></p><img src=x onerror=alert(1)>";
    let responses = [
        (1, json!(["c", "a"])),
        (2, json!({ "i2": "o2" })),
        (3, json!(" Yes ")),
        (4, json!("a\nb")),
        (5, json!(rich)),
        (6, json!("  fn main() {}")),
        (7, json!("2,50")),
        (8, json!({ "r1": { "y": "7" }, "r2": { "x": "a \"b\"" } })),
    ];
    fixture.write(1, &responses).await;
    fixture
        .browser
        .post(
            &format!("/instances/{}/complete", fixture.instance),
            &json!({ "clientToken": "c", "confirm": true }),
        )
        .await;
    let earned = |score: &str, points: &str| {
        format!(r#"{{"valid":true,"score":{score},"pointsAchieved":{points}"#)
    };
    let expected = [
        format!(r#"{},"choices":[{{"text":"A"}},{{"text":"C"}}]}}"#, earned("-0.5", "-0.25")),
        format!(r#"{},"matches":[{{"item":"2","option":"two"}}]}}"#, earned("0.4", "1.2")),
        format!(r#"{},"value":" Yes "}}"#, earned("1", "1")),
        format!(r#"{},"value":"a\nb"}}"#, earned("0", "0")),
        format!(r#"{},"value":"<p>Well <b>written</b></p>"}}"#, earned("0", "0")),
        format!(r#"{},"value":"  fn main() {{}}"}}"#, earned("0", "0")),
        format!(r#"{},"value":"2,50"}}"#, earned("0.333333", "0.333333")),
        format!(r#"{},"value":"[[\"\",\"7\"],[\"a \\\"b\\\"\",\"\"]]"}}"#, earned("0", "0")),
        "null".to_owned(),
    ];
    assert_eq!(fixture.reported_answers().await, expected);
    let entries = fixture.read("/answers?mode=detailed").await["answers"].clone();
    let entries = entries.as_array().unwrap();
    let kinds: Vec<_> =
        entries.iter().map(|entry| entry["question"]["type"].as_str().unwrap_or("-")).collect();
    assert_eq!(kinds, ["-", "-", "field", "area", "rich", "code", "numeric", "tabular", "-"]);
    let counted: Vec<_> = entries.iter().map(|entry| entry["effective"] == true).collect();
    assert_eq!(counted, [true, true, true, true, true, true, true, false, true]);
    assert_eq!((&entries[7]["required"], &entries[0]["required"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn an_answer_that_is_not_valid_is_told_and_earns_nothing_and_a_blank_match_may_cost() {
    let test_app = TestApp::with(PAPER).await;
    let fixture = ReportedAnswersFixture::new(&test_app).await;
    fixture.write(1, &[(1, json!(["a"])), (3, json!("no")), (7, json!("many"))]).await;
    let nothing = |valid: bool| format!(r#"{{"valid":{valid},"score":0,"pointsAchieved":0"#);
    let reported = fixture.reported_answers().await;
    assert_eq!(reported[0], format!(r#"{},"choices":[{{"text":"A"}}]}}"#, nothing(false)));
    assert_eq!(reported[1], "null", "a blank has earned nothing yet");
    assert_eq!(reported[2], format!(r#"{},"value":"no"}}"#, nothing(true)));
    assert_eq!(reported[6], format!(r#"{},"value":"many"}}"#, nothing(false)));
    // Cleared, it is blank again.
    fixture.write(2, &[(1, json!([])), (3, json!("  "))]).await;
    let reported = fixture.reported_answers().await;
    assert_eq!((reported[0].as_str(), reported[2].as_str()), ("null", "null"));
    fixture
        .browser
        .post(
            &format!("/instances/{}/complete", fixture.instance),
            &json!({ "clientToken": "c", "confirm": true }),
        )
        .await;
    assert_eq!(
        fixture.reported_answers().await[1],
        r#"{"valid":true,"score":-0.1,"pointsAchieved":-0.1,"matches":[]}"#
    );
    let total = fixture.read("").await["result"]["scoreboard"]["pointsAchieved"].clone();
    assert_eq!(total, json!(-0.1));
}

/// Finding security A11: a rich answer is cleaned once, when it is kept; what the candidate has,
/// what is digested and what integrators read is the same text.
#[tokio::test]
async fn a_rich_answer_is_kept_clean_and_its_receipt_is_of_what_is_kept_a11() {
    let test_app = TestApp::with(PAPER).await;
    let fixture = ReportedAnswersFixture::new(&test_app).await;
    let base = format!("/instances/{}", fixture.instance);
    for (seq, sent) in [
        (1, "<div>a</div><script>x</script><b onclick=y>b</b> &amp; c <a href=https://example.org>d</a>".to_owned()),
        (2, "<ul><li>".repeat(12_000)),
        (3, "<p><b>".repeat(16_000)),
        (4, "<table>".repeat(14_000)),
    ] {
        let writes = json!({ "writes": [{ "slot": 5, "seq": seq, "response": sent }] });
        let saved = fixture.browser.post(&format!("{base}/answers"), &writes).await.body["acknowledgements"][0].clone();
        assert_eq!(saved["outcome"], "kept", "{saved}");
        let again = fixture.browser.post(&format!("{base}/answers"), &writes).await.body["acknowledgements"][0].clone();
        assert_eq!((&again["outcome"], &again["digest"]), (&json!("repeated"), &saved["digest"]));
        let stored = fixture.browser.get(&format!("{base}/answers")).await.body["answers"][0]["response"].clone();
        assert_eq!(stored, json!(markup::rich_text::sanitize_rich_text(&sent)));
        assert_eq!(fixture.read("/answers").await["answers"][4]["question"]["answer"]["value"], stored);
    }
    let instance = domain::id::InstanceId::from(fixture.instance.as_str());
    let mut digest = domain::receipt::first(&instance);
    let read = move |tx: &mut dyn storage::Transaction| storage::answer::receipts(tx, &instance);
    for receipt in test_app.storage.read(read).await.unwrap() {
        let (n, seq) = (receipt.n.unsigned_abs(), receipt.seq.unsigned_abs());
        digest = domain::receipt::next(&digest, n, 5, seq, &receipt.response.unwrap());
        assert_eq!(Some(digest), receipt.digest, "receipt {n} is of what is kept");
    }
}

/// Finding security M3, over the wire.
#[tokio::test]
async fn the_closing_text_is_not_sent_before_the_test_is_handed_in_m3() {
    let paper = PAPER.replacen(
        r#""title": "Kinds""#,
        r#""title": "Kinds", "closing": "The code is 1234.""#,
        1,
    );
    let test_app = TestApp::with(&paper).await;
    let fixture = ReportedAnswersFixture::new(&test_app).await;
    let test = fixture.browser.get(&format!("/instances/{}/test", fixture.instance)).await.body;
    assert!(!test.to_string().contains("1234"), "{test}");
    assert_eq!(test["outline"]["closing"], "");
}
