//! The management API over the whole router, as a program with a key meets it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

extern crate assay_api as api;

mod documented_requests;
mod keys;
mod mails;
mod media;
mod questions;
mod releases;
mod request_probes;
mod statistics;
mod webhooks;

use axum::body::Body;
use axum::http::{Request, header};
use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::fixtures::DESK_SCREENING;
use testkit::{ManagementClient, TestApp, faults_of};
use tower::ServiceExt;

#[tokio::test]
async fn an_event_names_the_request_by_the_id_its_response_carries() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let body = json!({"name": "Another", "scopes": ["tasks:read"]}).to_string();
    let request = Request::post("/api/management/v1/keys")
        .header(header::AUTHORIZATION, format!("Bearer {}", program.secret))
        .header(header::CONTENT_TYPE, "application/json");
    let response =
        program.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    let reported = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let find = move |tx: &mut dyn storage::Transaction| {
        tx.integer(
            "SELECT count(*) FROM event WHERE request_id = $1",
            &[storage::SqlValue::Text(&reported)],
        )
    };
    assert_eq!(test_app.storage.read(find).await.unwrap(), 1);
}

#[tokio::test]
async fn every_operation_asks_for_a_key_and_its_scope() {
    let test_app = TestApp::empty().await;
    let mut program = ManagementClient::with(&test_app, &[Scope::EvidencesRead]).await;
    let operations = [
        ("GET", "/tests"),
        ("POST", "/tests"),
        ("POST", "/tests/check"),
        ("GET", "/tests/schema"),
        ("GET", "/tests/Te1"),
        ("DELETE", "/tests/Te1"),
        ("GET", "/questions"),
        ("POST", "/questions"),
        ("POST", "/questions/filter"),
        ("GET", "/questions/Qu1"),
        ("PATCH", "/questions/Qu1"),
        ("GET", "/questions/Qu1/document"),
        ("POST", "/questions/Qu1/approve"),
        ("GET", "/tasks"),
        ("POST", "/tasks"),
        ("GET", "/tasks/Tk1"),
        ("PATCH", "/tasks/Tk1"),
        ("GET", "/tasks/Tk1/retention"),
        ("PATCH", "/tasks/Tk1/retention"),
        ("GET", "/tasks/Tk1/statistics"),
        ("GET", "/tasks/Tk1/candidates"),
        ("POST", "/tasks/Tk1/candidates"),
        ("POST", "/tasks/Tk1/candidates/bulk"),
        ("POST", "/tasks/Tk1/candidates/invite"),
        ("GET", "/mails"),
        ("GET", "/mails/Ma1"),
        ("POST", "/mails/Ma1/send"),
        ("POST", "/mails/Ma1/cancel"),
        ("GET", "/tasks/Tk1/candidates/Ca1"),
        ("PATCH", "/tasks/Tk1/candidates/Ca1"),
        ("DELETE", "/tasks/Tk1/candidates/Ca1"),
        ("POST", "/tasks/Tk1/candidates/Ca1/renew-access"),
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", "/evaluations"),
        ("POST", "/tasks/Tk1/instances/Ti1/evaluations"),
        ("DELETE", "/tasks/Tk1/instances/Ti1/evaluations/1"),
        ("GET", "/tasks/Tk1/instances/Ti1"),
        ("POST", "/tasks/Tk1/instances/Ti1/ignore"),
        ("POST", "/tasks/Tk1/instances/Ti1/reacknowledge"),
        ("POST", "/tasks/Tk1/instances/Ti1/reinstate"),
        ("POST", "/tasks/Tk1/instances/Ti1/force-close"),
        ("POST", "/tasks/Tk1/instances/Ti1/extend"),
        ("POST", "/tasks/Tk1/instances/Ti1/rescore"),
        ("POST", "/tasks/Tk1/instances/Ti1/corrections"),
        ("POST", "/tasks/Tk1/steps/St1/extend"),
        ("POST", "/tasks/Tk1/steps/St1/corrections"),
        ("DELETE", "/corrections/Co1"),
        ("GET", "/keys"),
        ("POST", "/keys"),
        ("DELETE", "/keys/Ky1"),
        ("POST", "/keys/Ky1/rotate"),
        ("GET", "/webhooks"),
        ("POST", "/webhooks"),
        ("GET", "/webhooks/Wh1"),
        ("PATCH", "/webhooks/Wh1"),
        ("DELETE", "/webhooks/Wh1"),
        ("GET", "/webhooks/Wh1/secret"),
        ("POST", "/webhooks/Wh1/rotate"),
        ("GET", "/webhooks/Wh1/deliveries"),
        ("POST", "/webhooks/Wh1/deliveries/c_1/replay"),
        ("POST", "/webhooks/Wh1/replay"),
    ];
    for (method, path) in operations {
        let (status, body) = program.send(method, path, None, String::new()).await;
        assert_eq!(
            (status, body["code"].as_str()),
            (403, Some("insufficient_scope")),
            "{method} {path}"
        );
    }
    assert_eq!(program.get("/organization").await.0, 200);
    program.secret = "unknown".into();
    assert_eq!(program.get("/tests").await.0, 401);
}

#[tokio::test]
async fn faults_of_form_and_of_reference_are_told_together() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let (status, problem) =
        program.post("/tasks", &json!({"titel": "x", "steps": [{"test": "Te9"}]})).await;
    assert_eq!(status, 400);
    assert_eq!(
        faults_of(&problem),
        ["/titel unknown_key", "/steps/0/test unknown_reference", "/title required"]
    );
    let (status, problem) =
        program.send("POST", "/tests", Some("application/json"), "{\"assay\":1}".into()).await;
    assert_eq!((status, problem["errors"][0]["code"].as_str()), (400, Some("missing_field")));
    assert_eq!(program.send("POST", "/tests", Some("text/plain"), "x".into()).await.0, 415);
    assert_eq!(program.get("/tasks/Tk9").await.0, 404);
}

#[tokio::test]
async fn a_test_a_task_and_candidates_are_made_over_http() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let (_, test) = program
        .send("POST", "/tests?folder=Desk", Some("application/json"), DESK_SCREENING.into())
        .await;
    let (status, yaml) =
        program.get(&format!("/tests/{}?format=yaml", test["testId"].as_str().unwrap())).await;
    assert_eq!((status, yaml), (200, Value::Null), "YAML is not JSON");
    let step = json!({"test": test["testId"], "attemptLimit": -1});
    let (status, task) = program
        .post("/tasks", &json!({"title": "Walk", "stages": ["Offer"], "steps": [step]}))
        .await;
    assert_eq!(
        (status, task["steps"][0]["title"].as_str()),
        (200, Some("Desk screening")),
        "{task}"
    );
    let candidates = format!("/tasks/{}/candidates", task["taskId"].as_str().unwrap());

    let ada = json!({"kind": "temporary-candidate", "fullname": "Ada", "stage": "Offer", "timeFactor": 1.5});
    let (status, made) = program.post(&candidates, &ada).await;
    assert_eq!((status, made["timeFactor"].as_str()), (200, Some("1.5")), "{made}");
    let link = made["directAccessUrl"].as_str().unwrap();
    assert!(
        link.ends_with(&format!("/enter/{}", made["invitationCode"].as_str().unwrap())),
        "{link}"
    );

    let bulk = json!({"candidates": [ada, {"kind": "temporary-candidate", "email": "nobody"}]});
    let (status, problem) = program.post(&format!("{candidates}/bulk"), &bulk).await;
    assert_eq!(
        (status, faults_of(&problem)),
        (400, vec!["/candidates/1/email invalid_format".to_owned()])
    );
    assert_eq!(program.get(&candidates).await.1["pagination"]["totalItems"], 1);

    let path = format!("{candidates}/{}", made["candidateId"].as_str().unwrap());
    assert_eq!(program.send("DELETE", &path, None, String::new()).await, (200, json!({})));
    assert_eq!(program.get(&path).await.0, 404);
}

#[tokio::test]
async fn a_key_is_made_rotated_and_ended() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let (_, made) =
        program.post("/keys", &json!({"name": "Reader", "scopes": ["results:read"]})).await;
    let id = made["key"]["keyId"].as_str().unwrap();
    let (_, rotated) = program.post(&format!("/keys/{id}/rotate"), &json!({})).await;
    assert_ne!(made["secret"], rotated["secret"]);
    let reader = program.with_secret(rotated["secret"].as_str().unwrap());
    assert_eq!(reader.get("/organization").await.0, 200);
    assert_eq!(program.send("DELETE", &format!("/keys/{id}"), None, String::new()).await.0, 200);
    assert_eq!(reader.get("/organization").await.0, 401);
}

/// Finding security M8.
#[tokio::test]
async fn an_answer_before_the_body_was_read_says_that_the_connection_closes_m8() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::TasksRead]).await;
    let ask = async |method: &str, path: &str, key: Option<&str>, body: Body| {
        let mut request =
            Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        let response = program.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let closes =
            response.headers().get(header::CONNECTION).is_some_and(|value| value == "close");
        (response.status().as_u16(), closes)
    };
    let large = || Body::from(vec![b'x'; 3 << 20]);
    let own = Some(program.secret.as_str());
    // No key, no such path, no scope, no such method, another type, too large.
    assert_eq!(ask("POST", "/api/management/v1/tests", None, large()).await, (401, true));
    assert_eq!(ask("POST", "/nowhere", None, large()).await, (404, true));
    assert_eq!(ask("POST", "/api/management/v1/tests", own, large()).await, (403, true));
    assert_eq!(ask("PUT", "/api/management/v1/tests", own, large()).await, (405, true));
    assert_eq!(ask("POST", "/api/delivery/v1/enter", None, large()).await, (413, true));
    // A body that was read, and none at all, leave the connection open.
    assert!(!ask("POST", "/api/delivery/v1/enter", None, Body::from("{}")).await.1);
    assert_eq!(ask("GET", "/api/management/v1/tests", None, Body::empty()).await, (401, false));
}
