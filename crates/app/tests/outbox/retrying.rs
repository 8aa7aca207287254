//! Trying again, and giving up.

use crate::hall::Hall;
use crate::office::{candidate_a, operator};
use crate::post::{Postbox, answered, listen, messages, put_off, subscribe, timed_out};
use app::Settings;
use app::outbox::{Dispatcher, Filter, LogQuery, Target};
use domain::callback::{MessageState, Outcome, Resource};
use domain::time::Timestamp;
use std::sync::Arc;

async fn completed() -> Hall {
    let hall = Hall::new().await;
    listen(&hall, "https://example.org/hook", Resource::Basic).await;
    candidate_a(&hall).await;
    hall
}

async fn deliver(hall: &Hall, postbox: &Arc<Postbox>) -> usize {
    hall.app.deliver_due(postbox.clone()).await.unwrap()
}

#[tokio::test]
async fn a_message_that_fails_is_tried_ten_times_in_three_days_with_the_same_bytes_and_then_given_up() {
    let hall = completed().await;
    let postbox = Postbox::new();
    postbox.will((0..20).map(|n| if n % 2 == 0 { answered(500) } else { timed_out() }));
    let began = hall.now();
    for n in 1..=10 {
        assert_eq!(deliver(&hall, &postbox).await, 1, "try {n}");
        assert_eq!(deliver(&hall, &postbox).await, 0, "after try {n}");
        if let Some(due_at) = messages(&hall, "callback").await[0].due_at {
            hall.clock.set(due_at.plus_millis(-1));
            assert_eq!(deliver(&hall, &postbox).await, 0, "before its time, {n}");
            hall.clock.set(due_at);
        }
    }
    let message = &messages(&hall, "callback").await[0];
    assert_eq!((message.state, message.tries, message.due_at), (MessageState::Failed, 10, None));
    assert!((75..85).contains(&((hall.now().0 - began.0) / 3_600_000)));
    let letters = postbox.letters();
    assert!(letters.iter().all(|letter| (&letter.id, &letter.body) == (&letters[0].id, &letters[0].body)));
    assert!(letters.windows(2).all(|pair| pair[0].seconds < pair[1].seconds && pair[0].signature != pair[1].signature));
    let (caller, query) = (operator(&hall), LogQuery { limit: 10, ..Default::default() });
    let log = hall.app.messages(&caller, &Target::Callback, query).await.unwrap();
    let tries = &log.messages[0].tries;
    assert_eq!(tries.iter().map(|known| known.n).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    assert_eq!((tries[1].outcome, tries[1].status, tries[0].status), (Outcome::TimedOut, None, Some(500)));
    assert_eq!(hall.number("SELECT count(*) FROM event WHERE kind = 'callback.failed'").await, 1);
}

#[tokio::test]
async fn a_receiver_that_asks_for_a_pause_gets_it() {
    let hall = completed().await;
    let postbox = Postbox::new();
    postbox.will([put_off(429, 600), put_off(503, 7200)]);
    let due_after = async |seconds: i64| {
        let at = hall.now();
        assert_eq!(deliver(&hall, &postbox).await, 1);
        assert_eq!(messages(&hall, "callback").await[0].due_at, Some(at.plus_seconds(seconds)));
        hall.clock.set(at.plus_seconds(seconds));
    };
    due_after(600).await;
    due_after(7200).await;
    assert_eq!(deliver(&hall, &postbox).await, 1);
    assert_eq!(messages(&hall, "callback").await[0].state, MessageState::Delivered);
    assert_eq!(hall.number("SELECT count(*) FROM event WHERE kind = 'callback.sent'").await, 1);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_asked_no_more_and_its_webhook_is_switched_off() {
    let hall = completed().await;
    subscribe(&hall, "Wh1", "https://example.net/all").await;
    let instance = messages(&hall, "callback").await[0].instance_id.clone();
    let caller = operator(&hall);
    hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
    hall.app.reacknowledge(&caller, &hall.task, &instance, None).await.unwrap();
    let postbox = Postbox::new();
    postbox.will((0..5).map(|_| answered(410)));
    // Two lanes: three messages to the callback, two to the webhook, all claimed before the first answer.
    assert_eq!(deliver(&hall, &postbox).await, 5);
    for target in ["callback", "Wh1"] {
        let states: Vec<_> = messages(&hall, target).await.iter().map(|message| message.state).collect();
        assert!(states.iter().all(|state| *state == MessageState::Failed), "{states:?}");
    }
    let webhook = hall.app.webhook(&caller, &"Wh1".into()).await.unwrap().row;
    assert_eq!((webhook.active, webhook.gone_at), (false, Some(hall.now())));
    hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
    assert_eq!((messages(&hall, "callback").await.len(), messages(&hall, "Wh1").await.len()), (4, 2));
}

#[tokio::test]
async fn what_waits_for_a_webhook_that_was_switched_off_is_dropped() {
    let hall = Hall::new().await;
    subscribe(&hall, "Wh1", "https://example.net/all").await;
    candidate_a(&hall).await;
    let off = app::webhooks::WebhookUpdate { active: Some(false), ..Default::default() };
    // The address of the test's webhook would be refused only if it were plain.
    hall.app.update_webhook(&operator(&hall), &"Wh1".into(), off).await.unwrap();
    let postbox = Postbox::new();
    assert_eq!(deliver(&hall, &postbox).await, 0);
    assert!(postbox.letters().is_empty());
    assert_eq!(messages(&hall, "Wh1").await[0].state, MessageState::Dropped);
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_nobody_else() {
    let hall = completed().await;
    subscribe(&hall, "Wh1", "https://hanging.example/all").await;
    let instance = messages(&hall, "callback").await[0].instance_id.clone();
    let caller = operator(&hall);
    for _ in 0..20 {
        hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
        hall.app.reacknowledge(&caller, &hall.task, &instance, None).await.unwrap();
    }
    let postbox = Postbox::that_loses("hanging.example");
    let mut dispatcher = Dispatcher::new(hall.app.clone(), postbox.clone());
    // The callback's 41 messages go through while the webhook's hang.
    while messages(&hall, "callback").await.iter().any(|message| message.state == MessageState::Pending) {
        dispatcher.dispatch().await.unwrap();
        dispatcher.one_returned().await;
        dispatcher.settle().await.unwrap();
    }
    let hanging = postbox.letters().iter().filter(|letter| letter.url.contains("hanging")).count();
    assert_eq!((postbox.letters().len() - hanging, hanging), (41, 8));
}

#[tokio::test]
async fn a_message_is_sent_again_on_demand_with_the_same_id_and_bytes() {
    let hall = completed().await;
    let (caller, postbox) = (operator(&hall), Postbox::new());
    assert_eq!(deliver(&hall, &postbox).await, 1);
    assert_eq!(deliver(&hall, &postbox).await, 0);
    let event = messages(&hall, "callback").await[0].event_id.clone();
    hall.clock.pass_seconds(60);
    hall.app.replay_message(&caller, &Target::Callback, &event).await.unwrap();
    // A second wish while it waits changes nothing.
    hall.app.replay_message(&caller, &Target::Callback, &event).await.unwrap();
    assert_eq!(deliver(&hall, &postbox).await, 1);
    let range = |since: i64, until: i64| storage::outbox::Filter {
        state: Some(MessageState::Delivered),
        since: Some(Timestamp(since)),
        until: Some(Timestamp(until)),
    };
    let at = messages(&hall, "callback").await[0].at.0;
    let replay = |filter| hall.app.replay_messages(&caller, &Target::Callback, filter);
    assert_eq!(replay(range(at + 1, at + 9)).await.unwrap(), 0);
    assert_eq!(replay(range(at, at + 1)).await.unwrap(), 1);
    assert_eq!(deliver(&hall, &postbox).await, 1);
    let letters = postbox.letters();
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| (&letter.id, &letter.body) == (&letters[0].id, &letters[0].body)));
}

/// What waits, and who is looked at in between.
const WAITING: &str = "SELECT count(*) FROM outbox WHERE due_at IS NOT NULL";

/// A hall with 21 delivered messages, of which three are sent again in one transaction.
async fn delivered() -> Hall {
    let hall = completed().await;
    let instance = messages(&hall, "callback").await[0].instance_id.clone();
    let caller = operator(&hall);
    for _ in 0..10 {
        hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
        hall.app.reacknowledge(&caller, &hall.task, &instance, None).await.unwrap();
    }
    let hall = hall.reopened_with(Settings { batch_size: 3, ..Settings::default() }).await;
    let postbox = Postbox::new();
    while deliver(&hall, &postbox).await > 0 {}
    assert_eq!((postbox.letters().len(), hall.number(WAITING).await), (21, 0));
    hall
}

#[tokio::test]
async fn others_write_while_many_messages_are_replayed() {
    let hall = delivered().await;
    let caller = operator(&hall);
    let replay = hall.app.replay_messages(&caller, &Target::Callback, Filter::default());
    let (replayed, seen) = hall.beside_writes(WAITING, replay).await;
    assert_eq!((replayed.unwrap(), hall.number(WAITING).await), (21, 21));
    assert!(seen.range(1..21).count() >= 2 && seen.iter().all(|number| number % 3 == 0), "{seen:?}");
}

#[tokio::test]
async fn a_replay_that_died_in_the_middle_is_finished_by_asking_again() {
    let hall = delivered().await;
    let caller = operator(&hall);
    let replay = hall.app.replay_messages(&caller, &Target::Callback, Filter::default());
    hall.until_killed(WAITING, 3, replay).await;
    let hall = hall.reopened().await;
    let before = u64::try_from(hall.number(WAITING).await).unwrap();
    assert!((3..21).contains(&before), "{before}");
    let replayed = hall.app.replay_messages(&caller, &Target::Callback, Filter::default()).await.unwrap();
    assert_eq!((replayed + before, hall.number(WAITING).await), (21, 21), "what waits is left as it is");
}

#[tokio::test]
async fn finished_messages_are_forgotten_after_thirty_days() {
    let hall = completed().await;
    deliver(&hall, &Postbox::new()).await;
    hall.clock.pass_seconds(30 * 86_400);
    hall.app.prune_outbox().await.unwrap();
    assert_eq!(messages(&hall, "callback").await.len(), 1);
    hall.clock.pass_millis(1);
    hall.app.prune_outbox().await.unwrap();
    assert_eq!(messages(&hall, "callback").await.len(), 0);
}

#[tokio::test]
async fn erasing_a_person_drops_what_waits_and_what_was_told() {
    let hall = completed().await;
    subscribe(&hall, "Wh1", "https://example.net/all").await;
    let asked = app::erasure::Erasure::default();
    hall.app.erase_candidate(&operator(&hall), &hall.task, &"Ca1".into(), asked).await.unwrap();
    let postbox = Postbox::new();
    assert_eq!(deliver(&hall, &postbox).await, 0);
    assert!(postbox.letters().is_empty());
    for target in ["callback", "Wh1"] {
        for message in messages(&hall, target).await {
            assert_eq!((message.state, message.body, message.url), (MessageState::Dropped, None, None), "{target}");
        }
    }
    assert_eq!(messages(&hall, "callback").await.len(), 1);
}

/// Finding faults, minor: a receiver that was down for twelve seconds got those events five minutes later.
#[tokio::test]
async fn what_waits_is_brought_forward_when_its_receiver_is_well_again() {
    let hall = completed().await;
    let instance = messages(&hall, "callback").await[0].instance_id.clone();
    let (caller, postbox) = (operator(&hall), Postbox::new());
    hall.app.ignore(&caller, &hall.task, &instance, None).await.unwrap();
    // Both fail at first and at the first repeat, and then wait for minutes.
    postbox.will((0..4).map(|_| timed_out()));
    let mut dispatcher = Dispatcher::new(hall.app.clone(), postbox.clone());
    let mut go_on = async || {
        let begun = dispatcher.dispatch().await.unwrap();
        while dispatcher.is_busy() {
            dispatcher.one_returned().await;
        }
        dispatcher.settle().await.unwrap();
        begun
    };
    while postbox.letters().len() < 4 {
        if go_on().await == 0 {
            hall.clock.pass_seconds(1);
        }
    }
    let waits = messages(&hall, "callback").await;
    assert!(waits.iter().all(|message| message.due_at.unwrap().0 - hall.now().0 > 60_000), "{waits:?}");
    hall.app.reacknowledge(&caller, &hall.task, &instance, None).await.unwrap();
    assert_eq!(go_on().await, 1, "something new, and the receiver takes it");
    while go_on().await > 0 {}
    let states: Vec<_> = messages(&hall, "callback").await.iter().map(|message| message.state).collect();
    assert_eq!(states, [MessageState::Delivered; 3], "no clock has moved");
}
