//! What is written with a change.

use crate::hall::{Hall, refusal};
use crate::office::{candidate_a, decimal, evaluate, given, operator, slot};
use crate::post::{listen, messages, subscribe};
use app::administration::Reinstatement;
use app::evaluation::NewGiven;
use app::feed::FeedQuery;
use app::printed::print_instance;
use app::results::{Mode, Print};
use domain::callback::Resource;
use domain::id::InstanceId;
use domain::refusal::Refusal;
use serde_json::Value;
use std::collections::BTreeMap;

const PRINT: Print = |caller, task, listed, out| print_instance(&caller.organization, task, listed, out);

/// The instance as a fetch prints it, and the cursor of its latest change.
async fn now_read(hall: &Hall, instance: &InstanceId, mode: Mode) -> (String, String) {
    let caller = operator(hall);
    let fetched = hall.app.fetch_instance(&caller, &hall.task, instance, mode, PRINT).await.unwrap();
    let query = FeedQuery { mode, limit: 10, since: None };
    let feed = hall.app.changes(&caller, &hall.task, query, PRINT, |_| false).await.unwrap();
    (fetched, feed.run.unwrap().changes.last().unwrap().cursor.clone())
}

/// The latest message tells what a fetch at this moment gives, under the cursor of the feed.
async fn assert_told(hall: &Hall, instance: &InstanceId, count: usize, event: &str) {
    hall.clock.pass_millis(7);
    for (target, mode, params) in [("callback", Mode::Detailed, r#"{"job":"42"}"#), ("Wh1", Mode::Basic, "{}")] {
        let sent = messages(hall, target).await;
        assert_eq!(sent.len(), count, "{target} {event}");
        let last = sent.last().unwrap();
        let (fetched, cursor) = now_read(hall, instance, mode).await;
        assert_eq!(last.event_id, cursor);
        let timestamp = last.at.rfc3339();
        let expected = format!(
            r#"{{"type":"test-instance.{event}","timestamp":"{timestamp}","data":{{"params":{params},"testInstance":{fetched}}}}}"#
        );
        assert_eq!(last.body.as_deref(), Some(expected.as_str()));
        serde_json::from_str::<Value>(&expected).unwrap();
    }
}

async fn heard() -> Hall {
    let hall = Hall::new().await;
    listen(&hall, "https://example.org/hook", Resource::Detailed).await;
    subscribe(&hall, "Wh1", "https://example.net/all").await;
    hall
}

#[tokio::test]
async fn every_change_after_the_start_is_told_as_a_fetch_would_give_it_under_the_cursor_of_the_feed() {
    let hall = heard().await;
    let (caller, task) = (operator(&hall), hall.task.clone());
    let instance = candidate_a(&hall).await;
    assert_told(&hall, &instance, 1, "completed").await;
    let points = given(slot("q5"), 1, NewGiven::Percentage(decimal("100")));
    evaluate(&hall, &instance, "e1", vec![points.clone()]).await.unwrap();
    assert_told(&hall, &instance, 2, "rescored").await;
    hall.app.ignore(&caller, &task, &instance, None).await.unwrap();
    assert_told(&hall, &instance, 3, "ignored").await;
    hall.app.reacknowledge(&caller, &task, &instance, None).await.unwrap();
    assert_told(&hall, &instance, 4, "reacknowledged").await;
    let how = Reinstatement {
        client_token: "r".into(),
        pages: None,
        start: None,
        time: BTreeMap::new(),
        reason: "disturbed".into(),
    };
    hall.app.reinstate(&caller, &task, &instance, how).await.unwrap();
    assert_told(&hall, &instance, 5, "reinstated").await;
    hall.app.force_close(&caller, &task, &instance).await.unwrap();
    assert_told(&hall, &instance, 6, "completed").await;
}

#[tokio::test]
async fn what_changes_nothing_and_what_nobody_listens_to_is_not_told() {
    let hall = heard().await;
    let instance = candidate_a(&hall).await;
    let caller = operator(&hall);
    hall.app.rescore(&caller, &hall.task, &instance, None).await.unwrap();
    hall.app.reacknowledge(&caller, &hall.task, &instance, None).await.unwrap();
    assert_eq!(messages(&hall, "callback").await.len(), 1);
    let silent = Hall::new().await;
    candidate_a(&silent).await;
    assert_eq!(silent.number("SELECT count(*) FROM outbox").await, 0);
}

#[tokio::test]
async fn a_refused_change_leaves_no_message_and_a_message_that_cannot_be_kept_leaves_no_change() {
    let hall = heard().await;
    let (visitor, instance) = hall.seated().await;
    assert_eq!(
        refusal(hall.app.ignore(&operator(&hall), &hall.task, &instance, None).await),
        Some(Refusal::InstanceOpen)
    );
    assert_eq!(hall.number("SELECT count(*) FROM outbox").await, 0);
    // The place of the next message is taken, so that it cannot be written.
    let (task, row) = (hall.task.clone(), hall.row(&instance).await);
    hall.write(move |tx| {
        let history = storage::history::of_task(tx, &task)?.unwrap();
        let revision = storage::task::find_public(tx, &task)?.unwrap().revision + 1;
        let taken = storage::outbox::Message {
            target: "callback".into(),
            event_id: history.issue(&task, revision),
            organization_id: row.organization_id.clone(),
            task_id: task.clone(),
            instance_id: row.id.clone(),
            candidate_id: row.candidate_id.clone(),
            kind: domain::instance::Change::Completed,
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
    let before = hall.row(&instance).await;
    assert!(hall.complete(&visitor, &instance, "c").await.is_err());
    assert_eq!(hall.row(&instance).await, before);
    assert_eq!(hall.number("SELECT count(*) FROM outbox").await, 1);
    assert_eq!(hall.number("SELECT revision FROM task").await, 1);
}
