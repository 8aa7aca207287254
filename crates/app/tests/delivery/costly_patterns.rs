//! Patterns of documents that were kept before there were limits: scored as they always were, and
//! nobody waits for it.

use domain::id::InstanceId;
use domain::instance::InstanceState;
use storage::{Transaction, values};
use testkit::{TestApp, write};

const DOCUMENT: &str = r#"{"assay":1,"key":"old","title":"Old","timeLimit":600,"sections":[{"key":"s","title":"S","pages":[
    {"key":"p","questions":[{"key":"q","kind":"input","type":"area","text":"Q","maxLength":19999,
    "rules":[{"rule":"matches","pattern":"PATTERN","percentage":100}]}]}]}]}"#;
/// No automaton makes this one quick: after every `a` it has to remember two thousand letters.
const PATTERN: &str = "a[ab]{2000}c";

/// A test_app with a document as an older server took it.
async fn app_with_pattern() -> TestApp {
    let test_app = TestApp::with(DOCUMENT).await;
    let sql = "UPDATE document SET body = replace(replace(body, 'PATTERN', $1), '19999', '900000')";
    test_app.write(move |tx| tx.execute(sql, values![PATTERN])).await;
    test_app
}

/// A text in which it is found at the very end.
fn text() -> String {
    let mut state = 1_u32;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 31 == 0 { 'a' } else { 'b' }
    };
    (0..100_000).map(letter).chain(['a']).chain("b".repeat(2000).chars()).chain(['c']).collect()
}

async fn points(test_app: &TestApp, instance: &InstanceId) -> bool {
    let result = test_app.row(instance).await.result_basic.unwrap();
    result.contains(r#""pointsAchieved":1,"#)
}

/// Finding security A6: one hand-in with such a pattern held the writing thread for 11 seconds, six
/// for a minute.
#[tokio::test]
async fn a_hand_in_with_a_costly_pattern_holds_no_write_of_others_a6() {
    let test_app = app_with_pattern().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(1, 1, &format!("\"{}\"", text()))).await;
    let mut handing_in = Box::pin(test_app.complete(&visitor, &instance, "c"));
    let mut others = 0;
    let submitted = loop {
        let other = |tx: &mut dyn Transaction| tx.execute("UPDATE task SET title = title", &[]);
        tokio::select! {
            biased;
            written = test_app.storage.write(other) => {
                written.unwrap();
                others += 1;
            }
            submitted = &mut handing_in => break submitted,
        }
    };
    submitted.unwrap();
    // It takes a second or more, and a write milliseconds.
    assert!(others > 10, "{others} writes of others were kept meanwhile");
    assert!(points(&test_app, &instance).await, "it is found, as it always was");
}

/// Finding security A6: with a time limit the sweep did the same, before the first request of every
/// start.
#[tokio::test]
async fn a_sweep_does_not_wait_for_costly_patterns_and_completes_them_all_the_same_a6() {
    let test_app = app_with_pattern().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.answer(&visitor, &instance, write(1, 1, &format!("\"{}\"", text()))).await;
    test_app.clock.pass_seconds(700);
    let swept = test_app.app.delivery().sweep_deadlines().await.unwrap();
    assert_eq!((swept.completed, swept.failed), (0, 0), "it is scored beside the sweep");
    let scored = async {
        while test_app.row(&instance).await.state != InstanceState::Complete {
            test_app.app.delivery().sweep_deadlines().await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(300), scored)
        .await
        .expect("it is never scored");
    let row = test_app.row(&instance).await;
    assert_eq!(row.completed_at, Some(row.started_at.plus_seconds(600)), "by its deadline");
    assert!(points(&test_app, &instance).await);
}
