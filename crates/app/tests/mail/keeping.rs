//! What becomes of a mail: tries, the end of them, sending again, calling off, several servers.

use crate::desk::{Bag, ada, events, hall, log, only, person, register, send, states};
use crate::hall::Hall;
use crate::office::operator;
use app::candidates::{Invitation, NewCandidate};
use app::mail::MailRoom;
use domain::mail::{MailOutcome, MailState};
use std::collections::BTreeMap;

#[tokio::test]
async fn what_fails_for_now_is_tried_again_under_the_same_name_until_it_goes() {
    let hall = hall().await;
    ada(&hall, "All").await;
    let bag = Bag::new();
    bag.will([MailOutcome::Unreachable, MailOutcome::Denied]);
    assert_eq!(send(&hall, &bag).await, 1);
    let view = only(&hall).await;
    assert_eq!((view.mail.state, view.tries.len()), (MailState::Waiting, 1));
    hall.clock.pass_seconds(59);
    assert_eq!(send(&hall, &bag).await, 0);
    hall.clock.pass_seconds(8);
    assert_eq!(send(&hall, &bag).await, 1);
    hall.clock.pass_seconds(331);
    assert_eq!(send(&hall, &bag).await, 1);
    let view = only(&hall).await;
    assert_eq!((view.mail.state, view.tries.len()), (MailState::Sent, 3));
    assert_eq!(view.tries[0].reply.as_deref(), Some("so be it"));
    let names: std::collections::BTreeSet<_> = bag.mails().into_iter().map(|mail| mail.message_id).collect();
    assert_eq!(names.len(), 1);
}

#[tokio::test]
async fn ten_failures_are_the_end_and_staff_may_send_it_again_under_another_name() {
    let hall = hall().await;
    ada(&hall, "All").await;
    let bag = Bag::new();
    bag.will([MailOutcome::TimedOut; 10]);
    for _ in 0..10 {
        assert_eq!(send(&hall, &bag).await, 1);
        hall.clock.pass_seconds(24 * 3600);
    }
    assert_eq!((send(&hall, &bag).await, events(&hall, "mail.failed").await), (0, 1));
    let view = only(&hall).await;
    assert_eq!(view.mail.state, MailState::Failed);
    let again = hall.app.resend_mail(&operator(&hall), &view.mail.id).await.unwrap();
    assert_eq!(again.mail.state, MailState::Waiting);
    assert_eq!(send(&hall, &bag).await, 1);
    assert_eq!(states(&hall).await, [MailState::Sent]);
    let mails = bag.mails();
    assert_ne!(mails[0].message_id, mails[10].message_id);
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let hall = hall().await;
    ada(&hall, "All").await;
    let bag = Bag::new();
    bag.will([MailOutcome::Refused]);
    send(&hall, &bag).await;
    hall.clock.pass_seconds(24 * 3600);
    assert_eq!(send(&hall, &bag).await, 0);
    assert_eq!(states(&hall).await, [MailState::Failed]);
}

#[tokio::test]
async fn a_mail_that_was_called_off_is_not_sent_and_a_sent_one_cannot_be() {
    let hall = hall().await;
    let at = Some(hall.now().plus_seconds(60));
    let invitation = Some(Invitation { template: "All".into(), at });
    register(&hall, NewCandidate { invitation, ..person(Some("A"), Some("a@example.org")) }).await;
    let id = only(&hall).await.mail.id;
    let off = hall.app.cancel_mail(&operator(&hall), &id).await.unwrap();
    assert_eq!((off.mail.state, off.mail.due_at), (MailState::Cancelled, None));
    hall.clock.pass_seconds(60);
    let bag = Bag::new();
    assert_eq!(send(&hall, &bag).await, 0);
    hall.app.resend_mail(&operator(&hall), &id).await.unwrap();
    assert_eq!(send(&hall, &bag).await, 1);
    assert_eq!(hall.app.cancel_mail(&operator(&hall), &id).await.unwrap().mail.state, MailState::Sent);
}

#[tokio::test]
async fn finished_mail_is_removed_after_thirty_days() {
    let hall = hall().await;
    ada(&hall, "All").await;
    let bag = Bag::new();
    send(&hall, &bag).await;
    hall.clock.pass_seconds(30 * 24 * 3600);
    hall.app.tidy_mail(bag.as_ref()).await.unwrap();
    assert_eq!(log(&hall).await.mails.len(), 1);
    hall.clock.pass_seconds(1);
    hall.app.tidy_mail(bag.as_ref()).await.unwrap();
    assert!(log(&hall).await.mails.is_empty());
}

async fn crowded(people: usize) -> Hall {
    let hall = hall().await;
    for _ in 0..people {
        ada(&hall, "All").await;
    }
    hall
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_look_at_once_send_each_mail_once() {
    let hall = crowded(30).await;
    let nodes = [hall.app.clone(), hall.another_node(2).await, hall.another_node(3).await];
    let bag = Bag::new();
    let sending = nodes.map(|node| {
        let bag = bag.clone();
        tokio::spawn(async move { node.send_due_mail(bag).await })
    });
    for sending in sending {
        sending.await.unwrap().unwrap();
    }
    // Whoever looked while others were claiming may have seen nothing to do.
    send(&hall, &bag).await;
    let mut sent: BTreeMap<String, usize> = BTreeMap::new();
    for mail in bag.mails() {
        *sent.entry(mail.message_id).or_default() += 1;
    }
    assert_eq!((sent.len(), sent.values().copied().max()), (30, Some(1)));
    assert!(states(&hall).await.iter().all(|state| *state == MailState::Sent));
}

#[tokio::test]
async fn what_a_killed_server_had_under_way_goes_again_under_the_same_name_when_its_lease_is_over() {
    let hall = crowded(1).await;
    let lost = Bag::that_loses("example.org");
    let mut killed = MailRoom::new(hall.another_node(2).await, lost.clone());
    assert_eq!(killed.dispatch().await.unwrap(), 1);
    // What was handed over begins when it is its turn.
    tokio::task::yield_now().await;
    drop(killed);
    let bag = Bag::new();
    hall.clock.pass_millis(179_999);
    assert_eq!(send(&hall, &bag).await, 0);
    hall.clock.pass_millis(1);
    assert_eq!(send(&hall, &bag).await, 1);
    assert_eq!(bag.mails()[0].message_id, lost.mails()[0].message_id);
}

#[tokio::test]
async fn the_background_loop_sends_and_ends_when_it_is_told_to() {
    let hall = crowded(6).await;
    let bag = Bag::new();
    let (ending, ended) = tokio::sync::oneshot::channel::<()>();
    let (app, mailer) = (hall.app.clone(), bag.clone());
    let running = tokio::spawn(async move { app.run_mail(mailer, async { drop(ended.await) }).await });
    while states(&hall).await.contains(&MailState::Waiting) {
        tokio::task::yield_now().await;
    }
    ending.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(bag.mails().len(), 6);
}
