//! Webhooks as a program with a key keeps them.

use domain::instance::Scope;
use serde_json::json;
use testkit::{ManagementClient, TestApp, faults_of};

#[tokio::test]
async fn every_fault_of_a_webhook_is_told_at_its_place() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let wrong = json!({"url": "ftp://a", "events": ["test-instance.started"], "resource": "all", "colour": 1});
    let (status, problem) = program.post("/webhooks", &wrong).await;
    assert_eq!(status, 400);
    let reported = [
        "/url invalid_format",
        "/events/0 invalid_enum",
        "/resource invalid_enum",
        "/colour unknown_key",
    ];
    assert_eq!(faults_of(&problem), reported);
    // Plain addresses are the operator's decision.
    let plain = json!({"url": "http://example.org", "events": ["test-instance.completed"]});
    let (status, problem) = program.post("/webhooks", &plain).await;
    assert_eq!((status, faults_of(&problem)), (400, vec!["/url invalid_format".to_owned()]));
    let (status, problem) =
        program.get("/webhooks/callback/deliveries?limit=101&state=lost&since=-1&before=c_1").await;
    assert_eq!((status, problem["errors"].as_array().unwrap().len()), (400, 3), "{problem}");
}

#[tokio::test]
async fn a_webhook_is_made_changed_rotated_and_deleted() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let new = json!({"url": "https://example.org/hook", "events": ["test-instance.rescored", "test-instance.completed"],
        "resource": "detailed", "description": "crm"});
    let (status, made) = program.post("/webhooks", &new).await;
    assert_eq!(status, 200, "{made}");
    let id = made["webhook"]["webhookId"].as_str().unwrap().to_owned();
    let events = json!(["test-instance.completed", "test-instance.rescored"]);
    assert_eq!((&made["webhook"]["events"], &made["webhook"]["active"]), (&events, &json!(true)));
    let (_, secret) = program.get(&format!("/webhooks/{id}/secret")).await;
    assert_eq!(secret["secret"], made["secret"]);
    let (_, rotated) = program.post(&format!("/webhooks/{id}/rotate"), &json!({})).await;
    assert_ne!(rotated["secret"], made["secret"]);
    let change = json!({"active": false, "events": ["test-instance.ignored"]}).to_string();
    let (_, changed) =
        program.send("PATCH", &format!("/webhooks/{id}"), Some("application/json"), change).await;
    assert_eq!(
        (&changed["active"], &changed["events"]),
        (&json!(false), &json!(["test-instance.ignored"]))
    );
    assert_eq!(program.get("/webhooks").await.1["webhooks"], json!([changed]));
    assert_eq!(
        program.send("DELETE", &format!("/webhooks/{id}"), None, String::new()).await.0,
        200
    );
    assert_eq!(program.get(&format!("/webhooks/{id}")).await.0, 404);
}

#[tokio::test]
async fn the_log_of_candidates_callbacks_is_found_under_its_own_id() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let (status, log) =
        program.get("/webhooks/callback/deliveries?state=failed&since=0&until=5&limit=1").await;
    assert_eq!((status, log), (200, json!({"deliveries": [], "hasMore": false})));
    let (status, replayed) =
        program.post("/webhooks/callback/replay", &json!({"since": 0, "state": "failed"})).await;
    assert_eq!((status, replayed), (200, json!({"replayed": 0})));
    let (_, secret) = program.get("/webhooks/callback/secret").await;
    assert!(secret["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(program.post("/webhooks/callback/deliveries/c_1/replay", &json!({})).await.0, 404);
    assert_eq!(program.get("/webhooks/Wh-none/deliveries").await.0, 404);
}
