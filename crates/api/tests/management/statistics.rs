//! Statistics of a task over HTTP: the figures of two results computed by hand.

use domain::instance::Scope;
use serde_json::{Value, json};
use testkit::fixtures::SMALL;
use testkit::{ManagementClient, TestApp, write};

/// Two attempts: all three points, and one.
async fn test_app() -> TestApp {
    let test_app = TestApp::with(SMALL).await;
    test_app.sql("UPDATE step SET attempt_limit = -1").await;
    for (token, responses) in [
        ("all", &[(1, r#"["a"]"#), (2, r#"["a"]"#), (3, r#""4""#)][..]),
        ("one", &[(1, r#"["a"]"#)]),
    ] {
        let visitor = test_app.enter().await;
        let instance = test_app.start(&visitor, token).await.unwrap();
        for page in 1..=2 {
            test_app.go(&visitor, &instance, page).await.unwrap();
        }
        for (slot, response) in responses {
            test_app.answer(&visitor, &instance, write(*slot, 1, response)).await;
        }
        test_app.complete(&visitor, &instance, token).await.unwrap();
    }
    test_app
}

async fn program(test_app: &TestApp, scope: Scope) -> ManagementClient {
    ManagementClient::with(test_app, &[scope]).await
}

#[tokio::test]
async fn a_reader_of_results_is_sent_the_figures_of_a_step() {
    let test_app = test_app().await;
    let reader = program(&test_app, Scope::ResultsRead).await;
    let (status, body) =
        reader.get(&format!("/tasks/{}/statistics?stepId={}", test_app.task, test_app.step)).await;
    assert_eq!(
        (status, &body["state"], &body["progress"]),
        (200, &json!("ready"), &Value::Null),
        "{body}"
    );
    let summary = &body["results"]["summary"];
    let mean_of_all = json!(0.666_667);
    assert_eq!(
        (&summary["count"], &summary["mean"], &summary["minimum"]),
        (&json!(2), &mean_of_all, &json!(0.333_333))
    );
    assert_eq!(body["results"]["percentiles"][4], json!({"percent": 50, "ratio": 0.666_667}));
    let inside = &body["inside"];
    assert_eq!(
        (&inside["sampled"], &inside["passed"]),
        (&json!(false), &json!({"passed": 1, "of": 2}))
    );
    // Two results are too few for a reliability.
    assert_eq!(
        inside["reliability"],
        json!({"alpha": null, "standardError": null, "reason": "few-results"})
    );
    let question = &inside["questions"][1];
    assert_eq!(
        (&question["key"], &question["difficulty"], &question["unanswered"]),
        (&json!("q2"), &json!(0.5), &json!(0.5))
    );
    let taken = json!({"key": "a", "text": "Right", "right": true, "count": 1, "share": 0.5, "meanTotal": 1.0});
    assert_eq!(question["choices"][0], taken);
    let whole = reader.get(&format!("/tasks/{}/statistics", test_app.task)).await;
    assert_eq!(whole.1, body, "the first step is the only one");
}

#[tokio::test]
async fn statistics_ask_for_their_scope_and_an_existing_step_and_take_no_other_parameter() {
    let test_app = test_app().await;
    let path = format!("/tasks/{}/statistics", test_app.task);
    assert_eq!(program(&test_app, Scope::TestsRead).await.get(&path).await.0, 403);
    let reader = program(&test_app, Scope::ResultsRead).await;
    assert_eq!(reader.get(&format!("{path}?stepId=St9")).await.0, 404);
    assert_eq!(reader.get("/tasks/Tk9/statistics").await.0, 404);
    let (status, problem) = reader.get(&format!("{path}?step=St1")).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (400, &json!("unknown_parameter")),
        "{problem}"
    );
}
