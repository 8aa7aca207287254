//! Who is invited, when, and who may ask for it.

use crate::mail_fixture::{
    ada, app_with_templates, events, invitation, mail_log, only_mail, person, register, send_due,
    set_templates, states, template,
};
use app::Failure;
use app::caller::{Caller, KeyGrant};
use app::candidates::{CandidateUpdate, Invitation, NewCandidate};
use app::mail::{InviteRequest, MailFilter, MailQuery};
use app::tasks::TaskUpdate;
use domain::instance::Scope;
use domain::mail::MailState;
use testkit::FakeMailer;
use testkit::failures::{faults, is_not_found};

fn invite(ids: &[&str], template: &str) -> InviteRequest {
    InviteRequest {
        candidates: ids.iter().map(|id| (*id).into()).collect(),
        invitation: invitation(template),
    }
}

#[tokio::test]
async fn a_template_that_asks_for_what_there_is_not_is_refused_with_its_place() {
    let test_app = app_with_templates().await;
    let wrong = vec![
        template("A", "{{nmae}}", Some("{{code")),
        template("A", &"x".repeat(201), Some("")),
        template("B", "fine {{task}}", Some("{{ code }}")),
    ];
    let change = TaskUpdate { email_templates: Some(wrong), ..TaskUpdate::default() };
    let faults = faults(
        test_app.app.tasks().update_task(&test_app.operator(), &test_app.task, change).await,
    );
    let at = |rest: &str| format!("/fields/emailTemplates/{rest}");
    let expected = [
        at("1 conflicting_values"),
        at("0/subject invalid_format"),
        at("0/body invalid_format"),
        at("1/subject invalid_length"),
        at("1/body invalid_length"),
    ];
    assert_eq!(faults, expected);
}

#[tokio::test]
async fn every_fault_of_an_invitation_is_told_at_once_and_nothing_is_written() {
    let test_app = app_with_templates().await;
    let silent = register(&test_app, person(Some("Nobody"), None)).await;
    let ids = [silent.id.as_str(), "Ca99"];
    let faults = faults(
        test_app
            .app
            .mail()
            .invite_candidates(&test_app.operator(), &test_app.task, invite(&ids, "No"))
            .await,
    );
    let expected = [
        "/emailTemplateName unknown_reference",
        "/candidateIds/0 required",
        "/candidateIds/1 unknown_reference",
    ];
    assert_eq!(faults, expected);
    assert!(mail_log(&test_app).await.mails.is_empty());
}

#[tokio::test]
async fn each_address_gets_a_mail_of_its_own_and_none_two() {
    let test_app = app_with_templates().await;
    let new = NewCandidate {
        extra_emails: vec!["mother@example.org".into(), "ada@example.org".into()],
        invitation: Some(invitation("All")),
        ..person(Some("Ada"), Some("ada@example.org"))
    };
    let made = register(&test_app, new).await;
    let bag = FakeMailer::new();
    assert_eq!(send_due(&test_app, &bag).await, 2);
    let mut to: Vec<_> = bag.mails().into_iter().map(|mail| mail.to).collect();
    to.sort();
    assert_eq!(to, ["ada@example.org", "mother@example.org"]);
    assert!(bag.mails().iter().all(|mail| mail.text.contains(&made.invitation_code)));
    assert_eq!(
        (events(&test_app, "candidate.invited").await, events(&test_app, "mail.sent").await),
        (1, 2)
    );
}

#[tokio::test]
async fn a_dated_mail_waits_for_its_date_and_one_of_the_past_goes_at_once() {
    let test_app = app_with_templates().await;
    let dated = |at| Some(Invitation { template: "All".into(), at: Some(at) });
    let (later, earlier) = (test_app.now().plus_seconds(3600), test_app.now().plus_seconds(-3600));
    let one = person(Some("Late"), Some("late@example.org"));
    register(&test_app, NewCandidate { invitation: dated(later), ..one.clone() }).await;
    let bag = FakeMailer::new();
    assert_eq!(send_due(&test_app, &bag).await, 0);
    register(&test_app, NewCandidate { invitation: dated(earlier), ..one }).await;
    assert_eq!(send_due(&test_app, &bag).await, 1);
    test_app.clock.pass_seconds(3599);
    assert_eq!(send_due(&test_app, &bag).await, 0);
    test_app.clock.pass_seconds(1);
    assert_eq!(send_due(&test_app, &bag).await, 1);
}

#[tokio::test]
async fn a_refused_registration_invites_nobody() {
    let test_app = app_with_templates().await;
    let one = NewCandidate {
        invitation: Some(invitation("All")),
        ..person(Some("A"), Some("a@example.org"))
    };
    let bulk = vec![one.clone(), NewCandidate { stage: Some("Nowhere".into()), ..one }];
    assert!(
        test_app
            .app
            .candidates()
            .create_candidates(&test_app.operator(), &test_app.task, bulk)
            .await
            .is_err()
    );
    assert!(mail_log(&test_app).await.mails.is_empty());
}

#[tokio::test]
async fn deleting_a_candidate_cancels_what_waits_and_removes_what_was_said() {
    let test_app = app_with_templates().await;
    let made = ada(&test_app, "All").await;
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    let again = invite(&[made.id.as_str()], "Plain");
    test_app
        .app
        .mail()
        .invite_candidates(&test_app.operator(), &test_app.task, again)
        .await
        .unwrap();
    test_app
        .app
        .candidates()
        .delete_candidate(&test_app.operator(), &test_app.task, &made.id)
        .await
        .unwrap();
    assert_eq!(states(&test_app).await, [MailState::Sent, MailState::Cancelled]);
    assert_eq!(send_due(&test_app, &bag).await, 0);
    for view in mail_log(&test_app).await.mails {
        assert_eq!((view.mail.recipient, view.mail.subject, view.mail.body), (None, None, None));
        assert!(view.tries.iter().all(|entry| entry.reply.is_none()));
        assert!(is_not_found(
            &test_app.app.mail().resend_mail(&test_app.operator(), &view.mail.id).await
        ));
    }
}

#[tokio::test]
async fn a_corrected_address_is_where_a_waiting_mail_goes() {
    let test_app = app_with_templates().await;
    let made = ada(&test_app, "All").await;
    let change =
        CandidateUpdate { email: Some("ada@example.com".into()), ..CandidateUpdate::default() };
    test_app
        .app
        .candidates()
        .update_candidate(&test_app.operator(), &test_app.task, &made.id, change)
        .await
        .unwrap();
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    assert_eq!(bag.mails()[0].to, "ada@example.com");
}

#[tokio::test]
async fn a_key_reads_and_writes_mail_within_its_scopes_and_tasks_only() {
    let test_app = app_with_templates().await;
    let made = ada(&test_app, "All").await;
    let id = only_mail(&test_app).await.mail.id;
    let reader = test_app.key(&[Scope::CandidatesRead]);
    assert!(test_app.app.mail().find_mail(&reader, &id).await.is_ok());
    assert!(matches!(
        test_app.app.mail().resend_mail(&reader, &id).await,
        Err(Failure::InsufficientScope(_))
    ));
    assert!(matches!(
        test_app.app.mail().cancel_mail(&reader, &id).await,
        Err(Failure::InsufficientScope(_))
    ));
    let request = invite(&[made.id.as_str()], "All");
    let refused =
        test_app.app.mail().invite_candidates(&reader, &test_app.task, request.clone()).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
    let grant = KeyGrant {
        organization: test_app.organization.clone(),
        key: "Ky1".into(),
        scopes: vec![Scope::Manage],
        tasks: Some(vec!["Tk9".into()]),
        folders: None,
        expires_at: None,
    };
    let other = test_app.app.organizations().create_organization("Other").await.unwrap().id;
    let outsiders =
        [Caller::with_key(grant.into(), "Rq1".into()), Caller::operator(other, "Rq1".into())];
    for outsider in outsiders {
        assert!(is_not_found(&test_app.app.mail().find_mail(&outsider, &id).await));
        assert!(is_not_found(&test_app.app.mail().resend_mail(&outsider, &id).await));
        assert!(is_not_found(&test_app.app.mail().cancel_mail(&outsider, &id).await));
        assert!(is_not_found(
            &test_app
                .app
                .mail()
                .invite_candidates(&outsider, &test_app.task, request.clone())
                .await
        ));
        let query = MailQuery { limit: 1, ..MailQuery::default() };
        assert!(test_app.app.mail().mails(&outsider, query).await.unwrap().mails.is_empty());
    }
}

#[tokio::test]
async fn the_log_is_read_in_parts_by_every_filter() {
    let test_app = app_with_templates().await;
    let first = ada(&test_app, "All").await;
    send_due(&test_app, &FakeMailer::new()).await;
    test_app.clock.pass_seconds(1);
    let second = ada(&test_app, "Plain").await;
    let read = |filter: MailFilter, behind: Option<_>| {
        let query = MailQuery { filter, behind, limit: 1 };
        let (app, caller) = (test_app.app.clone(), test_app.operator());
        async move { app.mail().mails(&caller, query).await }
    };
    let run = read(MailFilter::default(), None).await.unwrap();
    assert_eq!((run.mails[0].mail.candidate_id.clone(), run.has_more), (second.id, true));
    let rest = read(MailFilter::default(), Some(run.mails[0].mail.id.clone())).await.unwrap();
    assert_eq!((rest.mails[0].mail.candidate_id.clone(), rest.has_more), (first.id.clone(), false));
    let narrow = MailFilter {
        task: Some(test_app.task.clone()),
        candidate: Some(first.id),
        state: Some(MailState::Waiting),
    };
    assert!(read(narrow, None).await.unwrap().mails.is_empty());
    assert_eq!(
        faults(read(MailFilter::default(), Some("Ma9".into())).await),
        ["before unknown_cursor"]
    );
}

#[tokio::test]
async fn a_template_that_is_gone_fails_the_mail_with_the_reason() {
    let test_app = app_with_templates().await;
    ada(&test_app, "All").await;
    set_templates(&test_app, Vec::new()).await;
    let bag = FakeMailer::new();
    send_due(&test_app, &bag).await;
    let view = only_mail(&test_app).await;
    assert_eq!(view.mail.state, MailState::Failed);
    let reply = view.tries[0].reply.as_deref();
    assert_eq!(reply, Some("the task has no e-mail template named All any more"));
    assert!(bag.mails().is_empty());
    assert_eq!(events(&test_app, "mail.failed").await, 1);
}
