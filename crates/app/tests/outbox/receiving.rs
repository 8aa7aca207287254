//! Over a real socket: what a receiver gets, and that it can check who sent it.

use crate::hall::Hall;
use crate::office::{candidate_a, operator};
use crate::post::{listen, messages, subscribe};
use app::outbox::Target;
use courier::guard::Reach;
use courier::{Courier, Manners};
use domain::callback::{MessageState, Outcome, Resource};
use domain::time::Timestamp;
use standardwebhooks::Webhook;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use testkit::{Behaviour, Received, Sink};

/// The verifier goes by the system's clock and takes what is at most five minutes old.
#[allow(clippy::disallowed_methods, reason = "the verifier asks it too")]
fn present() -> Timestamp {
    Timestamp(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap())
}

fn courier(reach: Reach) -> Arc<Courier> {
    Arc::new(Courier::new(Manners { reach, patience: Duration::from_millis(500) }).unwrap())
}

fn verifies(secret: &str, received: &Received) -> bool {
    Webhook::new(secret).unwrap().verify(&received.body, &received.headers).is_ok()
}

#[tokio::test]
async fn a_receiver_verifies_what_it_gets_with_its_own_secret_and_either_while_it_changes() {
    let (hall, sink) = (Hall::new().await, Sink::new().await);
    hall.clock.set(present());
    listen(&hall, &sink.url("/callback"), Resource::Detailed).await;
    subscribe(&hall, "Wh1", &sink.url("/webhook")).await;
    let caller = operator(&hall);
    let webhook = Target::Webhook("Wh1".into());
    let of_webhook = hall.app.callback_secret(&caller, &webhook).await.unwrap();
    let first = hall.app.callback_secret(&caller, &Target::Callback).await.unwrap();
    let second = hall.app.rotate_callback_secret(&caller, &Target::Callback).await.unwrap();
    candidate_a(&hall).await;
    assert_eq!(hall.app.deliver_due(courier(Reach::Anywhere)).await.unwrap(), 2);
    let received = sink.received();
    let at = |path: &str| received.iter().find(|received| received.path == path).unwrap();
    assert!(verifies(&first, at("/callback")) && verifies(&second, at("/callback")));
    assert!(verifies(&of_webhook, at("/webhook")));
    assert!(!verifies(&first, at("/webhook")) && !verifies(&of_webhook, at("/callback")));
    let id = &messages(&hall, "callback").await[0].event_id;
    assert_eq!((at("/callback").header("webhook-id"), at("/webhook").header("webhook-id")), (id.as_str(), id.as_str()));
}

#[tokio::test]
async fn each_way_to_misbehave_is_written_down_and_what_can_be_tried_again_waits_for_it() {
    let elsewhere = Sink::new().await;
    let cases = [
        (Behaviour::Answer(500), Outcome::Refused, Some(500), MessageState::Pending),
        (Behaviour::Hang, Outcome::TimedOut, None, MessageState::Pending),
        (Behaviour::Answer(410), Outcome::Gone, Some(410), MessageState::Failed),
        (Behaviour::RetryAfter(429, "900".into()), Outcome::Refused, Some(429), MessageState::Pending),
        (Behaviour::Redirect(elsewhere.url("/inside")), Outcome::Refused, Some(302), MessageState::Pending),
        (Behaviour::Endless, Outcome::Delivered, Some(200), MessageState::Delivered),
    ];
    let hall = Hall::new().await;
    let sink = Sink::new().await;
    listen(&hall, &sink.url("/hook"), Resource::Basic).await;
    candidate_a(&hall).await;
    let caller = operator(&hall);
    for (behaviour, outcome, status, state) in cases {
        sink.will([behaviour.clone()]);
        assert_eq!(hall.app.deliver_due(courier(Reach::Anywhere)).await.unwrap(), 1, "{behaviour:?}");
        let query = app::outbox::LogQuery { limit: 1, ..Default::default() };
        let logged = hall.app.messages(&caller, &Target::Callback, query).await.unwrap().messages.remove(0);
        let last = logged.tries.last().unwrap();
        assert_eq!((last.outcome, last.status, logged.message.state), (outcome, status, state), "{behaviour:?}");
        if state == MessageState::Pending {
            let wait = logged.message.due_at.unwrap().0 - hall.now().0;
            assert!(wait >= 5000 && (status != Some(429) || wait == 900_000), "{behaviour:?} {wait}");
            hall.clock.set(logged.message.due_at.unwrap());
        } else {
            hall.app.replay_message(&caller, &Target::Callback, &logged.message.event_id).await.unwrap();
        }
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn a_private_address_is_a_failure_unless_the_operator_opens_it() {
    let (hall, sink) = (Hall::new().await, Sink::new().await);
    listen(&hall, &sink.url("/hook").replace("127.0.0.1", "localhost"), Resource::Basic).await;
    candidate_a(&hall).await;
    hall.app.deliver_due(courier(Reach::Public)).await.unwrap();
    assert!(sink.received().is_empty());
    let message = messages(&hall, "callback").await.remove(0);
    assert_eq!((message.state, message.tries), (MessageState::Pending, 1));
    assert_eq!(hall.number("SELECT count(*) FROM outbox_try WHERE outcome = 'forbidden'").await, 1);
    hall.clock.set(message.due_at.unwrap());
    hall.app.deliver_due(courier(Reach::Anywhere)).await.unwrap();
    assert_eq!(sink.received().len(), 1);
}
