//! Over a real socket: what a receiver gets, and that it can check who sent it.

use crate::webhook_fixture::{add_webhook, messages_to, set_callback};
use app::outbox::OutboxTarget;
use courier::ssrf::AddressPolicy;
use courier::{HttpWebhookSender, OutboundPolicy};
use domain::callback::{CallbackOutcome, CallbackResource, MessageState};
use domain::time::Timestamp;
use standardwebhooks::Webhook;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use testkit::{ReceivedRequest, ReceiverBehaviour, TestApp, WebhookSink};

/// The verifier goes by the system's clock and takes what is at most five minutes old.
#[allow(clippy::disallowed_methods, reason = "the verifier asks it too")]
fn present() -> Timestamp {
    Timestamp(
        i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap(),
    )
}

fn courier(reach: AddressPolicy) -> Arc<HttpWebhookSender> {
    Arc::new(
        HttpWebhookSender::new(OutboundPolicy { reach, patience: Duration::from_millis(500) })
            .unwrap(),
    )
}

fn verifies(secret: &str, received: &ReceivedRequest) -> bool {
    Webhook::new(secret).unwrap().verify(&received.body, &received.headers).is_ok()
}

#[tokio::test]
async fn a_receiver_verifies_what_it_gets_with_its_own_secret_and_either_while_it_changes() {
    let (test_app, sink) = (TestApp::new().await, WebhookSink::new().await);
    test_app.clock.set(present());
    set_callback(&test_app, &sink.url("/callback"), CallbackResource::Detailed).await;
    add_webhook(&test_app, "Wh1", &sink.url("/webhook")).await;
    let caller = test_app.operator();
    let webhook = OutboxTarget::Webhook("Wh1".into());
    let of_webhook = test_app.app.webhooks().callback_secret(&caller, &webhook).await.unwrap();
    let first =
        test_app.app.webhooks().callback_secret(&caller, &OutboxTarget::Callback).await.unwrap();
    let second = test_app
        .app
        .webhooks()
        .rotate_callback_secret(&caller, &OutboxTarget::Callback)
        .await
        .unwrap();
    test_app.submit_candidate_a().await;
    assert_eq!(
        test_app.app.webhooks().deliver_due(courier(AddressPolicy::Anywhere)).await.unwrap(),
        2
    );
    let received = sink.received();
    let at = |path: &str| received.iter().find(|received| received.path == path).unwrap();
    assert!(verifies(&first, at("/callback")) && verifies(&second, at("/callback")));
    assert!(verifies(&of_webhook, at("/webhook")));
    assert!(!verifies(&first, at("/webhook")) && !verifies(&of_webhook, at("/callback")));
    let id = &messages_to(&test_app, "callback").await[0].event_id;
    assert_eq!(
        (at("/callback").header("webhook-id"), at("/webhook").header("webhook-id")),
        (id.as_str(), id.as_str())
    );
}

#[tokio::test]
async fn each_way_to_misbehave_is_written_down_and_what_can_be_tried_again_waits_for_it() {
    let elsewhere = WebhookSink::new().await;
    let cases = [
        (
            ReceiverBehaviour::Answer(500),
            CallbackOutcome::Refused,
            Some(500),
            MessageState::Pending,
        ),
        (ReceiverBehaviour::Hang, CallbackOutcome::TimedOut, None, MessageState::Pending),
        (ReceiverBehaviour::Answer(410), CallbackOutcome::Gone, Some(410), MessageState::Failed),
        (
            ReceiverBehaviour::RetryAfter(429, "900".into()),
            CallbackOutcome::Refused,
            Some(429),
            MessageState::Pending,
        ),
        (
            ReceiverBehaviour::Redirect(elsewhere.url("/inside")),
            CallbackOutcome::Refused,
            Some(302),
            MessageState::Pending,
        ),
        (
            ReceiverBehaviour::Endless,
            CallbackOutcome::Delivered,
            Some(200),
            MessageState::Delivered,
        ),
    ];
    let test_app = TestApp::new().await;
    let sink = WebhookSink::new().await;
    set_callback(&test_app, &sink.url("/hook"), CallbackResource::Basic).await;
    test_app.submit_candidate_a().await;
    let caller = test_app.operator();
    for (behaviour, outcome, status, state) in cases {
        sink.respond_with([behaviour.clone()]);
        assert_eq!(
            test_app.app.webhooks().deliver_due(courier(AddressPolicy::Anywhere)).await.unwrap(),
            1,
            "{behaviour:?}"
        );
        let query = app::outbox::OutboxLogQuery { limit: 1, ..Default::default() };
        let logged = test_app
            .app
            .webhooks()
            .messages(&caller, &OutboxTarget::Callback, query)
            .await
            .unwrap()
            .messages
            .remove(0);
        let last = logged.tries.last().unwrap();
        assert_eq!(
            (last.outcome, last.status, logged.message.state),
            (outcome, status, state),
            "{behaviour:?}"
        );
        if state == MessageState::Pending {
            let wait = logged.message.due_at.unwrap().0 - test_app.now().0;
            assert!(
                wait >= 5000 && (status != Some(429) || wait == 900_000),
                "{behaviour:?} {wait}"
            );
            test_app.clock.set(logged.message.due_at.unwrap());
        } else {
            test_app
                .app
                .webhooks()
                .replay_message(&caller, &OutboxTarget::Callback, &logged.message.event_id)
                .await
                .unwrap();
        }
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn a_private_address_is_a_failure_unless_the_operator_opens_it() {
    let (test_app, sink) = (TestApp::new().await, WebhookSink::new().await);
    set_callback(
        &test_app,
        &sink.url("/hook").replace("127.0.0.1", "localhost"),
        CallbackResource::Basic,
    )
    .await;
    test_app.submit_candidate_a().await;
    test_app.app.webhooks().deliver_due(courier(AddressPolicy::Public)).await.unwrap();
    assert!(sink.received().is_empty());
    let message = messages_to(&test_app, "callback").await.remove(0);
    assert_eq!((message.state, message.tries), (MessageState::Pending, 1));
    assert_eq!(
        test_app.number("SELECT count(*) FROM outbox_try WHERE outcome = 'forbidden'").await,
        1
    );
    test_app.clock.set(message.due_at.unwrap());
    test_app.app.webhooks().deliver_due(courier(AddressPolicy::Anywhere)).await.unwrap();
    assert_eq!(sink.received().len(), 1);
}
