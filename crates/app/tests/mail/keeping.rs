//! What becomes of a mail: tries, the end of them, sending again, calling off, several servers.

use crate::mail_fixture::{
    ada, app_with_templates, events, mail_log, only_mail, person, register, send_due, states,
};
use app::candidates::{Invitation, NewCandidate};
use app::mail::MailDispatcher;
use domain::mail::{MailOutcome, MailState};
use std::collections::BTreeMap;
use testkit::{FakeMailer, TestApp};

#[tokio::test]
async fn what_fails_for_now_is_tried_again_under_the_same_name_until_it_goes() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let bag = FakeMailer::new();
    bag.script([MailOutcome::Unreachable, MailOutcome::Denied]);
    assert_eq!(send_due(&test_app, &bag).await, 1);
    let view = only_mail(&test_app).await;
    assert_eq!((view.mail.state, view.tries.len()), (MailState::Waiting, 1));
    test_app.clock.pass_seconds(59);
    assert_eq!(send_due(&test_app, &bag).await, 0);
    test_app.clock.pass_seconds(8);
    assert_eq!(send_due(&test_app, &bag).await, 1);
    test_app.clock.pass_seconds(331);
    assert_eq!(send_due(&test_app, &bag).await, 1);
    let view = only_mail(&test_app).await;
    assert_eq!((view.mail.state, view.tries.len()), (MailState::Sent, 3));
    assert_eq!(view.tries[0].reply.as_deref(), Some("so be it"));
    let names: std::collections::BTreeSet<_> =
        bag.mails().into_iter().map(|mail| mail.message_id).collect();
    assert_eq!(names.len(), 1);
}

#[tokio::test]
async fn ten_failures_are_the_end_and_staff_may_send_it_again_under_another_name() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let bag = FakeMailer::new();
    bag.script([MailOutcome::TimedOut; 10]);
    for _ in 0..10 {
        assert_eq!(send_due(&test_app, &bag).await, 1);
        test_app.clock.pass_seconds(24 * 3600);
    }
    assert_eq!((send_due(&test_app, &bag).await, events(&test_app, "mail.failed").await), (0, 1));
    let view = only_mail(&test_app).await;
    assert_eq!(view.mail.state, MailState::Failed);
    let again = test_app.app.mail().resend_mail(&test_app.operator(), &view.mail.id).await.unwrap();
    assert_eq!(again.mail.state, MailState::Waiting);
    assert_eq!(send_due(&test_app, &bag).await, 1);
    assert_eq!(states(&test_app).await, [MailState::Sent]);
    let mails = bag.mails();
    assert_ne!(mails[0].message_id, mails[10].message_id);
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let bag = FakeMailer::new();
    bag.script([MailOutcome::Refused]);
    send_due(&test_app, &bag).await;
    test_app.clock.pass_seconds(24 * 3600);
    assert_eq!(send_due(&test_app, &bag).await, 0);
    assert_eq!(states(&test_app).await, [MailState::Failed]);
}

#[tokio::test]
async fn a_mail_that_was_called_off_is_not_sent_and_a_sent_one_cannot_be() {
    let test_app = app_with_templates().await;
    let at = Some(test_app.now().plus_seconds(60));
    let invitation = Some(Invitation { template: "All".into(), at });
    register(&test_app, NewCandidate { invitation, ..person(Some("A"), Some("a@example.org")) })
        .await;
    let id = only_mail(&test_app).await.mail.id;
    let off = test_app.app.mail().cancel_mail(&test_app.operator(), &id).await.unwrap();
    assert_eq!((off.mail.state, off.mail.due_at), (MailState::Cancelled, None));
    test_app.clock.pass_seconds(60);
    let bag = FakeMailer::new();
    assert_eq!(send_due(&test_app, &bag).await, 0);
    test_app.app.mail().resend_mail(&test_app.operator(), &id).await.unwrap();
    assert_eq!(send_due(&test_app, &bag).await, 1);
    assert_eq!(
        test_app.app.mail().cancel_mail(&test_app.operator(), &id).await.unwrap().mail.state,
        MailState::Sent
    );
}

#[tokio::test]
async fn finished_mail_is_removed_after_thirty_days() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    test_app.clock.pass_seconds(30 * 24 * 3600);
    test_app.app.mail().prune_mail(bag.as_ref()).await.unwrap();
    assert_eq!(mail_log(&test_app).await.mails.len(), 1);
    test_app.clock.pass_seconds(1);
    test_app.app.mail().prune_mail(bag.as_ref()).await.unwrap();
    assert!(mail_log(&test_app).await.mails.is_empty());
}

/// Finding faults M8: a log that is removed because of a wrong clock is gone.
#[tokio::test]
async fn no_mail_is_removed_by_a_clock_that_jumped_until_it_is_confirmed_m8() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    test_app.app.watch_clock().await.unwrap();
    test_app.clock.jump_millis(400 * 24 * 3_600_000);
    for _ in 0..3 {
        // Followed after a minute, since nobody sits; and even then it is no proof.
        test_app.app.mail().prune_mail(bag.as_ref()).await.unwrap();
        assert_eq!(mail_log(&test_app).await.mails.len(), 1);
        test_app.clock.pass_seconds(90);
        test_app.app.check_clock().await.unwrap();
    }
    test_app.app.confirm_clock().await.unwrap();
    test_app.app.check_clock().await.unwrap();
    test_app.app.mail().prune_mail(bag.as_ref()).await.unwrap();
    assert!(mail_log(&test_app).await.mails.is_empty());
}

async fn crowded(people: usize) -> TestApp {
    let test_app = app_with_templates().await;
    for _ in 0..people {
        ada(&test_app, "All").await;
    }
    test_app
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_look_at_once_send_each_mail_once() {
    let test_app = crowded(30).await;
    let nodes =
        [test_app.app.clone(), test_app.another_node(2).await, test_app.another_node(3).await];
    let bag = FakeMailer::new();
    let sending = nodes.map(|node| {
        let bag = bag.clone();
        tokio::spawn(async move { node.mail().send_due_mail(bag).await })
    });
    for sending in sending {
        sending.await.unwrap().unwrap();
    }
    // Whoever looked while others were claiming may have seen nothing to do.
    send_due(&test_app, &bag).await;
    let mut sent: BTreeMap<String, usize> = BTreeMap::new();
    for mail in bag.mails() {
        *sent.entry(mail.message_id).or_default() += 1;
    }
    assert_eq!((sent.len(), sent.values().copied().max()), (30, Some(1)));
    assert!(states(&test_app).await.iter().all(|state| *state == MailState::Sent));
}

#[tokio::test]
async fn what_a_killed_server_had_under_way_goes_again_under_the_same_name_when_its_lease_is_over()
{
    let test_app = crowded(1).await;
    let lost = FakeMailer::losing_mail_to("example.org");
    let mut killed = MailDispatcher::new(test_app.another_node(2).await, lost.clone());
    assert_eq!(killed.dispatch().await.unwrap(), 1);
    // What was handed over begins when it is its turn.
    tokio::task::yield_now().await;
    drop(killed);
    let bag = FakeMailer::new();
    test_app.clock.pass_millis(179_999);
    assert_eq!(send_due(&test_app, &bag).await, 0);
    test_app.clock.pass_millis(1);
    assert_eq!(send_due(&test_app, &bag).await, 1);
    assert_eq!(bag.mails()[0].message_id, lost.mails()[0].message_id);
}

#[tokio::test]
async fn the_background_loop_sends_and_ends_when_it_is_told_to() {
    let test_app = crowded(6).await;
    let bag = FakeMailer::new();
    let (ending, ended) = tokio::sync::oneshot::channel::<()>();
    let (app, mailer) = (test_app.app.clone(), bag.clone());
    let running =
        tokio::spawn(async move { app.mail().run_mail(mailer, async { drop(ended.await) }).await });
    while states(&test_app).await.contains(&MailState::Waiting) {
        tokio::task::yield_now().await;
    }
    ending.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(bag.mails().len(), 6);
}
