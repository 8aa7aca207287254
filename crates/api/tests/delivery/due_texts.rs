//! Texts of a test that are read at a certain moment: sent when it has come, never before.

use app::administration::Reinstatement;
use domain::id::InstanceId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::fixtures::CODE;
use testkit::{DeliveryClient, TestApp};

const CLOSING: &str = "Thank *you*.";

const PAPER: &str = r#"{"assay": 1, "key": "due", "title": "Due", "timeLimit": 600, "navigation": "linear",
    "instructions": "Read this first.", "closing": "Thank *you*.", "sections": [
    {"key": "s1", "title": "One", "intro": "Before one.", "pages": [
        {"key": "p1", "questions": [{"key": "q1", "kind": "input", "type": "area", "text": "First."}]},
        {"key": "p2", "questions": [{"key": "q2", "kind": "input", "type": "area", "text": "Second."}]}]},
    {"key": "s2", "title": "Two", "intro": "Before two.", "pages": [
        {"key": "p3", "questions": [{"key": "q3", "kind": "input", "type": "area", "text": "Third."}]}]},
    {"key": "s3", "title": "Three", "intro": "Before three.", "pages": [
        {"key": "p4", "questions": [{"key": "q4", "kind": "input", "type": "area", "text": "Fourth."}]}]}]}"#;

/// A candidate who has begun, and the base of what the candidate asks.
async fn begun(test_app: &TestApp) -> (DeliveryClient, String) {
    let browser = DeliveryClient::entered_with(test_app, CODE).await;
    let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
    assert!(!started.bytes.windows(5).any(|five| five == b"Thank"));
    let base = format!("/instances/{}", started.body["instanceId"].as_str().unwrap());
    (browser, base)
}

async fn intros(browser: &DeliveryClient, base: &str) -> Vec<String> {
    let outline = browser.get(&format!("{base}/test")).await.body["outline"].clone();
    assert_eq!(
        (&outline["closing"], &outline["instructions"]),
        (&json!(""), &json!("Read this first."))
    );
    let sections = outline["sections"].as_array().unwrap();
    let pages = browser.get(base).await.body["pages"].clone();
    for (number, section) in (1..).zip(sections) {
        let of_section =
            pages.as_array().unwrap().iter().filter(|page| page["sectionNo"] == number);
        let is_due =
            of_section.into_iter().any(|page| page["visited"] == true || page["canEnter"] == true);
        assert_eq!(section["intro"] != "", is_due, "{number}: {pages}");
    }
    sections.iter().map(|section| section["intro"].as_str().unwrap().to_owned()).collect()
}

async fn complete(browser: &DeliveryClient, base: &str) -> Value {
    let done = browser
        .post(&format!("{base}/complete"), &json!({ "clientToken": "c", "confirm": true }))
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    done.body
}

#[tokio::test]
async fn the_closing_text_comes_with_completing_and_with_the_ended_instance_and_with_nothing_before()
 {
    let test_app = TestApp::with(PAPER).await;
    let (browser, base) = begun(&test_app).await;
    for page in 1..=4 {
        let entered = browser.post(&format!("{base}/page"), &json!({ "page": page })).await;
        assert_eq!((entered.status, &entered.body["instance"]["closingText"]), (200, &Value::Null));
        for path in
            [base.clone(), format!("{base}/test"), format!("{base}/answers"), "/steps".to_owned()]
        {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.body.to_string().contains("Thank"), "{path}: {}", answer.body);
        }
        assert_eq!(browser.get(&base).await.body["closingText"], Value::Null);
        let opened = browser.post(&format!("{base}/open"), &json!({})).await;
        assert!(!opened.body.to_string().contains("Thank"), "{}", opened.body);
    }
    let early = browser.get(&format!("{base}/receipt")).await;
    assert_eq!(early.code(), (409, "instance_open"));
    assert_eq!(complete(&browser, &base).await["closingText"], CLOSING);
    assert_eq!(
        complete(&browser, &base).await["closingText"],
        CLOSING,
        "a repeated request gets it again"
    );
    let ended = browser.get(&base).await.body;
    assert_eq!((&ended["state"], &ended["closingText"]), (&json!("COMPLETE"), &json!(CLOSING)));
}

#[tokio::test]
async fn who_does_not_hand_in_in_time_gets_the_closing_text_with_the_ended_instance() {
    let test_app = TestApp::with(PAPER).await;
    let (browser, base) = begun(&test_app).await;
    test_app.clock.pass_seconds(603);
    let late = browser
        .post(&format!("{base}/complete"), &json!({ "clientToken": "c", "confirm": true }))
        .await;
    assert_eq!((late.status, &late.body["closingText"]), (409, &Value::Null), "{}", late.body);
    let ended = browser.get(&base).await.body;
    assert_eq!((&ended["closing"], &ended["closingText"]), (&json!("time-over"), &json!(CLOSING)));
}

#[tokio::test]
async fn an_instance_that_is_reinstated_has_no_closing_text_until_it_ends_again() {
    let test_app = TestApp::with(PAPER).await;
    let (browser, base) = begun(&test_app).await;
    browser.post(&format!("{base}/page"), &json!({ "page": 1 })).await;
    complete(&browser, &base).await;
    let operator = test_app.operator();
    let how = Reinstatement {
        client_token: "r".to_owned(),
        pages: None,
        start: None,
        time: BTreeMap::new(),
        reason: "power-cut".to_owned(),
    };
    let instance = InstanceId::from(base.trim_start_matches("/instances/"));
    test_app.app.instances().reinstate(&operator, &test_app.task, &instance, how).await.unwrap();
    assert_eq!(browser.get(&base).await.body["closingText"], Value::Null);
    let repeated = complete(&browser, &base).await;
    assert!(
        repeated["receipt"]["signature"].is_string() && repeated["closingText"].is_null(),
        "{repeated}"
    );
    browser.post(&format!("{base}/open"), &json!({})).await;
    let again = json!({ "clientToken": "c2", "confirm": true });
    let done = browser.post(&format!("{base}/complete"), &again).await;
    assert_eq!((done.status, &done.body["closingText"]), (200, &json!(CLOSING)), "{}", done.body);
}

#[tokio::test]
async fn the_words_before_a_section_are_sent_once_it_may_be_entered() {
    let test_app = TestApp::with(PAPER).await;
    let (browser, base) = begun(&test_app).await;
    let mut seen = vec![intros(&browser, &base).await];
    for page in 1..=4 {
        browser.post(&format!("{base}/page"), &json!({ "page": page })).await;
        seen.push(intros(&browser, &base).await);
    }
    let expected = [
        ["Before one.", "", ""],
        // The rest of the first section may be skipped, so the second may be entered.
        ["Before one.", "Before two.", ""],
        ["Before one.", "Before two.", ""],
        ["Before one.", "Before two.", "Before three."],
        ["Before one.", "Before two.", "Before three."],
    ];
    assert_eq!(seen, expected);
}
