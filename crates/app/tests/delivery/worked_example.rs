//! The worked example of the domain rules, 2.10, through starting, answering and completing.

use crate::hall::{Hall, word, write};
use app::caller::Visitor;
use domain::id::InstanceId;

const A1: &str = include_str!("a1.json");
const B1: &str = include_str!("b1.json");

async fn answer_all(hall: &Hall, visitor: &Visitor, instance: &InstanceId, answers: &[(&str, &str)]) {
    for page in 1..=3 {
        hall.go(visitor, instance, page).await.unwrap();
    }
    for (question, response) in answers {
        let slot = hall.slot(visitor, instance, question).await;
        assert_eq!(word(&hall.answer(visitor, instance, write(slot, 1, response)).await), "kept", "{question}");
    }
}

/// The expected text without the white space it is written with.
fn compact(text: &str) -> String {
    let node = domain::json::Node::parse(text.as_bytes(), 16).unwrap();
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    // Numbers are plain decimals here, which both writers leave alone.
    assert_eq!(node.member("completedAt").is_some(), value.is_object());
    serde_json::to_string(&value).unwrap()
}

#[tokio::test]
async fn candidate_a_submits_and_one_answer_waits() {
    let hall = Hall::new().await;
    let visitor = hall.enter().await;
    let instance = hall.start(&visitor, "a").await.unwrap();
    let answers = [
        ("q1", r#"["a","d"]"#),
        ("q2", r#""12.1""#),
        ("q3", r#"{"i1":"o1","i2":"o4"}"#),
        ("q4", r#"["b"]"#),
        ("q5", r#""Because it was due.""#),
    ];
    answer_all(&hall, &visitor, &instance, &answers).await;
    hall.complete(&visitor, &instance, "c").await.unwrap();
    let row = hall.row(&instance).await;
    assert_eq!(row.result_detailed.unwrap(), compact(A1));
    let basic = r#"{"completedAt":1767225600,"scoreboard":{"pointsAchieved":1.050002,"maxAchievablePoints":10.5,"achievementRatio":0.1}}"#;
    assert_eq!(row.result_basic.unwrap(), basic);
    assert_eq!((row.waiting, row.result_number), (1, 1));
    let version = hall.write(move |tx| storage::version::latest(tx, &instance)).await.unwrap();
    assert_eq!((version.waiting, version.passed, version.level.as_deref()), (1, Some(false), Some("Entry")));
}

#[tokio::test]
async fn candidate_b_is_away_at_the_deadline() {
    let hall = Hall::new().await;
    let visitor = hall.enter().await;
    let instance = hall.start(&visitor, "b").await.unwrap();
    let answers = [("q2", r#""9,99""#), ("q3", r#"{"i1":"o1","i2":"o2","i3":"o3"}"#), ("q4", r#"["a"]"#)];
    answer_all(&hall, &visitor, &instance, &answers).await;
    hall.clock.pass_seconds(1803);
    hall.app.settled().await.unwrap();
    let row = hall.row(&instance).await;
    assert_eq!(row.result_detailed.unwrap(), compact(B1));
    assert_eq!(row.waiting, 0);
}
