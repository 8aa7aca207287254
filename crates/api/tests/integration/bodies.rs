//! Hostile bodies on every operation of every API: a clear 4xx with a stable code, never a 5xx, and
//! nothing is written.

use crate::case_fixture::CaseFixture;
use crate::document::{Operation, operations};
use domain::fault::ErrorCode;
use domain::instance::Scope;
use testkit::{TestRequest, TestResponse, V1};

const MANAGEMENT: &str = "/api/management/v1";
const DELIVERY: &str = "/api/delivery/v1";
const MEBIBYTE: usize = 1 << 20;

struct HostileBodyFixture {
    class: CaseFixture,
    /// A key with every scope there is.
    key: String,
    /// C1, whose I03 is open.
    session: String,
}

impl HostileBodyFixture {
    async fn new() -> Self {
        let class = CaseFixture::new().await;
        let key = class.server.new_key(&class.server.test_app.organization, Scope::ALL).await;
        let code = &class.candidates[&1].invitation_code;
        let sent = TestRequest::new("POST", format!("{DELIVERY}/enter"))
            .header("content-type", "application/json");
        let entered =
            class.server.send(sent.body(format!("{{\"invitationCode\":\"{code}\"}}"))).await;
        let session = entered.json()["token"].as_str().unwrap().to_owned();
        Self { class, key, session }
    }

    fn request_for(&self, operation: &Operation) -> TestRequest {
        let is_delivery = operation.path.starts_with(DELIVERY);
        let target = operation.target(|name| {
            let name = match name {
                "taskId" => "T1",
                "stepId" => return self.class.t1.steps[0].to_string(),
                "instanceId" if is_delivery => "I03",
                "id" if is_delivery => "I03",
                "instanceId" => "I02",
                "id" if operation.path.contains("instances") => "I02",
                "id" | "candidateId" if operation.path.contains("candidates") => "C3",
                "id" if operation.path.contains("/tasks/") => "T1",
                _ => return "nosuch".to_owned(),
            };
            self.class.value(name).to_owned()
        });
        TestRequest::new(&operation.method, target).bearer(if is_delivery {
            &self.session
        } else {
            &self.key
        })
    }

    async fn writing(&self) -> Vec<Operation> {
        let mut all = Vec::new();
        for prefix in [V1, DELIVERY] {
            all.extend(operations(&self.class.server, prefix).await);
        }
        all.extend(operations(&self.class.server, MANAGEMENT).await);
        // Files have limits and faults of their own (the tests of the delivery API).
        all.retain(|operation| !operation.takes_file);
        all
    }
}

fn json(sent: TestRequest, body: impl Into<Vec<u8>>) -> TestRequest {
    sent.header("content-type", "application/json").body(body)
}

/// Whether a code is one of the table, or of the same form for the APIs that have codes of their
/// own.
fn check_refusal(answer: &TestResponse, allowed: &[u16], label: &str) {
    let code = answer.code();
    assert!(allowed.contains(&answer.status), "{label}: {} {}", answer.status, answer.text());
    assert!(
        !code.is_empty()
            && code.bytes().all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte)),
        "{label}: {code}"
    );
    assert_eq!(answer.header("content-type"), "application/problem+json", "{label}");
    assert_eq!(answer.json()["status"], answer.status, "{label}");
    let entries = answer.json()["errors"].as_array().unwrap().len();
    assert_eq!(entries > 0, answer.status == 400, "{label}: {}", answer.text());
    assert!(entries <= 100, "{label}");
}

/// Bodies that are no object of any shape.
fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let texts = [
        ("nothing", ""),
        ("an open brace", "{"),
        ("a list", "[]"),
        ("a text", "\"x\""),
        ("null", "null"),
        ("two objects", "{}{}"),
        ("a comment", "{/**/}"),
        ("a trailing comma", "{\"a\":1,}"),
        ("no number", "{\"a\":NaN}"),
        ("a leading zero", "{\"a\":01}"),
        ("half a surrogate pair", "{\"a\":\"\\ud800\"}"),
        ("a control character", "{\"a\":\"\u{1}\"}"),
        ("a byte order mark", "\u{feff}{}"),
        ("single quotes", "{'a':1}"),
    ];
    let mut bodies: Vec<_> =
        texts.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect();
    bodies.push(("broken UTF-8", b"{\"a\":\"\xc3\x28\"}".to_vec()));
    bodies.push(("UTF-16", "{}".encode_utf16().flat_map(u16::to_le_bytes).collect()));
    bodies.push(("bytes", vec![0, 255, 254, 7]));
    bodies.push(("deep lists", b"{\"a\":".iter().copied().chain(vec![b'['; 100_000]).collect()));
    bodies.push(("deep objects", "{\"a\":".repeat(50_000).into_bytes()));
    bodies
}

/// Objects no operation takes: unknown, repeated and many keys, and numbers that no machine has.
fn wrong() -> Vec<(&'static str, Vec<u8>)> {
    let many: Vec<_> = (0..5000).map(|key| format!("\"k{key}\":0")).collect();
    vec![
        ("an unknown key", b"{\"nosuch\":1}".to_vec()),
        ("a repeated key", b"{\"nosuch\":1,\"nosuch\":1}".to_vec()),
        ("a huge number", b"{\"nosuch\":1e999999999}".to_vec()),
        ("a long number", format!("{{\"nosuch\":{}}}", "9".repeat(100_000)).into_bytes()),
        ("a zero byte", b"{\"nosuch\\u0000\":\"\\u0000\"}".to_vec()),
        ("many keys", format!("{{{}}}", many.join(",")).into_bytes()),
        ("a prototype", b"{\"__proto__\":{\"x\":1}}".to_vec()),
    ]
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused_as_malformed() {
    let door = HostileBodyFixture::new().await;
    let written = door.class.server.rows_written().await;
    for operation in door.writing().await.into_iter().filter(|operation| operation.takes_body) {
        for (name, body) in malformed() {
            let label = format!("{} {}, {name}", operation.method, operation.path);
            let answer = door.class.server.send(json(door.request_for(&operation), body)).await;
            check_refusal(&answer, &[400], &label);
            if operation.path.starts_with(V1) {
                assert_eq!(answer.code(), ErrorCode::MalformedJson.as_str(), "{label}");
            }
        }
        for (name, body) in wrong() {
            let label = format!("{} {}, {name}", operation.method, operation.path);
            check_refusal(
                &door.class.server.send(json(door.request_for(&operation), body)).await,
                &[400],
                &label,
            );
        }
    }
    assert_eq!(door.class.server.rows_written().await, written);
}

#[tokio::test]
async fn ten_mebibytes_are_too_large_for_every_operation() {
    let door = HostileBodyFixture::new().await;
    let written = door.class.server.rows_written().await;
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(10 * MEBIBYTE));
    for operation in door.writing().await {
        let label = format!("{} {}", operation.method, operation.path);
        let answer =
            door.class.server.send(json(door.request_for(&operation), large.as_str())).await;
        let (status, code) = if operation.takes_body {
            (413, ErrorCode::BodyTooLarge)
        } else {
            (400, ErrorCode::UnexpectedBody)
        };
        check_refusal(&answer, &[status], &label);
        assert_eq!(answer.code(), code.as_str(), "{label}");
    }
    assert_eq!(door.class.server.rows_written().await, written);
}

#[tokio::test]
async fn a_body_of_another_type_or_coding_is_unsupported() {
    let door = HostileBodyFixture::new().await;
    let written = door.class.server.rows_written().await;
    let types = [
        vec![],
        vec![("content-type", "text/plain")],
        vec![("content-type", "application/x-www-form-urlencoded")],
        vec![("content-type", "application/json; charset=utf-16")],
        vec![("content-type", "multipart/form-data; boundary=x")],
        vec![("content-type", "application/json"), ("content-encoding", "gzip")],
        vec![("content-type", "application/json"), ("content-encoding", "identity")],
        vec![("content-type", "application/json"), ("content-type", "application/json")],
        vec![("content-type", ";")],
    ];
    for operation in door.writing().await.into_iter().filter(|operation| operation.takes_body) {
        for headers in &types {
            let label = format!("{} {}, {headers:?}", operation.method, operation.path);
            let sent = headers.iter().fold(door.request_for(&operation), |sent, (name, value)| {
                sent.header(name, *value)
            });
            let answer = door.class.server.send(sent.body("{}")).await;
            check_refusal(&answer, &[415], &label);
            assert_eq!(answer.code(), ErrorCode::UnsupportedMediaType.as_str(), "{label}");
        }
    }
    assert_eq!(door.class.server.rows_written().await, written);
}

#[tokio::test]
async fn a_body_where_none_is_taken_is_unexpected() {
    let door = HostileBodyFixture::new().await;
    let written = door.class.server.rows_written().await;
    for operation in door.writing().await.into_iter().filter(|operation| !operation.takes_body) {
        for body in ["{}", " ", "\0"] {
            let label = format!("{} {}, {body:?}", operation.method, operation.path);
            let answer = door.class.server.send(json(door.request_for(&operation), body)).await;
            check_refusal(&answer, &[400], &label);
            assert_eq!(answer.code(), ErrorCode::UnexpectedBody.as_str(), "{label}");
        }
    }
    assert_eq!(door.class.server.rows_written().await, written);
}

#[tokio::test]
async fn a_query_that_no_operation_knows_is_refused_everywhere() {
    let door = HostileBodyFixture::new().await;
    let written = door.class.server.rows_written().await;
    for operation in door.writing().await {
        for (query, code) in
            [("nosuch=1", ErrorCode::UnknownParameter), ("nosuch=%ZZ", ErrorCode::MalformedQuery)]
        {
            let label = format!("{} {}?{query}", operation.method, operation.path);
            let sent = door.request_for(&operation);
            let sent = TestRequest { target: format!("{}?{query}", sent.target), ..sent };
            let sent = if operation.takes_body { json(sent, "{}") } else { sent };
            let answer = door.class.server.send(sent).await;
            check_refusal(&answer, &[400], &label);
            let body = answer.json();
            let reported = body["errors"]
                .as_array()
                .unwrap()
                .iter()
                .any(|entry| entry["code"] == code.as_str());
            assert!(reported, "{label}: {}", answer.text());
        }
    }
    assert_eq!(door.class.server.rows_written().await, written);
}
