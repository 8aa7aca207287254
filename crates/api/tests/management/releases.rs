//! What a step shares of its results, and staff who release and withdraw them.

use app::audit::{AuditSubject, ChainVerdict};
use domain::id::InstanceId;
use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::fixtures::DESK_SCREENING;
use testkit::{ManagementClient, TestApp, faults_of};

async fn program(test_app: &TestApp) -> ManagementClient {
    ManagementClient::with(test_app, &[Scope::Manage]).await
}

async fn change(program: &ManagementClient, step: Value) -> (u16, Value) {
    let body = json!({ "fields": {}, "steps": { "St1": step } }).to_string();
    program.send("PATCH", "/tasks/Tk1", Some("application/json"), body).await
}

#[tokio::test]
async fn a_step_without_an_end_cannot_share_when_it_has_closed() {
    let test_app = TestApp::new().await;
    let program = program(&test_app).await;
    let (status, problem) =
        change(&program, json!({ "sharing": "basic", "shareWhen": "closed" })).await;
    assert_eq!(status, 400);
    assert_eq!(faults_of(&problem), ["/steps/St1/shareWhen conflicting_values"]);
    let end = test_app.now().seconds() + 60;
    let (status, task) =
        change(&program, json!({ "shareWhen": "closed", "activeBefore": end })).await;
    assert_eq!((status, &task["steps"][0]["conduct"]["shareWhen"]), (200, &json!("closed")));
    let (status, problem) = change(&program, json!({ "activeBefore": null })).await;
    assert_eq!(status, 400);
    assert_eq!(faults_of(&problem), ["/steps/St1/shareWhen conflicting_values"]);
    let (_, task) = program.get("/tasks/Tk1").await;
    assert_eq!(task["steps"][0]["activeBefore"], json!(end), "a refused change changes nothing");
}

#[tokio::test]
async fn what_is_shared_is_made_read_and_changed_and_unknown_words_are_refused() {
    let test_app = TestApp::empty().await;
    let program = program(&test_app).await;
    let (_, test) =
        program.send("POST", "/tests", Some("application/json"), DESK_SCREENING.to_owned()).await;
    let step = json!({ "test": test["testId"], "review": "all", "shareWhen": "soon" });
    let (status, problem) =
        program.post("/tasks", &json!({ "title": "Intake", "steps": [step] })).await;
    assert_eq!(status, 400);
    let faults = faults_of(&problem);
    assert!(faults.iter().any(|fault| fault.starts_with("/steps/0/review ")), "{faults:?}");
    assert!(faults.iter().any(|fault| fault.starts_with("/steps/0/shareWhen ")), "{faults:?}");
    let step = json!({ "test": test["testId"], "review": "solutions", "shareWhen": "released" });
    let (status, task) = program
        .post("/tasks", &json!({ "title": "Intake", "steps": [step, { "test": test["testId"] }] }))
        .await;
    assert_eq!(status, 200, "{task}");
    let conduct = |index: usize| &task["steps"][index]["conduct"];
    assert_eq!(
        (&conduct(0)["review"], &conduct(0)["shareWhen"]),
        (&json!("solutions"), &json!("released"))
    );
    assert_eq!(
        (&conduct(1)["review"], &conduct(1)["shareWhen"]),
        (&json!("none"), &json!("settled"))
    );
    assert_eq!(conduct(1)["sharing"], "nothing");
}

#[tokio::test]
async fn results_are_released_and_withdrawn_with_the_right_to_and_leave_whole_chains() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let program = program(&test_app).await;
    let reader = ManagementClient::with(&test_app, &[Scope::ResultsRead, Scope::TasksWrite]).await;
    let of_step = |act: &str| format!("/tasks/Tk1/steps/St1/{act}-results");
    let of_instance = |act: &str| format!("/tasks/Tk1/instances/{instance}/{act}-result");
    let refused = program.post(&of_step("release"), &json!({})).await;
    assert_eq!((refused.0, &refused.1["code"]), (409, &json!("nothing_shared")));
    let refused = program.post(&of_instance("release"), &json!({})).await;
    assert_eq!((refused.0, &refused.1["code"]), (409, &json!("nothing_shared")));
    change(&program, json!({ "sharing": "basic", "shareWhen": "released" })).await;
    for path in
        [of_step("release"), of_step("withdraw"), of_instance("release"), of_instance("withdraw")]
    {
        assert_eq!(reader.post(&path, &json!({})).await.0, 403, "{path}");
    }
    let unknown = program.post("/tasks/Tk1/steps/St9/release-results", &json!({})).await;
    assert_eq!(unknown.0, 404);
    let now = test_app.now().seconds();
    let released = program.post(&of_step("release"), &json!({})).await;
    assert_eq!(released, (200, json!({ "releasedAt": now, "withdrawnAt": null })));
    test_app.clock.pass_seconds(9);
    assert_eq!(program.post(&of_step("release"), &json!({})).await, released, "a repeat");
    let withdrawn = program.post(&of_instance("withdraw"), &json!({})).await;
    assert_eq!(withdrawn, (200, json!({ "releasedAt": null, "withdrawnAt": now + 9 })));
    let (_, task) = program.get("/tasks/Tk1").await;
    assert_eq!(task["steps"][0]["release"]["releasedAt"], json!(now));
    let (_, detail) = program.get(&format!("/tasks/Tk1/instances/{instance}")).await;
    assert_eq!(detail["release"]["withdrawnAt"], json!(now + 9));
    assert_eq!(released_events(&test_app, &instance).await, (1, 1));
    for subject in [AuditSubject::Organization, AuditSubject::Instance(instance)] {
        let verified = test_app.app.audit().verify_events(&test_app.operator(), subject).await;
        assert!(matches!(verified, Ok(ChainVerdict::Whole { .. })), "{verified:?}");
    }
}

async fn released_events(test_app: &TestApp, instance: &InstanceId) -> (i64, i64) {
    let (organization, instance) =
        (format!("organization/{}", test_app.organization), format!("instance/{instance}"));
    test_app
        .write(move |tx| {
            let sql = "SELECT count(*) FROM event WHERE chain = $1 AND kind = $2";
            let count = |chain: &str, kind: &str, tx: &mut dyn storage::Transaction| {
                tx.integer(sql, &[storage::SqlValue::Text(chain), storage::SqlValue::Text(kind)])
            };
            Ok((
                count(&organization, "result.released", tx)?,
                count(&instance, "result.withdrawn", tx)?,
            ))
        })
        .await
}
