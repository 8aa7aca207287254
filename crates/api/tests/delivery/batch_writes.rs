//! Several writes in one request: what cannot be read or kept is refused alone (finding F2,
//! amendment A4).

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use testkit::{DeliveryClient, DeliveryReply, TestApp};

const PAPER: &str = r#"{"assay": 1, "key": "apart", "title": "Apart", "sections": [{"key": "s", "title": "S", "pages": [
    {"key": "p", "questions": [
        {"key": "a", "kind": "input", "type": "area", "text": "Write.", "maxLength": 20},
        {"key": "b", "kind": "input", "type": "field", "text": "Say."},
        {"key": "t", "kind": "input", "type": "tabular", "text": "Fill.",
            "columns": [{"key": "x", "title": "X", "type": "field"}], "rows": [{"key": "r", "title": "R"}]}]}]}]}"#;

struct BatchWriteFixture {
    browser: DeliveryClient,
    base: String,
    _hall: TestApp,
}

impl BatchWriteFixture {
    async fn new() -> Self {
        let test_app = TestApp::with(PAPER).await;
        let browser = DeliveryClient::entered(&test_app).await;
        let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await;
        let base = format!("/instances/{}", started.body["instanceId"].as_str().unwrap());
        assert_eq!(browser.post(&format!("{base}/page"), &json!({ "page": 1 })).await.status, 200);
        Self { browser, base, _hall: test_app }
    }

    /// Sends a body as it stands: half a surrogate pair has no place in a Rust string.
    async fn send(&self, path: &str, body: &str) -> DeliveryReply {
        let request = Request::post(format!("/api/delivery/v1{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::AUTHORIZATION,
                format!("Bearer {}", self.browser.token.as_deref().unwrap()),
            );
        self.browser.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn stored_answers(&self) -> Value {
        let answers =
            self.browser.get(&format!("{}/answers", self.base)).await.body["answers"].clone();
        let pair = |answer: &Value| (answer["slot"].to_string(), answer["response"].clone());
        answers.as_array().unwrap().iter().map(pair).collect::<serde_json::Map<_, _>>().into()
    }
}

fn codes(answer: &DeliveryReply) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let reported = answer.body["acknowledgements"].as_array().unwrap();
    reported
        .iter()
        .map(|reported| {
            reported["refused"]["code"].as_str().or(reported["outcome"].as_str()).unwrap()
        })
        .collect()
}

/// What may be wrong with one write, and what is said of it.
fn malformed_writes() -> Vec<(String, &'static str)> {
    let nested = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let cases = [
        (r#"{"slot": 1, "seq": 1, "response": "123456789012345678901"}"#, "response_too_long"),
        (r#"{"slot": 1, "seq": 1, "response": {"a": "b"}}"#, "response_wrong_shape"),
        (r#"{"slot": 1, "seq": 1, "response": null}"#, "response_wrong_shape"),
        (r#"{"slot": 999, "seq": 1, "response": "x"}"#, "not_found"),
        (r#"{"slot": 0, "seq": 1, "response": "x"}"#, "malformed_write"),
        (r#"{"slot": "1", "seq": 1, "response": "x"}"#, "malformed_write"),
        (r#"{"slot": 1, "seq": 1.5, "response": "x"}"#, "malformed_write"),
        (r#"{"slot": 1, "seq": 99999999999999999999, "response": "x"}"#, "malformed_write"),
        (r#"{"slot": 1, "seq": 1}"#, "malformed_write"),
        (r#"{"slot": 1, "seq": 1, "response": "x", "more": 1}"#, "malformed_write"),
        (r#"{"slot": 1, "slot": 1, "seq": 1, "response": "x"}"#, "malformed_write"),
        ("\"no write\"", "malformed_write"),
        ("null", "malformed_write"),
        ("[]", "malformed_write"),
    ];
    let deep = [
        (format!(r#"{{"slot": 1, "seq": 1, "response": {nested}}}"#), "response_wrong_shape"),
        (
            format!(r#"{{"slot": 3, "seq": 1, "response": {{"r": {{"x": {nested}}}}}}}"#),
            "response_wrong_shape",
        ),
        (format!(r#"{{"slot": 1, "seq": {nested}, "response": "x"}}"#), "malformed_write"),
        (nested, "malformed_write"),
    ];
    cases.into_iter().map(|(write, code)| (write.to_owned(), code)).chain(deep).collect()
}

#[tokio::test]
async fn a_write_that_cannot_be_read_is_refused_alone_f2() {
    for (write, code) in malformed_writes() {
        let sitter = BatchWriteFixture::new().await;
        let good = [
            r#"{"slot": 2, "seq": 1, "response": "before"}"#,
            r#"{"slot": 2, "seq": 2, "response": "after"}"#,
        ];
        let body = format!(r#"{{"writes": [{}, {write}, {}]}}"#, good[0], good[1]);
        let saved = sitter.send("/answers", &body).await;
        let short: String = write.chars().take(80).collect();
        assert_eq!(codes(&saved), ["kept", code, "kept"], "{short}");
        assert_eq!(sitter.stored_answers().await, json!({ "2": "after" }), "{short}");
    }
}

#[tokio::test]
async fn a_refused_write_names_its_faults_and_as_much_of_itself_as_can_be_read_f2() {
    let sitter = BatchWriteFixture::new().await;
    let body = r#"{"writes": [{"slot": 1, "seq": "two", "more": 1}, {"slot": 2, "seq": 1, "response": "x"}]}"#;
    let reported = sitter.send("/answers", body).await.body["acknowledgements"][0].clone();
    assert_eq!((&reported["slot"], &reported["seq"]), (&json!(1), &Value::Null));
    let errors = reported["refused"]["errors"].as_array().unwrap();
    let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/writes/0/seq", "/writes/0/more", "/writes/0/response"]);
}

#[tokio::test]
async fn half_a_surrogate_pair_is_kept_as_the_replacement_character_a4() {
    let sitter = BatchWriteFixture::new().await;
    let body = r#"{"writes": [{"slot": 1, "seq": 1, "response": "half \ud83d"}, {"slot": 2, "seq": 1, "response": "\udc00!"},
        {"slot": 3, "seq": 1, "response": {"r": {"x": "\ud83d\ud83d\ude00"}}}]}"#;
    assert_eq!(codes(&sitter.send("/answers", body).await), ["kept"; 3]);
    let stored = json!({ "1": "half \u{fffd}", "2": "\u{fffd}!", "3": { "r": { "x": "\u{fffd}\u{1f600}" } } });
    assert_eq!(sitter.stored_answers().await, stored);
    // The same again is the same, also when it comes as what was read.
    assert_eq!(codes(&sitter.send("/answers", body).await), ["repeated"; 3]);
    let read =
        json!({ "writes": [{ "slot": 1, "seq": 1, "response": "half \u{fffd}" }] }).to_string();
    assert_eq!(codes(&sitter.send("/answers", &read).await), ["repeated"]);
}

#[tokio::test]
async fn writes_that_ride_with_a_page_or_with_handing_in_are_judged_each_by_itself_f2() {
    let sitter = BatchWriteFixture::new().await;
    let writes = |seq: u32| {
        format!(r#"[{{"slot": 1, "seq": {seq}}}, {{"slot": 2, "seq": {seq}, "response": "kept"}}]"#)
    };
    let entered = sitter.send("/page", &format!(r#"{{"page": 1, "writes": {}}}"#, writes(1))).await;
    assert_eq!(codes(&entered), ["malformed_write", "kept"]);
    let none = sitter
        .send("/complete", r#"{"clientToken": "c", "writes": [{"slot": 1, "seq": 2}]}"#)
        .await;
    assert_eq!(none.status, 400, "nothing of it can be read: {}", none.body);
    let body = format!(r#"{{"clientToken": "c", "confirm": true, "writes": {}}}"#, writes(2));
    assert_eq!(codes(&sitter.send("/complete", &body).await), ["malformed_write", "kept"]);
    assert_eq!(codes(&sitter.send("/complete", &body).await), [""; 0], "a repeated request");
}

#[tokio::test]
async fn a_request_of_which_nothing_can_be_read_is_refused_as_a_whole() {
    let sitter = BatchWriteFixture::new().await;
    for body in [
        "{",
        "[]",
        r#"{"writes": {}}"#,
        r#"{"writes": []}"#,
        r#"{"writes": [1, null]}"#,
        "{\"writes\": [\"\\u00\"]}",
    ] {
        assert_eq!(sitter.send("/answers", body).await.status, 400, "{body}");
    }
}
