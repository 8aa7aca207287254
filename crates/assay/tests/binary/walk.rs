//! The example's walk against a fresh server: from a document to the listed result of the worked
//! example.

use crate::support::{CommandOutcome, TestSandbox};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

#[test]
fn the_walk_of_the_examples_ends_with_the_figures_of_the_worked_example() {
    let place = TestSandbox::new();
    place.line(&["org", "create", "Example"]);
    let key = place.line(&["key", "create", "--name", "walk", "--scope", "manage"]);
    let server = place.serve(&[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/walk.sh");
    let done = CommandOutcome::of(
        &Command::new("bash").arg(script).args([server.url(), &key]).output().unwrap(),
    );
    assert_eq!(done.code, 0, "{}\n{}", done.err, done.out);
    let page: Value = serde_json::from_str(&done.out).unwrap();
    let row = &page["testInstances"][0];
    assert_eq!((&row["status"], &row["tags"]["City"]), (&"COMPLETE".into(), &"Izmir".into()));
    let expected: Value = serde_json::from_str(include_str!("walked.json")).unwrap();
    let mut result = row["result"].clone();
    assert!(result["completedAt"].take().is_i64());
    assert_eq!(result, expected);
    let task = row["taskId"].as_str().unwrap();
    let basic = server.json(&format!("/api/integration/rest/v1/tasks/{task}/test-instances"), &key);
    let board = &basic["testInstances"][0]["result"]["scoreboard"];
    let wanted = json!({"pointsAchieved": 3.550002, "maxAchievablePoints": 10.5, "achievementRatio": 0.338095});
    assert_eq!(board, &wanted);
}
