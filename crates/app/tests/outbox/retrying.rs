//! Trying again, and giving up.

use crate::webhook_fixture::{add_webhook, messages_to, set_callback};
use app::Settings;
use app::outbox::{OutboxFilter, OutboxLogQuery, OutboxTarget, WebhookDispatcher};
use domain::callback::{CallbackOutcome, CallbackResource, MessageState};
use domain::time::Timestamp;
use std::sync::Arc;
use testkit::{FakeWebhookSender, TestApp, retry_later, status_reply, timed_out};

async fn completed() -> TestApp {
    let test_app = TestApp::new().await;
    set_callback(&test_app, "https://example.org/hook", CallbackResource::Basic).await;
    test_app.submit_candidate_a().await;
    test_app
}

async fn deliver(test_app: &TestApp, postbox: &Arc<FakeWebhookSender>) -> usize {
    test_app.app.webhooks().deliver_due(postbox.clone()).await.unwrap()
}

#[tokio::test]
async fn a_message_that_fails_is_tried_ten_times_in_three_days_with_the_same_bytes_and_then_given_up()
 {
    let test_app = completed().await;
    let postbox = FakeWebhookSender::new();
    postbox.script((0..20).map(|n| if n % 2 == 0 { status_reply(500) } else { timed_out() }));
    let began = test_app.now();
    for n in 1..=10 {
        assert_eq!(deliver(&test_app, &postbox).await, 1, "try {n}");
        assert_eq!(deliver(&test_app, &postbox).await, 0, "after try {n}");
        if let Some(due_at) = messages_to(&test_app, "callback").await[0].due_at {
            test_app.clock.set(due_at.plus_millis(-1));
            assert_eq!(deliver(&test_app, &postbox).await, 0, "before its time, {n}");
            test_app.clock.set(due_at);
        }
    }
    let message = &messages_to(&test_app, "callback").await[0];
    assert_eq!((message.state, message.tries, message.due_at), (MessageState::Failed, 10, None));
    assert!((75..85).contains(&((test_app.now().0 - began.0) / 3_600_000)));
    let letters = postbox.requests();
    assert!(
        letters
            .iter()
            .all(|letter| (&letter.id, &letter.body) == (&letters[0].id, &letters[0].body))
    );
    assert!(letters.windows(2).all(|pair| pair[0].seconds < pair[1].seconds && pair[0].signature != pair[1].signature));
    let (caller, query) = (test_app.operator(), OutboxLogQuery { limit: 10, ..Default::default() });
    let log =
        test_app.app.webhooks().messages(&caller, &OutboxTarget::Callback, query).await.unwrap();
    let tries = &log.messages[0].tries;
    assert_eq!(tries.iter().map(|entry| entry.n).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    assert_eq!(
        (tries[1].outcome, tries[1].status, tries[0].status),
        (CallbackOutcome::TimedOut, None, Some(500))
    );
    assert_eq!(
        test_app.number("SELECT count(*) FROM event WHERE kind = 'callback.failed'").await,
        1
    );
}

#[tokio::test]
async fn a_receiver_that_asks_for_a_pause_gets_it() {
    let test_app = completed().await;
    let postbox = FakeWebhookSender::new();
    postbox.script([retry_later(429, 600), retry_later(503, 7200)]);
    let due_after = async |seconds: i64| {
        let at = test_app.now();
        assert_eq!(deliver(&test_app, &postbox).await, 1);
        assert_eq!(
            messages_to(&test_app, "callback").await[0].due_at,
            Some(at.plus_seconds(seconds))
        );
        test_app.clock.set(at.plus_seconds(seconds));
    };
    due_after(600).await;
    due_after(7200).await;
    assert_eq!(deliver(&test_app, &postbox).await, 1);
    assert_eq!(messages_to(&test_app, "callback").await[0].state, MessageState::Delivered);
    assert_eq!(test_app.number("SELECT count(*) FROM event WHERE kind = 'callback.sent'").await, 1);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_asked_no_more_and_its_webhook_is_switched_off() {
    let test_app = completed().await;
    add_webhook(&test_app, "Wh1", "https://example.net/all").await;
    let instance = messages_to(&test_app, "callback").await[0].instance_id.clone();
    let caller = test_app.operator();
    test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
    test_app.app.instances().reacknowledge(&caller, &test_app.task, &instance, None).await.unwrap();
    let postbox = FakeWebhookSender::new();
    postbox.script((0..5).map(|_| status_reply(410)));
    // Two lanes: three messages to the callback, two to the webhook, all claimed before the first
    // answer.
    assert_eq!(deliver(&test_app, &postbox).await, 5);
    for target in ["callback", "Wh1"] {
        let states: Vec<_> =
            messages_to(&test_app, target).await.iter().map(|message| message.state).collect();
        assert!(states.iter().all(|state| *state == MessageState::Failed), "{states:?}");
    }
    let webhook = test_app.app.webhooks().webhook(&caller, &"Wh1".into()).await.unwrap().row;
    assert_eq!((webhook.active, webhook.gone_at), (false, Some(test_app.now())));
    test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
    assert_eq!(
        (messages_to(&test_app, "callback").await.len(), messages_to(&test_app, "Wh1").await.len()),
        (4, 2)
    );
}

#[tokio::test]
async fn what_waits_for_a_webhook_that_was_switched_off_is_dropped() {
    let test_app = TestApp::new().await;
    add_webhook(&test_app, "Wh1", "https://example.net/all").await;
    test_app.submit_candidate_a().await;
    let off = app::webhooks::WebhookUpdate { active: Some(false), ..Default::default() };
    // The address of the test's webhook would be refused only if it were plain.
    test_app.app.webhooks().update_webhook(&test_app.operator(), &"Wh1".into(), off).await.unwrap();
    let postbox = FakeWebhookSender::new();
    assert_eq!(deliver(&test_app, &postbox).await, 0);
    assert!(postbox.requests().is_empty());
    assert_eq!(messages_to(&test_app, "Wh1").await[0].state, MessageState::Dropped);
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_nobody_else() {
    let test_app = completed().await;
    add_webhook(&test_app, "Wh1", "https://hanging.example/all").await;
    let instance = messages_to(&test_app, "callback").await[0].instance_id.clone();
    let caller = test_app.operator();
    for _ in 0..20 {
        test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
        test_app
            .app
            .instances()
            .reacknowledge(&caller, &test_app.task, &instance, None)
            .await
            .unwrap();
    }
    let postbox = FakeWebhookSender::losing_requests_to("hanging.example");
    let mut dispatcher = WebhookDispatcher::new(test_app.app.clone(), postbox.clone());
    // The callback's 41 messages go through while the webhook's hang.
    while messages_to(&test_app, "callback")
        .await
        .iter()
        .any(|message| message.state == MessageState::Pending)
    {
        dispatcher.dispatch().await.unwrap();
        dispatcher.wait_for_attempts().await;
        dispatcher.record_attempts().await.unwrap();
    }
    let hanging = postbox.requests().iter().filter(|letter| letter.url.contains("hanging")).count();
    assert_eq!((postbox.requests().len() - hanging, hanging), (41, 8));
}

#[tokio::test]
async fn a_message_is_sent_again_on_demand_with_the_same_id_and_bytes() {
    let test_app = completed().await;
    let (caller, postbox) = (test_app.operator(), FakeWebhookSender::new());
    assert_eq!(deliver(&test_app, &postbox).await, 1);
    assert_eq!(deliver(&test_app, &postbox).await, 0);
    let event = messages_to(&test_app, "callback").await[0].event_id.clone();
    test_app.clock.pass_seconds(60);
    test_app.app.webhooks().replay_message(&caller, &OutboxTarget::Callback, &event).await.unwrap();
    // A second wish while it waits changes nothing.
    test_app.app.webhooks().replay_message(&caller, &OutboxTarget::Callback, &event).await.unwrap();
    assert_eq!(deliver(&test_app, &postbox).await, 1);
    let range = |since: i64, until: i64| storage::outbox::OutboxFilter {
        state: Some(MessageState::Delivered),
        since: Some(Timestamp(since)),
        until: Some(Timestamp(until)),
    };
    let at = messages_to(&test_app, "callback").await[0].at.0;
    let webhooks = test_app.app.webhooks();
    let replay = |filter| webhooks.replay_messages(&caller, &OutboxTarget::Callback, filter);
    assert_eq!(replay(range(at + 1, at + 9)).await.unwrap(), 0);
    assert_eq!(replay(range(at, at + 1)).await.unwrap(), 1);
    assert_eq!(deliver(&test_app, &postbox).await, 1);
    let letters = postbox.requests();
    assert_eq!(letters.len(), 3);
    assert!(
        letters
            .iter()
            .all(|letter| (&letter.id, &letter.body) == (&letters[0].id, &letters[0].body))
    );
}

/// What waits, and who is looked at in between.
const WAITING: &str = "SELECT count(*) FROM outbox WHERE due_at IS NOT NULL";

/// A test_app with 21 delivered messages, of which three are sent again in one transaction.
async fn delivered() -> TestApp {
    let test_app = completed().await;
    let instance = messages_to(&test_app, "callback").await[0].instance_id.clone();
    let caller = test_app.operator();
    for _ in 0..10 {
        test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
        test_app
            .app
            .instances()
            .reacknowledge(&caller, &test_app.task, &instance, None)
            .await
            .unwrap();
    }
    let test_app = test_app.reopened_with(Settings { batch_size: 3, ..Settings::default() }).await;
    let postbox = FakeWebhookSender::new();
    while deliver(&test_app, &postbox).await > 0 {}
    assert_eq!((postbox.requests().len(), test_app.number(WAITING).await), (21, 0));
    test_app
}

#[tokio::test]
async fn others_write_while_many_messages_are_replayed() {
    let test_app = delivered().await;
    let caller = test_app.operator();
    let webhooks = test_app.app.webhooks();
    let replay =
        webhooks.replay_messages(&caller, &OutboxTarget::Callback, OutboxFilter::default());
    let (replayed, seen) = test_app.beside_writes(WAITING, replay).await;
    assert_eq!((replayed.unwrap(), test_app.number(WAITING).await), (21, 21));
    assert!(
        seen.range(1..21).count() >= 2 && seen.iter().all(|number| number % 3 == 0),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_replay_that_died_in_the_middle_is_finished_by_asking_again() {
    let test_app = delivered().await;
    let caller = test_app.operator();
    let webhooks = test_app.app.webhooks();
    let replay =
        webhooks.replay_messages(&caller, &OutboxTarget::Callback, OutboxFilter::default());
    test_app.until_killed(WAITING, 3, replay).await;
    let test_app = test_app.reopened().await;
    let before = u64::try_from(test_app.number(WAITING).await).unwrap();
    assert!((3..21).contains(&before), "{before}");
    let replayed = test_app
        .app
        .webhooks()
        .replay_messages(&caller, &OutboxTarget::Callback, OutboxFilter::default())
        .await
        .unwrap();
    assert_eq!(
        (replayed + before, test_app.number(WAITING).await),
        (21, 21),
        "what waits is left as it is"
    );
}

#[tokio::test]
async fn finished_messages_are_forgotten_after_thirty_days() {
    let test_app = completed().await;
    deliver(&test_app, &FakeWebhookSender::new()).await;
    test_app.clock.pass_seconds(30 * 86_400);
    test_app.app.webhooks().prune_outbox().await.unwrap();
    assert_eq!(messages_to(&test_app, "callback").await.len(), 1);
    test_app.clock.pass_millis(1);
    test_app.app.webhooks().prune_outbox().await.unwrap();
    assert_eq!(messages_to(&test_app, "callback").await.len(), 0);
}

#[tokio::test]
async fn erasing_a_person_drops_what_waits_and_what_was_told() {
    let test_app = completed().await;
    add_webhook(&test_app, "Wh1", "https://example.net/all").await;
    let options = app::erasure::ErasureOptions::default();
    test_app
        .app
        .candidates()
        .erase_candidate(&test_app.operator(), &test_app.task, &"Ca1".into(), options)
        .await
        .unwrap();
    let postbox = FakeWebhookSender::new();
    assert_eq!(deliver(&test_app, &postbox).await, 0);
    assert!(postbox.requests().is_empty());
    for target in ["callback", "Wh1"] {
        for message in messages_to(&test_app, target).await {
            assert_eq!(
                (message.state, message.body, message.url),
                (MessageState::Dropped, None, None),
                "{target}"
            );
        }
    }
    assert_eq!(messages_to(&test_app, "callback").await.len(), 1);
}

/// Finding faults, minor: a receiver that was down for twelve seconds got those events five minutes
/// later.
#[tokio::test]
async fn what_waits_is_brought_forward_when_its_receiver_is_well_again() {
    let test_app = completed().await;
    let instance = messages_to(&test_app, "callback").await[0].instance_id.clone();
    let (caller, postbox) = (test_app.operator(), FakeWebhookSender::new());
    test_app.app.instances().ignore(&caller, &test_app.task, &instance, None).await.unwrap();
    // Both fail at first and at the first repeat, and then wait for minutes.
    postbox.script((0..4).map(|_| timed_out()));
    let mut dispatcher = WebhookDispatcher::new(test_app.app.clone(), postbox.clone());
    let mut go_on = async || {
        let begun = dispatcher.dispatch().await.unwrap();
        while dispatcher.is_busy() {
            dispatcher.wait_for_attempts().await;
        }
        dispatcher.record_attempts().await.unwrap();
        begun
    };
    while postbox.requests().len() < 4 {
        if go_on().await == 0 {
            test_app.clock.pass_seconds(1);
        }
    }
    let waits = messages_to(&test_app, "callback").await;
    assert!(
        waits.iter().all(|message| message.due_at.unwrap().0 - test_app.now().0 > 60_000),
        "{waits:?}"
    );
    test_app.app.instances().reacknowledge(&caller, &test_app.task, &instance, None).await.unwrap();
    assert_eq!(go_on().await, 1, "something new, and the receiver takes it");
    while go_on().await > 0 {}
    let states: Vec<_> =
        messages_to(&test_app, "callback").await.iter().map(|message| message.state).collect();
    assert_eq!(states, [MessageState::Delivered; 3], "no clock has moved");
}

/// Finding faults M8: what is removed because of a wrong clock is gone, and with it what could be
/// sent again.
#[tokio::test]
async fn finished_messages_are_removed_after_thirty_days_and_never_by_a_clock_that_jumped_m8() {
    let test_app = completed().await;
    assert_eq!(deliver(&test_app, &FakeWebhookSender::new()).await, 1);
    test_app.app.watch_clock().await.unwrap();
    test_app.app.webhooks().prune_outbox().await.unwrap();
    test_app.clock.jump_millis(400 * 24 * 3_600_000);
    for _ in 0..3 {
        test_app.app.webhooks().prune_outbox().await.unwrap();
        assert_eq!(messages_to(&test_app, "callback").await.len(), 1);
        test_app.clock.pass_seconds(90);
        test_app.app.check_clock().await.unwrap();
    }
    test_app.app.confirm_clock().await.unwrap();
    test_app.app.check_clock().await.unwrap();
    test_app.app.webhooks().prune_outbox().await.unwrap();
    assert!(messages_to(&test_app, "callback").await.is_empty());
}
