//! What is written with a change.

use crate::webhook_fixture::{add_webhook, messages_to, set_callback};
use app::administration::Reinstatement;
use app::change_feed::ChangeFeedQuery;
use app::evaluation::NewScore;
use app::results::{InstanceSerializer, ListingDetail};
use app::serialize::serialize_instance;
use domain::callback::CallbackResource;
use domain::id::InstanceId;
use domain::refusal::Refusal;
use serde_json::Value;
use std::collections::BTreeMap;
use testkit::TestApp;
use testkit::failures::refusal;
use testkit::fixtures::{decimal, new_evaluation, slot};

const PRINT: InstanceSerializer =
    |caller, task, listed, out| serialize_instance(&caller.organization, task, listed, out);

/// The instance as a fetch prints it, and the cursor of its latest change.
async fn now_read(
    test_app: &TestApp,
    instance: &InstanceId,
    mode: ListingDetail,
) -> (String, String) {
    let caller = test_app.operator();
    let fetched = test_app
        .app
        .results()
        .fetch_instance(&caller, &test_app.task, instance, mode, PRINT)
        .await
        .unwrap();
    let query = ChangeFeedQuery { mode, limit: 10, since: None };
    let feed = test_app
        .app
        .results()
        .change_feed(&caller, &test_app.task, query, PRINT, |_| false)
        .await
        .unwrap();
    (fetched, feed.run.unwrap().changes.last().unwrap().cursor.clone())
}

/// The latest message tells what a fetch at this moment gives, under the cursor of the feed.
async fn assert_event_sent(test_app: &TestApp, instance: &InstanceId, count: usize, event: &str) {
    test_app.clock.pass_millis(7);
    for (target, mode, params) in [
        ("callback", ListingDetail::Detailed, r#"{"job":"42"}"#),
        ("Wh1", ListingDetail::Basic, "{}"),
    ] {
        let sent = messages_to(test_app, target).await;
        assert_eq!(sent.len(), count, "{target} {event}");
        let last = sent.last().unwrap();
        let (fetched, cursor) = now_read(test_app, instance, mode).await;
        assert_eq!(last.event_id, cursor);
        let timestamp = last.at.rfc3339();
        let expected = format!(
            r#"{{"type":"test-instance.{event}","timestamp":"{timestamp}","data":{{"params":{params},"testInstance":{fetched}}}}}"#
        );
        assert_eq!(last.body.as_deref(), Some(expected.as_str()));
        serde_json::from_str::<Value>(&expected).unwrap();
    }
}

async fn heard() -> TestApp {
    let test_app = TestApp::new().await;
    set_callback(&test_app, "https://example.org/hook", CallbackResource::Detailed).await;
    add_webhook(&test_app, "Wh1", "https://example.net/all").await;
    test_app
}

#[tokio::test]
async fn every_change_after_the_start_is_told_as_a_fetch_would_give_it_under_the_cursor_of_the_feed()
 {
    let test_app = heard().await;
    let (caller, task) = (test_app.operator(), test_app.task.clone());
    let instance = test_app.submit_candidate_a().await;
    assert_event_sent(&test_app, &instance, 1, "completed").await;
    let points = new_evaluation(slot("q5"), 1, NewScore::Percentage(decimal("100")));
    test_app.evaluate(&instance, "e1", vec![points.clone()]).await.unwrap();
    assert_event_sent(&test_app, &instance, 2, "rescored").await;
    test_app.app.instances().ignore(&caller, &task, &instance, None).await.unwrap();
    assert_event_sent(&test_app, &instance, 3, "ignored").await;
    test_app.app.instances().reacknowledge(&caller, &task, &instance, None).await.unwrap();
    assert_event_sent(&test_app, &instance, 4, "reacknowledged").await;
    let how = Reinstatement {
        client_token: "r".into(),
        pages: None,
        start: None,
        time: BTreeMap::new(),
        reason: "disturbed".into(),
    };
    test_app.app.instances().reinstate(&caller, &task, &instance, how).await.unwrap();
    assert_event_sent(&test_app, &instance, 5, "reinstated").await;
    test_app.app.instances().force_close(&caller, &task, &instance).await.unwrap();
    assert_event_sent(&test_app, &instance, 6, "completed").await;
}

#[tokio::test]
async fn what_changes_nothing_and_what_nobody_listens_to_is_not_told() {
    let test_app = heard().await;
    let instance = test_app.submit_candidate_a().await;
    let caller = test_app.operator();
    test_app.app.instances().rescore(&caller, &test_app.task, &instance, None).await.unwrap();
    test_app.app.instances().reacknowledge(&caller, &test_app.task, &instance, None).await.unwrap();
    assert_eq!(messages_to(&test_app, "callback").await.len(), 1);
    let silent = TestApp::new().await;
    silent.submit_candidate_a().await;
    assert_eq!(silent.number("SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test]
async fn a_refused_change_leaves_no_message_and_a_message_that_cannot_be_kept_leaves_no_change() {
    let test_app = heard().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    assert_eq!(
        refusal(
            test_app
                .app
                .instances()
                .ignore(&test_app.operator(), &test_app.task, &instance, None)
                .await
        ),
        Some(Refusal::InstanceOpen)
    );
    assert_eq!(test_app.number("SELECT count(*) FROM outbox").await, 0);
    // The place of the next message is taken, so that it cannot be written.
    let (task, row) = (test_app.task.clone(), test_app.row(&instance).await);
    test_app
        .write(move |tx| {
            let history = storage::history::of_task(tx, &task)?.unwrap();
            let revision = storage::task::find_public(tx, &task)?.unwrap().revision + 1;
            let taken = storage::outbox::OutboxRow {
                target: "callback".into(),
                event_id: history.issue(&task, revision),
                organization_id: row.organization_id.clone(),
                task_id: task.clone(),
                instance_id: row.id.clone(),
                candidate_id: row.candidate_id.clone(),
                kind: domain::instance::InstanceChange::Completed,
                at: row.changed_at,
                lane: "x".into(),
                url: None,
                body: None,
                state: domain::callback::MessageState::Dropped,
                tries: 0,
                tries_before: 0,
                due_at: None,
                finished_at: None,
            };
            storage::outbox::insert(tx, &taken)
        })
        .await;
    let before = test_app.row(&instance).await;
    assert!(test_app.complete(&visitor, &instance, "c").await.is_err());
    assert_eq!(test_app.row(&instance).await, before);
    assert_eq!(test_app.number("SELECT count(*) FROM outbox").await, 1);
    assert_eq!(test_app.number("SELECT revision FROM task").await, 1);
}
