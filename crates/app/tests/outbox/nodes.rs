//! Several servers on one outbox.

use crate::webhook_fixture::{messages_to, set_callback};
use app::outbox::WebhookDispatcher;
use domain::callback::{CallbackResource, MessageState};
use std::collections::BTreeMap;
use testkit::{FakeWebhookSender, TestApp};

async fn with_changes(times: usize) -> TestApp {
    let test_app = TestApp::new().await;
    set_callback(&test_app, "https://example.org/hook", CallbackResource::Basic).await;
    let (instance, caller) = (test_app.submit_candidate_a().await, test_app.operator());
    for _ in 0..times {
        test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
        test_app
            .app
            .instances()
            .reacknowledge(&caller, &test_app.task, &instance, None)
            .await
            .unwrap();
    }
    test_app
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_look_at_once_send_each_message_once() {
    let test_app = with_changes(30).await;
    let nodes =
        [test_app.app.clone(), test_app.another_node(2).await, test_app.another_node(3).await];
    let postbox = FakeWebhookSender::new();
    let sending = nodes.map(|node| {
        let postbox = postbox.clone();
        tokio::spawn(async move { node.webhooks().deliver_due(postbox).await })
    });
    for sending in sending {
        sending.await.unwrap().unwrap();
    }
    // Whoever looked while others were claiming may have seen nothing to do.
    test_app.app.webhooks().deliver_due(postbox.clone()).await.unwrap();
    let mut sent: BTreeMap<String, usize> = BTreeMap::new();
    for letter in postbox.requests() {
        *sent.entry(letter.id).or_default() += 1;
    }
    assert_eq!((sent.len(), sent.values().copied().max()), (61, Some(1)));
    let states: Vec<_> =
        messages_to(&test_app, "callback").await.iter().map(|message| message.state).collect();
    assert!(states.iter().all(|state| *state == MessageState::Delivered));
}

#[tokio::test]
async fn what_a_server_had_under_way_when_it_was_killed_is_sent_by_another_when_its_lease_is_over()
{
    let test_app = with_changes(0).await;
    let lost = FakeWebhookSender::losing_requests_to("example.org");
    let mut killed = WebhookDispatcher::new(test_app.another_node(2).await, lost.clone());
    assert_eq!(killed.dispatch().await.unwrap(), 1);
    drop(killed);
    let postbox = FakeWebhookSender::new();
    test_app.clock.pass_millis(59_999);
    assert_eq!(test_app.app.webhooks().deliver_due(postbox.clone()).await.unwrap(), 0);
    test_app.clock.pass_millis(1);
    assert_eq!(test_app.app.webhooks().deliver_due(postbox.clone()).await.unwrap(), 1);
    let message = &messages_to(&test_app, "callback").await[0];
    assert_eq!((message.state, message.tries), (MessageState::Delivered, 2));
    assert_eq!(postbox.requests()[0].id, message.event_id);
}

#[tokio::test]
async fn an_answer_that_comes_after_the_lease_changes_nothing() {
    let test_app = with_changes(0).await;
    let late = FakeWebhookSender::new();
    late.script([testkit::status_reply(500)]);
    let mut slow = WebhookDispatcher::new(test_app.another_node(2).await, late);
    assert_eq!(slow.dispatch().await.unwrap(), 1);
    slow.wait_for_attempts().await;
    test_app.clock.pass_seconds(60);
    assert_eq!(test_app.app.webhooks().deliver_due(FakeWebhookSender::new()).await.unwrap(), 1);
    slow.record_attempts().await.unwrap();
    assert_eq!(messages_to(&test_app, "callback").await[0].state, MessageState::Delivered);
    assert_eq!(test_app.number("SELECT count(*) FROM outbox_try").await, 1);
}
