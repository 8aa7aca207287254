use super::*;
use crate::fixture::{NOW, StorageFixture, mail};

fn with_mails(ids: &'static [&'static str]) -> StorageFixture {
    let fixture = StorageFixture::with_task();
    fixture.write(move |tx| ids.iter().try_for_each(|id| insert(tx, &mail(id))));
    fixture
}

fn claim_all(fixture: &StorageFixture, now: Timestamp) -> Vec<MailRow> {
    fixture.write(move |tx| claim(tx, now, now.plus_seconds(60), 10))
}

fn sent(mail: MailRow) -> MailRow {
    let (subject, body) = (Some("Hello".to_owned()), Some("Code 7".to_owned()));
    MailRow {
        state: MailState::Sent,
        due_at: None,
        finished_at: Some(NOW),
        subject,
        body,
        lang: Some("en".into()),
        ..mail
    }
}

#[test]
fn a_claimed_mail_is_nobody_elses_until_its_lease_is_over_and_who_is_late_changes_nothing() {
    let fixture = with_mails(&["Ma1"]);
    let first = claim_all(&fixture, NOW).remove(0);
    assert_eq!(claim_all(&fixture, NOW.plus_seconds(59)), []);
    let second = claim_all(&fixture, NOW.plus_seconds(60)).remove(0);
    assert_eq!((first.tries, second.tries), (1, 2));
    assert!(!fixture.write(move |tx| record_attempt(tx, &sent(first.clone()))));
    assert!(fixture.write(move |tx| record_attempt(tx, &sent(second.clone()))));
    assert_eq!(claim_all(&fixture, NOW.plus_seconds(999)), []);
    assert_eq!(fixture.read(earliest), None);
}

#[test]
fn a_dated_mail_is_not_claimed_before_its_date() {
    let fixture = StorageFixture::with_task();
    let dated =
        MailRow { send_at: NOW.plus_seconds(9), due_at: Some(NOW.plus_seconds(9)), ..mail("Ma1") };
    fixture.write(move |tx| insert(tx, &dated));
    assert_eq!(claim_all(&fixture, NOW.plus_seconds(8)), []);
    assert_eq!(fixture.read(earliest), Some(NOW.plus_seconds(9)));
    assert_eq!(claim_all(&fixture, NOW.plus_seconds(9)).len(), 1);
}

#[test]
fn another_organization_reads_resends_and_cancels_nothing() {
    let fixture = with_mails(&["Ma1"]);
    let other = OrganizationId::from("Og2");
    let (one, two, three) = (other.clone(), other.clone(), other.clone());
    assert_eq!(fixture.read(move |tx| find(tx, &one, &"Ma1".into())), None);
    assert_eq!(fixture.read(move |tx| list(tx, &two, &MailFilter::default(), None, 9)), []);
    assert!(!fixture.write(move |tx| Ok(
        cancel(tx, &three, &"Ma1".into(), NOW)? || resend(tx, &three, &"Ma1".into(), NOW)?
    )));
}

#[test]
fn the_list_is_read_backwards_by_every_filter_at_once() {
    let fixture = with_mails(&["Ma1", "Ma2", "Ma3"]);
    let listed = |filter: MailFilter, behind: Option<&'static str>| -> Vec<String> {
        let rows = fixture.read(move |tx| {
            let behind = behind.map(MailId::from);
            list(tx, &"Og1".into(), &filter, behind.as_ref().map(|id| (NOW, id)), 2)
        });
        rows.iter().map(|mail| mail.id.to_string()).collect()
    };
    assert_eq!(listed(MailFilter::default(), None), ["Ma3", "Ma2"]);
    assert_eq!(listed(MailFilter::default(), Some("Ma2")), ["Ma1"]);
    let narrow = MailFilter {
        task: Some("Tk1".into()),
        candidate: Some("Ca1".into()),
        state: Some(MailState::Waiting),
    };
    assert_eq!(listed(narrow.clone(), Some("Ma3")), ["Ma2", "Ma1"]);
    assert!(listed(MailFilter { task: Some("Tk2".into()), ..narrow.clone() }, None).is_empty());
    assert!(listed(MailFilter { state: Some(MailState::Sent), ..narrow }, None).is_empty());
}

#[test]
fn forgetting_a_person_cancels_what_waits_and_leaves_no_address_and_no_text() {
    let fixture = with_mails(&["Ma1", "Ma2"]);
    let claimed = fixture.write(|tx| claim(tx, NOW, NOW.plus_seconds(60), 1)).remove(0);
    fixture.write(move |tx| {
        record_attempt(tx, &sent(claimed.clone()))?;
        let reply = Some("250 ada@example.org".to_owned());
        log(
            tx,
            &MailAttemptRow {
                mail_id: claimed.id.clone(),
                n: 1,
                at: NOW,
                outcome: MailOutcome::Sent,
                status: Some(250),
                reply,
                millis: 3,
            },
        )
    });
    assert_eq!(fixture.write(|tx| forget(tx, &"Ca1".into(), NOW)), 2);
    let rows = fixture.read(|tx| list(tx, &"Og1".into(), &MailFilter::default(), None, 9));
    let mut states: Vec<_> = rows.iter().map(|mail| mail.state).collect();
    states.sort();
    assert_eq!(states, [MailState::Sent, MailState::Cancelled]);
    for row in rows {
        assert_eq!((row.recipient, row.subject, row.body, row.due_at), (None, None, None, None));
        let id = row.id.clone();
        assert!(fixture.read(move |tx| tries(tx, &id)).iter().all(|entry| entry.reply.is_none()));
        let id = row.id.clone();
        assert!(!fixture.write(move |tx| resend(tx, &"Og1".into(), &id, NOW)));
    }
}

#[test]
fn a_finished_mail_can_be_sent_again_and_is_removed_when_it_is_old() {
    let fixture = with_mails(&["Ma1"]);
    assert!(!fixture.write(|tx| resend(tx, &"Og1".into(), &"Ma1".into(), NOW)));
    let claimed = claim_all(&fixture, NOW).remove(0);
    fixture.write(move |tx| {
        record_attempt(tx, &MailRow { state: MailState::Kept, ..sent(claimed.clone()) })
    });
    assert_eq!(fixture.read(|tx| is_stored_locally(tx, &"Ma1".into())), Some(true));
    assert_eq!(fixture.read(|tx| finished_before(tx, NOW, 10)), []);
    assert!(fixture.write(|tx| resend(tx, &"Og1".into(), &"Ma1".into(), NOW)));
    assert_eq!(fixture.read(|tx| is_stored_locally(tx, &"Ma1".into())), Some(false));
    let again = claim_all(&fixture, NOW).remove(0);
    assert_eq!((again.tries, again.tries_before), (2, 1));
    fixture.write(move |tx| record_attempt(tx, &sent(again.clone())));
    assert_eq!(fixture.read(|tx| finished_before(tx, NOW.plus_seconds(1), 10)), ["Ma1".into()]);
    fixture.write(|tx| remove(tx, &["Ma1".into()]));
    assert_eq!(fixture.read(|tx| is_stored_locally(tx, &"Ma1".into())), None);
    assert_eq!(fixture.read(|tx| find(tx, &"Og1".into(), &"Ma1".into())), None);
}

#[test]
fn looking_for_due_mail_goes_by_the_index() {
    let sql = "SELECT due_at FROM mail WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1";
    let plan = StorageFixture::embedded().query_plan(sql);
    assert!(plan.contains("mail_by_due"), "{plan}");
}
