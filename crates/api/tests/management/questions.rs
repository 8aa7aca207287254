//! The question bank over HTTP, and how its questions are told apart in the answers of an instance.

use app::caller::CandidateSession;
use app::delivery::enter::ClientContext;
use app::delivery::session_hash;
use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::{ManagementClient, TestApp, faults_of};

fn question(key: &str, text: &str) -> Value {
    json!({"key": key, "kind": "input", "type": "area", "text": text, "tags": {"Level": "1"}})
}

async fn submit(program: &ManagementClient, query: &str, body: &Value) -> Value {
    let (status, reported) = program.post(&format!("/questions{query}"), body).await;
    assert_eq!(status, 200, "{reported}");
    reported["questions"].clone()
}

#[tokio::test]
async fn questions_are_submitted_approved_searched_changed_and_read_back() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::TestsWrite]).await;
    let stored =
        submit(&program, "?folder=Maths", &json!([question("a", "One?"), question("b", "Two?")]))
            .await;
    assert_eq!((&stored[0]["state"], &stored[1]["folder"]), (&json!("submitted"), &json!("Maths")));
    let path = format!("/questions/{}", stored[0]["questionId"].as_str().unwrap());
    let (status, approved) = program.post(&format!("{path}/approve"), &json!({})).await;
    assert_eq!((status, &approved["state"]), (200, &json!("approved")));
    let change = json!({"folder": "", "labels": {"add": ["easy"]}}).to_string();
    let (_, changed) = program.send("PATCH", &path, Some("application/json"), change).await;
    assert_eq!((&changed["folder"], &changed["labels"]), (&json!(""), &json!(["easy"])));
    assert_eq!(program.get(&path).await, (200, changed.clone()));

    let (_, listed) = program.get("/questions?limit=1").await;
    assert_eq!(listed["pagination"]["totalItems"], 2);
    assert_eq!(listed["questions"], json!([changed]));
    let search = json!({"labels": ["easy"], "tags": {"Level": "1"}, "state": "approved", "text": "one", "kind": "input"});
    let (_, found) = program.post("/questions/filter", &search).await;
    assert_eq!(found["questions"], json!([changed]));
    let (_, nothing) = program.post("/questions/filter", &json!({"folder": "None"})).await;
    assert_eq!(nothing["questions"], json!([]));

    let (status, document) = program.get(&format!("{path}/document")).await;
    assert_eq!((status, &document["text"]), (200, &json!("One?")));
    assert_eq!(submit(&program, "", &document).await[0]["isNewVersion"], false);
    assert_eq!(program.get(&format!("{path}/document?version=2")).await.0, 404);
    let (status, yaml) = program.get(&format!("{path}/document?format=yaml")).await;
    assert_eq!((status, yaml), (200, Value::Null), "YAML is not JSON");
}

#[tokio::test]
async fn a_faulty_question_a_wrong_change_and_an_unknown_id_are_told() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::TestsWrite]).await;
    let (status, problem) =
        program.post("/questions", &json!([question("a", "One?"), {"key": "b"}])).await;
    assert_eq!(
        (status, faults_of(&problem)),
        (400, ["/1 missing_field", "/1 missing_field"].map(str::to_owned).to_vec())
    );
    assert_eq!(program.post("/questions?approve=yes", &question("a", "One?")).await.0, 400);
    let wrong = json!({"folder": "a/b", "labels": {"add": ["x"]}, "archive": true}).to_string();
    let (status, problem) =
        program.send("PATCH", "/questions/Qu9", Some("application/json"), wrong).await;
    let reported =
        ["/folder invalid_format", "/labels/add/0 invalid_length", "/archive unknown_key"];
    assert_eq!((status, faults_of(&problem)), (400, reported.map(str::to_owned).to_vec()));
    for path in ["/questions/Qu9", "/questions/Qu9/document"] {
        assert_eq!(program.get(path).await.0, 404, "{path}");
    }
    assert_eq!(program.post("/questions/Qu9/approve", &json!({})).await.0, 404);
}

#[tokio::test]
async fn answers_to_a_question_of_the_bank_name_it() {
    let test_app = TestApp::empty().await;
    let program = ManagementClient::with(&test_app, &[Scope::Manage]).await;
    let stored = submit(&program, "?approve=true", &question("why", "Why?")).await;
    let bank = json!({"ref": {"questionId": stored[0]["questionId"]}});
    let page = json!({"key": "p", "questions": [question("own", "Who?"), bank]});
    let document = json!({"assay": 1, "key": "t", "title": "T", "sections": [{"key": "s", "title": "S", "pages": [page]}]});
    let (status, test) = program.post("/tests", &document).await;
    assert_eq!(status, 200, "{test}");
    let (_, task) = program
        .post("/tasks", &json!({"title": "Walk", "steps": [{"test": test["testId"]}]}))
        .await;
    let task_id = task["taskId"].as_str().unwrap();
    let ada = json!({"kind": "temporary-candidate"});
    let (_, made) = program.post(&format!("/tasks/{task_id}/candidates"), &ada).await;
    let knock = ClientContext { address: None, request: "Rq1".into() };
    let entered = test_app
        .app
        .delivery()
        .enter_by_code(&knock, made["invitationCode"].as_str().unwrap())
        .await
        .unwrap();
    let visitor = CandidateSession {
        token_hash: session_hash(&entered.token),
        address: None,
        request: "Rq1".into(),
    };
    let step = task["steps"][0]["id"].as_str().unwrap();
    let started = test_app.app.delivery().start(&visitor, &step.into(), "s").await.unwrap();

    let path = format!("/tasks/{task_id}/test-instances/{}/answers", started.instance_id);
    let (status, reported) = program.integration(&path).await;
    assert_eq!(status, 200, "{reported}");
    let references: Vec<_> =
        (0..2).map(|n| reported["answers"][n]["questionReference"].clone()).collect();
    assert_eq!(references[0]["kind"], "questionbox");
    let organization = test_app.organization.as_str();
    let expected = json!({"kind": "questionbank", "organizationId": organization, "questionId": stored[0]["questionId"]});
    assert_eq!(references[1], expected);
}
