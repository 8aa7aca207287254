//! The delivery API over the whole router, as a browser meets it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

extern crate assay_api as api;

mod batch_writes;
mod due_texts;
mod evidences;
mod files;
mod leaks;
mod limits;
mod links;
mod media;
mod practice;
mod recorded;
mod reported_answers;
mod results;
mod rubric;
mod understood_answers;
mod upload_fixture;

use serde_json::{Value, json};
use testkit::fixtures::CODE;
use testkit::{DeliveryClient, TestApp};

#[tokio::test]
async fn without_a_session_every_operation_but_entering_is_unauthenticated() {
    let test_app = TestApp::new().await;
    let mut browser = DeliveryClient::for_app(&test_app);
    let reads = [
        "/me",
        "/steps",
        "/instances/Ti1",
        "/instances/Ti1/test",
        "/instances/Ti1/answers",
        "/instances/Ti1/receipt",
        "/instances/Ti1/recorded",
    ];
    let writes = [
        "/leave",
        "/access-form",
        "/steps/St1/start",
        "/instances/Ti1/open",
        "/instances/Ti1/answers",
        "/instances/Ti1/page",
        "/instances/Ti1/complete",
    ];
    for token in [None, Some("unknown".to_owned())] {
        browser.token = token;
        for path in reads {
            assert_eq!(browser.get(path).await.code(), (401, "unauthenticated"), "{path}");
        }
    }
    browser.token = None;
    for path in writes {
        assert_eq!(browser.post(path, &json!({})).await.code(), (401, "unauthenticated"), "{path}");
    }
    assert_eq!(browser.get("/nothing").await.code(), (404, "unknown_route"));
    assert_eq!(browser.get("/tasks/Tk-none").await.code(), (404, "not_found"));
}

#[tokio::test]
async fn a_refused_entry_is_403_and_too_many_tell_when_to_come_back() {
    let test_app = TestApp::new().await;
    let browser = DeliveryClient::for_app(&test_app);
    assert_eq!(
        browser.post("/enter", &json!({ "code": CODE })).await.code(),
        (400, "validation_failed")
    );
    for _ in 0..10 {
        let refused = browser.post("/enter", &json!({ "invitationCode": "0000000000" })).await;
        assert_eq!(refused.code(), (403, "access_denied"));
    }
    // Credentials wait until the time is over; a code is judged all the same, one after another.
    let stopped = browser.post("/tasks/Tk1/enter", &json!({})).await;
    assert_eq!(
        (stopped.code(), stopped.retry_after.as_deref()),
        ((429, "too_many_tries"), Some("600"))
    );
    assert_eq!(browser.post("/enter", &json!({ "invitationCode": CODE })).await.status, 200);
}

#[tokio::test]
async fn all_faults_of_a_body_are_told_at_once() {
    let test_app = TestApp::new().await;
    let browser = DeliveryClient::entered(&test_app).await;
    let body = json!({ "writes": [{ "slot": 0, "seq": 1.5, "response": [] }, { "slot": 1, "seq": 1, "answer": "x" }] });
    let refused = browser.post("/instances/Ti1/answers", &body).await;
    assert_eq!(refused.status, 400);
    let pointers: Vec<_> = refused.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        pointers,
        ["/writes/0/slot", "/writes/0/seq", "/writes/1/answer", "/writes/1/response"]
    );
    let refused = browser.post("/steps/St1/start", &json!({ "clientToken": "a b" })).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn a_candidate_walks_through_the_whole_test() {
    let test_app = TestApp::new().await;
    let browser = DeliveryClient::entered(&test_app).await;
    let welcome = browser.get("/tasks/Tk1").await.body;
    assert_eq!(welcome["accessMethod"], "invitation-code");
    assert_eq!(browser.get("/me").await.body["candidateId"], "Ca1");
    let step = browser.get("/steps").await.body["steps"][0].clone();
    assert_eq!(
        (&step["stepId"], &step["isOpen"], &step["closedBecause"]),
        (&json!("St1"), &json!(true), &Value::Null)
    );

    let started = browser.post("/steps/St1/start", &json!({ "clientToken": "s" })).await.body;
    assert_eq!(started["opened"], "new");
    let base = format!("/instances/{}", started["instanceId"].as_str().unwrap());
    let state = browser.get(&base).await.body;
    assert_eq!((&state["state"], &state["currentPage"]), (&json!("STARTED"), &Value::Null));
    assert_eq!(
        state["clocks"],
        json!({ "testMillis": 1_800_000, "sectionMillis": null, "pageMillis": null })
    );

    let entered = browser.post(&format!("{base}/page"), &json!({ "page": 1 })).await.body;
    assert_eq!(entered["instance"]["currentPage"], 1);
    let test = browser.get(&format!("{base}/test")).await.body;
    assert_eq!(test["pages"].as_array().unwrap().len(), 1);
    assert!(!test.to_string().contains("percentage"), "{test}");

    let writes = json!({ "writes": [{ "slot": 1, "seq": 1, "response": ["b", "a"] }, { "slot": 2, "seq": 1, "response": 5 }] });
    let saved =
        browser.post(&format!("{base}/answers"), &writes).await.body["acknowledgements"].clone();
    assert_eq!((&saved[0]["outcome"], &saved[0]["n"]), (&json!("kept"), &json!(1)));
    assert_eq!(
        saved[1],
        json!({ "slot": 2, "seq": 1, "refused": { "code": "response_wrong_shape" } })
    );
    let stored = browser.get(&format!("{base}/answers")).await.body;
    assert_eq!(stored["answers"][0]["response"], json!(["a", "b"]));

    let early = browser.post(&format!("{base}/complete"), &json!({ "clientToken": "c" })).await;
    assert_eq!((early.code(), &early.body["slots"]), ((409, "confirmation_needed"), &json!([5])));
    let done = browser
        .post(&format!("{base}/complete"), &json!({ "clientToken": "c", "confirm": true }))
        .await;
    assert_eq!(done.status, 200);
    assert_eq!(browser.get(&format!("{base}/receipt")).await.body, done.body["receipt"]);
    assert_eq!(
        browser.post(&format!("{base}/page"), &json!({ "page": 1 })).await.code(),
        (409, "instance_complete")
    );
    assert_eq!(browser.post("/leave", &Value::Null).await.status, 400);
    assert_eq!(browser.call("POST", "/leave", None).await.status, 200);
    assert_eq!(browser.get("/me").await.code(), (401, "unauthenticated"));
}
