use super::*;
use crate::candidate::CandidateRow;
use crate::fixture::{NOW, StorageFixture, candidate};
use crate::webhook::WebhookRow;
use crate::{instance, webhook};

fn message(event: &str, lane: &str) -> OutboxRow {
    OutboxRow {
        target: CALLBACK.into(),
        event_id: event.into(),
        organization_id: "Og1".into(),
        task_id: "Tk1".into(),
        instance_id: "Ti1".into(),
        candidate_id: "Ca1".into(),
        kind: InstanceChange::Completed,
        at: NOW,
        lane: lane.into(),
        url: Some("https://example.org".into()),
        body: Some("{}".into()),
        state: MessageState::Pending,
        tries: 0,
        tries_before: 0,
        due_at: Some(NOW),
        finished_at: None,
    }
}

fn webhook(id: &str) -> WebhookRow {
    WebhookRow {
        id: id.into(),
        organization_id: "Og1".into(),
        url: "https://example.org/hook".into(),
        resource: CallbackResource::Detailed,
        description: String::new(),
        active: true,
        gone_at: None,
        created_at: NOW,
        deleted_at: None,
    }
}

fn with_messages(of: &'static [(&'static str, &'static str)]) -> StorageFixture {
    let fixture = StorageFixture::with_instance();
    fixture
        .write(move |tx| of.iter().try_for_each(|(event, lane)| insert(tx, &message(event, lane))));
    fixture
}

fn claim_all(fixture: &StorageFixture, lane: &'static str, now: Timestamp) -> Vec<OutboxRow> {
    fixture.write(move |tx| claim(tx, lane, now, now.plus_seconds(60), 10))
}

#[test]
fn a_claimed_message_is_nobody_elses_until_its_lease_is_over() {
    let fixture = with_messages(&[("c_1", "a"), ("c_2", "b")]);
    let first = claim_all(&fixture, "a", NOW);
    assert_eq!((first.len(), first[0].tries), (1, 1));
    assert_eq!(claim_all(&fixture, "a", NOW.plus_seconds(59)), []);
    let second = claim_all(&fixture, "a", NOW.plus_seconds(60));
    assert_eq!(second[0].tries, 2);
    // Whoever comes back late changes nothing.
    let late = first[0].clone();
    assert!(!fixture.write(move |tx| record_attempt(
        tx,
        &late,
        MessageState::Delivered,
        None,
        Some(NOW)
    )));
    let present = second[0].clone();
    assert!(fixture.write(move |tx| record_attempt(
        tx,
        &present,
        MessageState::Delivered,
        None,
        Some(NOW)
    )));
    assert_eq!(claim_all(&fixture, "a", NOW.plus_seconds(999)), []);
}

#[test]
fn lanes_are_listed_with_their_next_message_and_finished_ones_are_none() {
    let fixture = with_messages(&[("c_1", "b"), ("c_2", "a"), ("c_3", "a"), ("c_4", "c")]);
    let claimed = claim_all(&fixture, "c", NOW);
    fixture.write(move |tx| record_attempt(tx, &claimed[0], MessageState::Failed, None, Some(NOW)));
    claim_all(&fixture, "b", NOW);
    let found = fixture.read(lanes);
    assert_eq!(found, [("a".to_owned(), NOW), ("b".to_owned(), NOW.plus_seconds(60))]);
    assert_eq!(StorageFixture::new().read(lanes), []);
}

#[test]
fn looking_for_lanes_goes_by_the_index() {
    let plan = StorageFixture::embedded().query_plan(LANES);
    assert!(!plan.contains("SCAN outbox\n") && plan.contains("outbox_by_lane"), "{plan}");
}

#[test]
fn a_change_is_told_to_the_candidates_callback_and_to_webhooks_that_want_it() {
    let fixture = StorageFixture::with_task();
    fixture.write(|tx| {
        crate::candidate::insert(
            tx,
            &CandidateRow { callback: Some("{}".into()), ..candidate("Ca1", 1) },
        )?;
        crate::candidate::insert(tx, &candidate("Ca2", 2))?;
        for (id, active) in [("Wh1", true), ("Wh2", false)] {
            webhook::insert(tx, &WebhookRow { active, ..webhook(id) })?;
            webhook::set_events(tx, &id.into(), &[InstanceChange::Completed])?;
        }
        Ok(())
    });
    let reported = |candidate: &'static str, kind| {
        fixture.read(move |tx| recipients(tx, &"Og1".into(), &candidate.into(), kind))
    };
    let to_webhook =
        MessageRecipient::Webhook { id: "Wh1".into(), resource: CallbackResource::Detailed };
    assert_eq!(
        reported("Ca1", InstanceChange::Completed),
        [MessageRecipient::Callback("{}".into()), to_webhook.clone()]
    );
    assert_eq!(reported("Ca2", InstanceChange::Completed), [to_webhook]);
    assert_eq!(reported("Ca2", InstanceChange::Ignored), []);
    let foreign =
        fixture.read(|tx| recipients(tx, &"Og2".into(), &"Ca2".into(), InstanceChange::Completed));
    assert_eq!(foreign, []);
}

#[test]
fn the_log_is_read_backwards_and_another_organization_reads_none() {
    let fixture = with_messages(&[("c_1", "a"), ("c_2", "a"), ("c_3", "a")]);
    let ids = |organization: &'static str, behind: Option<&'static str>| {
        let rows = fixture.read(move |tx| {
            let behind = behind.map(|event| (NOW, event));
            list(tx, &organization.into(), CALLBACK, &OutboxFilter::default(), behind, 2)
        });
        rows.into_iter().map(|row| row.event_id).collect::<Vec<_>>()
    };
    assert_eq!(ids("Og1", None), ["c_3", "c_2"]);
    assert_eq!(ids("Og1", Some("c_2")), ["c_1"]);
    assert_eq!(ids("Og2", None), Vec::<String>::new());
    assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), CALLBACK, "c_1")), None);
}

#[test]
fn only_what_is_finished_is_replayed_and_its_tries_are_counted_anew() {
    let fixture = with_messages(&[("c_1", "a"), ("c_2", "b")]);
    let claimed = claim_all(&fixture, "a", NOW);
    fixture.write(move |tx| record_attempt(tx, &claimed[0], MessageState::Failed, None, Some(NOW)));
    let later = NOW.plus_seconds(9);
    let beginning = (Timestamp(i64::MIN), String::new());
    let found = |filter: OutboxFilter, behind: OutboxCursor, window| {
        fixture.read(move |tx| finished(tx, &"Og1".into(), CALLBACK, &filter, &behind, window))
    };
    let all = |filter: OutboxFilter| found(filter, beginning.clone(), 9);
    assert_eq!(
        all(OutboxFilter { state: Some(MessageState::Delivered), ..OutboxFilter::default() }),
        (vec![], None)
    );
    assert_eq!(all(OutboxFilter { since: Some(later), ..OutboxFilter::default() }), (vec![], None));
    let span = OutboxFilter { until: Some(later), since: Some(NOW), ..OutboxFilter::default() };
    assert_eq!(all(span.clone()), (vec!["c_1".to_owned()], None));
    let failed = OutboxFilter { state: Some(MessageState::Failed), ..span };
    let first = found(failed.clone(), beginning.clone(), 1);
    assert_eq!(first, (vec!["c_1".to_owned()], Some((NOW, "c_1".to_owned()))));
    let second = found(failed.clone(), first.1.unwrap(), 1);
    assert_eq!(
        second,
        (vec![], Some((NOW, "c_2".to_owned()))),
        "it waits, and is looked at all the same"
    );
    assert_eq!(found(failed, second.1.unwrap(), 1), (vec![], None));
    let replayed = |event: &'static str| {
        fixture.write(move |tx| replay(tx, &"Og1".into(), CALLBACK, event, later))
    };
    assert!(!replayed("c_2") && replayed("c_1") && !replayed("c_1"));
    assert!(
        !fixture.write(move |tx| replay(tx, &"Og2".into(), CALLBACK, "c_1", later)),
        "of another organization"
    );
    let row = fixture.read(|tx| find(tx, &"Og1".into(), CALLBACK, "c_1")).unwrap();
    assert_eq!((row.state, row.tries, row.tries_before), (MessageState::Pending, 1, 1));
    assert_eq!((row.due_at, row.finished_at), (Some(later), None));
}

#[test]
fn what_an_erased_person_was_sent_is_gone_and_cannot_be_replayed() {
    let fixture = with_messages(&[("c_1", "a")]);
    assert_eq!(fixture.write(|tx| forget(tx, &"Ca1".into(), NOW)), 1);
    let row = fixture.read(|tx| find(tx, &"Og1".into(), CALLBACK, "c_1")).unwrap();
    assert_eq!(
        (row.state, row.url, row.body, row.due_at),
        (MessageState::Dropped, None, None, None)
    );
    assert!(!fixture.write(|tx| replay(tx, &"Og1".into(), CALLBACK, "c_1", NOW)));
}

#[test]
fn old_messages_are_removed_with_their_tries() {
    let fixture = with_messages(&[("c_1", "a"), ("c_2", "b")]);
    let claimed = claim_all(&fixture, "a", NOW);
    fixture.write(move |tx| {
        record_attempt(tx, &claimed[0], MessageState::Delivered, None, Some(NOW))?;
        let of = |n| OutboxAttemptRow {
            target: CALLBACK.into(),
            event_id: "c_1".into(),
            n,
            at: NOW,
            outcome: CallbackOutcome::Delivered,
            status: Some(200),
            millis: 3,
        };
        log(tx, &of(1))
    });
    assert_eq!(fixture.read(|tx| tries(tx, CALLBACK, "c_1")).len(), 1);
    assert_eq!(fixture.write(|tx| prune(tx, NOW, 10)), 0);
    assert_eq!(fixture.write(|tx| prune(tx, NOW.plus_seconds(1), 10)), 1);
    assert_eq!(fixture.read(|tx| tries(tx, CALLBACK, "c_1")), []);
    assert!(fixture.read(|tx| find(tx, &"Og1".into(), CALLBACK, "c_2")).is_some());
    assert!(fixture.read(|tx| instance::find_any(tx, &"Ti1".into())).is_some());
}
