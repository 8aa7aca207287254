//! The worked scoring example of the domain rules (2.10), through all three APIs: staff import the
//! test, candidates sit it, staff evaluate and correct, and the integration API lists every figure
//! to the last digit.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic anywhere")]

extern crate assay_api as api;

mod figures;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use domain::instance::Scope;
use figures::{A1, A2, A3, A4, B1, ExpectedColumn};
use serde_json::{Value, json};
use testkit::TestApp;
use testkit::fixtures::DESK_SCREENING;
use tower::ServiceExt as _;

const DETAILED_A2: &str = r#"{"completedAt":1767225600,"scoreboard":{"pointsAchieved":3.550002,"maxAchievablePoints":10.5,"achievementRatio":0.338095,"noOfQuestions":4},"sections":[{"uuid":"2e1643c0-5242-559a-af29-f0260c2d8e42","scoreboard":{"pointsAchieved":1.050002,"maxAchievablePoints":6.5,"achievementRatio":0.161539,"noOfQuestions":3}},{"uuid":"21c5c73b-e90d-5bfc-95bd-d5f2f42209fd","scoreboard":{"pointsAchieved":2.5,"maxAchievablePoints":4,"achievementRatio":0.625,"noOfQuestions":1}}],"dimensions":[{"name":"Numeracy","scoreboard":{"pointsAchieved":0.933334,"maxAchievablePoints":7,"achievementRatio":0.133333,"noOfQuestions":3},"subDimensions":[{"name":"Arithmetic","scoreboard":{"pointsAchieved":-0.1,"maxAchievablePoints":4,"achievementRatio":-0.025,"noOfQuestions":2}},{"name":"Percentages","scoreboard":{"pointsAchieved":1.033334,"maxAchievablePoints":3,"achievementRatio":0.344445,"noOfQuestions":2}}]},{"name":"Language","scoreboard":{"pointsAchieved":1.875,"maxAchievablePoints":3,"achievementRatio":0.625,"noOfQuestions":1},"subDimensions":[{"name":"Writing","scoreboard":{"pointsAchieved":1.25,"maxAchievablePoints":2,"achievementRatio":0.625,"noOfQuestions":1}}]}],"effects":[{"name":"Style","score":2.25,"subEffects":[{"name":"Careful","score":0},{"name":"Quick","score":2}]},{"name":"Drive","score":1.5,"subEffects":[]}]}"#;

/// A server with the test in a task.
struct WorkedExampleServer {
    test_app: TestApp,
    router: axum::Router,
    key: String,
    task: String,
}

/// One candidate's instance and the session it is worked on in.
struct ExampleAttempt {
    token: String,
    instance: String,
}

impl WorkedExampleServer {
    async fn new() -> Self {
        let test_app = TestApp::empty().await;
        let settings = api::state::HttpSettings { quota: None, ..Default::default() };
        let router = api::server::router(&test_app.app, &settings).unwrap();
        let key = test_app.create_key(&[Scope::Manage]).await;
        let mut server = Self { test_app, router, key, task: String::new() };
        let test = server.manage("POST", "/tests", DESK_SCREENING).await["testId"]
            .as_str()
            .unwrap()
            .to_owned();
        let task =
            json!({ "title": "Screening", "steps": [{ "test": test, "title": "Desk screening" }] });
        server.task = text(&server.manage("POST", "/tasks", &task.to_string()).await["taskId"]);
        server
    }

    async fn send(&self, method: &str, path: &str, token: &str, body: &str) -> String {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 22).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(status, 200, "{method} {path}: {text}");
        text
    }

    async fn manage(&self, method: &str, path: &str, body: &str) -> Value {
        value(&self.send(method, &format!("/api/management/v1{path}"), &self.key, body).await)
    }

    async fn sit(&self, method: &str, path: &str, token: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        value(&self.send(method, &format!("/api/delivery/v1{path}"), token, &body).await)
    }

    /// The one row of the list, as text.
    async fn listed(&self, mode: &str) -> String {
        let path =
            format!("/api/integration/rest/v1/tasks/{}/test-instances?mode={mode}", self.task);
        self.send("GET", &path, &self.key, "").await
    }

    async fn start(&self) -> ExampleAttempt {
        let candidate = json!({ "kind": "temporary-candidate", "fullname": "Ada Example" });
        let path = format!("/tasks/{}/candidates", self.task);
        let code =
            self.manage("POST", &path, &candidate.to_string()).await["invitationCode"].clone();
        let token = text(
            &self.sit("POST", "/enter", "", &json!({ "invitationCode": code })).await["token"],
        );
        let step =
            text(&self.sit("GET", "/steps", &token, &Value::Null).await["steps"][0]["stepId"]);
        let path = format!("/steps/{step}/start");
        let started = self.sit("POST", &path, &token, &json!({ "clientToken": "start" })).await;
        ExampleAttempt { token, instance: text(&started["instanceId"]) }
    }

    /// Goes through the pages and answers; `None` leaves a slot blank.
    async fn answer(&self, sitting: &ExampleAttempt, responses: [Option<Value>; 5]) {
        let slots_of_pages = [&[1, 2][..], &[3], &[4, 5]];
        for (page, slots) in (1..).zip(slots_of_pages) {
            let path = format!("/instances/{}/page", sitting.instance);
            self.sit("POST", &path, &sitting.token, &json!({ "page": page })).await;
            for slot in slots {
                let Some(response) = &responses[slot - 1] else { continue };
                let path = format!("/instances/{}/answers", sitting.instance);
                let body = json!({ "writes": [{ "slot": slot, "seq": 1, "response": response }] });
                let stored = self.sit("POST", &path, &sitting.token, &body).await;
                assert_eq!(stored["acknowledgements"][0]["outcome"], "kept", "{stored}");
            }
        }
    }

    async fn complete(&self, sitting: &ExampleAttempt) {
        let path = format!("/instances/{}/complete", sitting.instance);
        let body = json!({ "clientToken": "complete", "confirm": true });
        self.sit("POST", &path, &sitting.token, &body).await;
    }

    async fn evaluate(&self, sitting: &ExampleAttempt, evaluation: Value) {
        let path = format!("/tasks/{}/instances/{}/evaluations", self.task, sitting.instance);
        let token = format!("evaluate-{}", evaluation["slot"]);
        let body = json!({ "clientToken": token, "evaluations": [evaluation] });
        self.manage("POST", &path, &body.to_string()).await;
    }

    /// Compares both modes of the list, and the fetch, with a column of the table.
    async fn shows(&self, sitting: &ExampleAttempt, column: &ExpectedColumn) {
        let detailed = self.listed("detailed").await;
        let rows = value(&detailed);
        let row = &rows["testInstances"][0];
        assert_eq!(row["testInstanceId"], sitting.instance.as_str());
        assert_eq!(row["status"], "COMPLETE");
        assert_eq!(figures::of(&row["result"]), column.figures(), "{}", column.name);
        assert_eq!(row["result"]["completedAt"], column.completed_at, "{}", column.name);
        let basic = value(&self.listed("basic").await);
        let expected = figures::basic(&row["result"]);
        assert_eq!(
            basic["testInstances"][0]["result"], expected,
            "{}: basic is a projection of detailed",
            column.name
        );
        let path = format!(
            "/api/integration/rest/v1/tasks/{}/test-instances/{}?mode=detailed",
            self.task, sitting.instance
        );
        let fetched = self.send("GET", &path, &self.key, "").await;
        assert!(
            detailed.contains(&fetched),
            "{}: the fetch has the bytes of the list",
            column.name
        );
        let detail = self
            .manage("GET", &format!("/tasks/{}/instances/{}", self.task, sitting.instance), "")
            .await;
        let version = detail["versions"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&version["waiting"], &version["passed"], &version["level"]),
            (&json!(column.waiting), &json!(column.passed), &json!(column.level)),
            "{}",
            column.name
        );
    }
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn candidate_a_is_listed_with_the_figures_of_every_version() {
    let server = WorkedExampleServer::new().await;
    let sitting = server.start().await;
    let essay = json!("I send it now because the figures were checked yesterday.");
    let responses = [
        Some(json!(["a", "d"])),
        Some(json!("12.1")),
        Some(json!({ "i1": "o1", "i2": "o4" })),
        Some(json!(["b"])),
    ];
    let [q1, q2, q3, q4] = responses;
    server.answer(&sitting, [q1, q2, q3, q4, Some(essay)]).await;
    server.complete(&sitting).await;
    server.shows(&sitting, &A1).await;

    server.evaluate(&sitting, json!({ "slot": 5, "seq": 1, "percentage": 62.5 })).await;
    server.shows(&sitting, &A2).await;
    assert!(server.listed("detailed").await.contains(DETAILED_A2));
    assert!(server.listed("basic").await.contains(
        r#""result":{"completedAt":1767225600,"scoreboard":{"pointsAchieved":3.550002,"maxAchievablePoints":10.5,"achievementRatio":0.338095}}"#
    ));

    server.evaluate(&sitting, json!({ "slot": 3, "seq": 1, "points": 1 })).await;
    server.shows(&sitting, &A3).await;

    let path = format!("/tasks/{}/instances/{}/corrections", server.task, sitting.instance);
    let correction =
        json!({ "correction": { "question": "q1", "change": "ignore" }, "reason": "ambiguous" });
    server.manage("POST", &path, &correction.to_string()).await;
    server.shows(&sitting, &A4).await;
}

#[tokio::test]
async fn candidate_b_is_completed_by_the_deadline_with_the_figures_of_the_table() {
    let server = WorkedExampleServer::new().await;
    let sitting = server.start().await;
    let matches = json!({ "i1": "o1", "i2": "o2", "i3": "o3" });
    server
        .answer(&sitting, [None, Some(json!("9.99")), Some(matches), Some(json!(["a"])), None])
        .await;
    server.test_app.clock.pass_seconds(3600);
    server.test_app.app.delivery().sweep_deadlines().await.unwrap();
    server.shows(&sitting, &B1).await;
}
