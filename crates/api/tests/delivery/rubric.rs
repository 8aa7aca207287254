//! A question with guidance and a rubric: evaluators and programs see both, candidates neither, and
//! what was chosen is kept with the evaluation.

use axum::body::Body;
use axum::http::{Method, Request, header};
use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::fixtures::CODE;
use testkit::{DeliveryClient, TestApp};

const ESSAY: &str = r#"{"assay": 1, "key": "essay", "title": "Essay", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [
        {"key": "q1", "kind": "input", "type": "area", "text": "Write.", "points": 4,
            "guidance": "SECRET-GUIDANCE: look for **dates**.",
            "rubric": [
                {"key": "content", "title": "SECRET-CONTENT", "weight": 3, "levels": [
                    {"key": "good", "title": "SECRET-GOOD", "percentage": 100},
                    {"key": "poor", "title": "SECRET-POOR", "description": "SECRET-DESCRIBED", "percentage": 0}]},
                {"key": "style", "title": "SECRET-STYLE", "description": "SECRET-MEANT", "levels": [
                    {"key": "good", "title": "SECRET-FINE", "percentage": 100},
                    {"key": "poor", "title": "SECRET-ROUGH", "percentage": -20}]}]},
        {"key": "q2", "kind": "input", "type": "area", "text": "Write again."}]}]}]}"#;

/// A candidate who has handed in both texts, and a key that evaluates.
struct EssayFixture {
    browser: DeliveryClient,
    key: String,
    instance: String,
}

impl EssayFixture {
    async fn new(test_app: &TestApp) -> Self {
        let browser = DeliveryClient::entered_with(test_app, CODE).await;
        let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await.body;
        let instance = started["instanceId"].as_str().unwrap().to_owned();
        let key = test_app
            .create_key(&[
                Scope::Manage,
                Scope::ResultsRead,
                Scope::ResultsWrite,
                Scope::AnswersRead,
            ])
            .await;
        Self { browser, key, instance }
    }

    async fn hand_in(&self) {
        let at = |rest: &str| format!("/instances/{}{rest}", self.instance);
        self.browser.post(&at("/page"), &json!({ "page": 1 })).await;
        let writes = [1, 2].map(|slot| json!({ "slot": slot, "seq": 1, "response": "text" }));
        self.browser.post(&at("/answers"), &json!({ "writes": writes })).await;
        let done = json!({ "clientToken": "c", "confirm": true });
        assert_eq!(self.browser.post(&at("/complete"), &done).await.status, 200);
    }

    async fn managed(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/management/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .header(header::CONTENT_TYPE, "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let answer = self.browser.send(request.body(body).unwrap()).await;
        (answer.status, answer.body)
    }

    async fn evaluate(&self, token: &str, evaluation: Value) -> (u16, Value) {
        let path = format!("/tasks/Tk1/instances/{}/evaluations", self.instance);
        let body = json!({ "clientToken": token, "evaluations": [evaluation] });
        self.managed(Method::POST, &path, &body).await
    }
}

#[tokio::test]
async fn candidates_never_see_guidance_and_rubric() {
    let test_app = TestApp::with(ESSAY).await;
    let fixture = EssayFixture::new(&test_app).await;
    let at = |rest: &str| format!("/instances/{}{rest}", fixture.instance);
    let mut told = Vec::new();
    for path in ["/me", "/steps", &at(""), &at("/test"), &at("/answers")] {
        told.push(fixture.browser.get(path).await.body.to_string());
    }
    told.push(fixture.browser.post(&at("/page"), &json!({ "page": 1 })).await.body.to_string());
    told.push(fixture.browser.get(&at("/test")).await.body.to_string());
    fixture.hand_in().await;
    let levels = json!([
        { "criterion": "content", "level": "good" }, { "criterion": "style", "level": "poor" }
    ]);
    let given = json!({ "slot": 1, "seq": 1, "rubric": levels, "comment": "SECRET-COMMENT" });
    assert_eq!(fixture.evaluate("e", given).await.0, 200);
    for path in ["/me", "/steps", &at(""), &at("/test"), &at("/answers"), &at("/receipt")] {
        told.push(fixture.browser.get(path).await.body.to_string());
    }
    assert!(told.iter().any(|text| text.contains("Write again.")), "the test was read");
    for text in told {
        assert!(!text.contains("SECRET"), "{text}");
    }
}

#[tokio::test]
async fn what_does_not_fit_the_rubric_is_refused_with_its_slot_and_changes_nothing() {
    let test_app = TestApp::with(ESSAY).await;
    let fixture = EssayFixture::new(&test_app).await;
    fixture.hand_in().await;
    for (slot, rubric) in [
        (1, json!([{ "criterion": "content", "level": "good" }])),
        (
            1,
            json!([{ "criterion": "content", "level": "good" }, { "criterion": "form", "level": "good" }]),
        ),
        (
            1,
            json!([{ "criterion": "content", "level": "best" }, { "criterion": "style", "level": "good" }]),
        ),
        (1, json!([{ "weight": 1, "percentage": 50 }])),
        (2, json!([{ "criterion": "content", "level": "good" }])),
    ] {
        let (status, answer) =
            fixture.evaluate("e", json!({ "slot": slot, "seq": 1, "rubric": rubric })).await;
        assert_eq!((status, &answer["code"]), (409, &json!("rubric_mismatch")), "{answer}");
        assert_eq!(answer["slots"], json!([slot]));
    }
    let unfit = json!([{ "criterion": "a b", "level": "" }]);
    let (status, answer) =
        fixture.evaluate("e", json!({ "slot": 1, "seq": 1, "rubric": unfit })).await;
    assert_eq!((status, answer["errors"].as_array().unwrap().len()), (400, 2), "{answer}");
    let (_, waiting) = fixture.managed(Method::GET, "/evaluations", &Value::Null).await;
    assert_eq!(waiting["answers"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_chosen_and_said_is_kept_with_the_evaluation_until_it_is_erased() {
    let test_app = TestApp::with(ESSAY).await;
    let fixture = EssayFixture::new(&test_app).await;
    fixture.hand_in().await;
    let (_, waiting) = fixture.managed(Method::GET, "/evaluations", &Value::Null).await;
    let first = &waiting["answers"][0];
    assert_eq!(first["guidance"], "SECRET-GUIDANCE: look for **dates**.");
    assert_eq!(first["rubric"][0]["levels"][1]["description"], "SECRET-DESCRIBED");
    assert_eq!(first["rubric"][1]["weight"], 1);
    assert_eq!(waiting["answers"][1]["rubric"], json!([]));
    let rubric = json!([
        { "criterion": "style", "percentage": 40 }, { "criterion": "content", "level": "good" }
    ]);
    let given = json!({
        "slot": 1, "seq": 1, "rubric": rubric, "comment": "for staff", "feedback": "Well *done*"
    });
    assert_eq!(fixture.evaluate("e1", given).await.0, 200);
    let free = json!({ "slot": 2, "seq": 1, "rubric": [{ "weight": 1, "percentage": 50 }] });
    assert_eq!(fixture.evaluate("e2", free).await.0, 200);
    let path = format!("/tasks/Tk1/instances/{}", fixture.instance);
    let (_, detail) = fixture.managed(Method::GET, &path, &Value::Null).await;
    let evaluations = &detail["evaluations"];
    assert_eq!(
        evaluations[0]["rubric"],
        json!([
            { "criterion": "content", "level": "good", "weight": 3, "percentage": 100 },
            { "criterion": "style", "weight": 1, "percentage": 40 }
        ])
    );
    assert_eq!(evaluations[0]["given"]["percentage"], 85);
    assert_eq!(
        (&evaluations[0]["feedback"], &evaluations[0]["kind"]),
        (&json!("Well *done*"), &json!("rubric"))
    );
    assert_eq!(evaluations[1]["rubric"], json!([{ "weight": 1, "percentage": 50 }]));
    assert_eq!(evaluations[1]["feedback"], Value::Null);
    // Another way of giving replaces the lines.
    let plain = json!({ "slot": 1, "seq": 1, "percentage": 10 });
    assert_eq!(fixture.evaluate("e3", plain).await.0, 200);
    let (_, detail) = fixture.managed(Method::GET, &path, &Value::Null).await;
    assert_eq!(
        (&detail["evaluations"][0]["rubric"], &detail["evaluations"][0]["feedback"]),
        (&Value::Null, &Value::Null)
    );
}
