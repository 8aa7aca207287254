//! The worked example of the domain rules, 2.10, through starting, answering and completing.

use app::caller::CandidateSession;
use domain::id::InstanceId;
use testkit::failures::outcome_code;
use testkit::{TestApp, write};

const A1: &str = include_str!("a1.json");
const B1: &str = include_str!("b1.json");

async fn answer_all(
    test_app: &TestApp,
    visitor: &CandidateSession,
    instance: &InstanceId,
    answers: &[(&str, &str)],
) {
    for page in 1..=3 {
        test_app.go(visitor, instance, page).await.unwrap();
    }
    for (question, response) in answers {
        let slot = test_app.slot(visitor, instance, question).await;
        assert_eq!(
            outcome_code(&test_app.answer(visitor, instance, write(slot, 1, response)).await),
            "kept",
            "{question}"
        );
    }
}

/// The expected text without the white space it is written with.
fn compact(text: &str) -> String {
    let node = domain::json::JsonNode::parse(text.as_bytes(), 16).unwrap();
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    // Numbers are plain decimals here, which both writers leave alone.
    assert_eq!(node.member("completedAt").is_some(), value.is_object());
    serde_json::to_string(&value).unwrap()
}

#[tokio::test]
async fn candidate_a_submits_and_one_answer_waits() {
    let test_app = TestApp::new().await;
    let visitor = test_app.enter().await;
    let instance = test_app.start(&visitor, "a").await.unwrap();
    let answers = [
        ("q1", r#"["a","d"]"#),
        ("q2", r#""12.1""#),
        ("q3", r#"{"i1":"o1","i2":"o4"}"#),
        ("q4", r#"["b"]"#),
        ("q5", r#""Because it was due.""#),
    ];
    answer_all(&test_app, &visitor, &instance, &answers).await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    let row = test_app.row(&instance).await;
    assert_eq!(row.result_detailed.unwrap(), compact(A1));
    let basic = r#"{"completedAt":1767225600,"scoreboard":{"pointsAchieved":1.050002,"maxAchievablePoints":10.5,"achievementRatio":0.1}}"#;
    assert_eq!(row.result_basic.unwrap(), basic);
    assert_eq!((row.waiting, row.result_number), (1, 1));
    let version = test_app.write(move |tx| storage::version::latest(tx, &instance)).await.unwrap();
    assert_eq!(
        (version.waiting, version.passed, version.level.as_deref()),
        (1, Some(false), Some("Entry"))
    );
}

#[tokio::test]
async fn candidate_b_is_away_at_the_deadline() {
    let test_app = TestApp::new().await;
    let visitor = test_app.enter().await;
    let instance = test_app.start(&visitor, "b").await.unwrap();
    let answers =
        [("q2", r#""9.99""#), ("q3", r#"{"i1":"o1","i2":"o2","i3":"o3"}"#), ("q4", r#"["a"]"#)];
    answer_all(&test_app, &visitor, &instance, &answers).await;
    test_app.clock.pass_seconds(1803);
    test_app.app.delivery().ensure_deadlines_swept().await.unwrap();
    let row = test_app.row(&instance).await;
    assert_eq!(row.result_detailed.unwrap(), compact(B1));
    assert_eq!(row.waiting, 0);
}
