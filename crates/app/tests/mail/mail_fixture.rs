//! A task with templates and people to invite by mail.

use app::candidates::{CandidateView, Invitation, NewCandidate, RegisteredPerson, TemporaryPerson};
use app::mail::{MailPage, MailQuery, MailView};
use app::tasks::{EmailTemplate, TaskUpdate};
use domain::id::MailId;
use domain::mail::MailState;
use std::sync::Arc;
use testkit::{FakeMailer, TestApp};

pub fn template(name: &str, subject: &str, body: Option<&str>) -> EmailTemplate {
    EmailTemplate { name: name.into(), subject: subject.into(), body: body.map(Into::into) }
}

/// A test_app whose task has a template of its own words and one without.
pub async fn app_with_templates() -> TestApp {
    let test_app = TestApp::new().await;
    let body =
        "{{fullname}}|{{task}}|{{organization}}|{{link}}|{{code}}|{{taskLink}}|{{credential1}}";
    let all = vec![
        template("All", "To {{fullname}}", Some(body)),
        template("Plain", "You are invited", None),
    ];
    set_templates(&test_app, all).await;
    test_app
}

pub async fn set_templates(test_app: &TestApp, templates: Vec<EmailTemplate>) {
    let change = TaskUpdate { email_templates: Some(templates), ..TaskUpdate::default() };
    test_app.app.tasks().update_task(&test_app.operator(), &test_app.task, change).await.unwrap();
}

pub fn person(fullname: Option<&str>, email: Option<&str>) -> NewCandidate {
    let (fullname, email) = (fullname.map(Into::into), email.map(Into::into));
    NewCandidate::of(RegisteredPerson::Temporary(TemporaryPerson {
        fullname,
        email,
        ..TemporaryPerson::default()
    }))
}

pub fn invitation(template: &str) -> Invitation {
    Invitation { template: template.into(), at: None }
}

pub async fn register(test_app: &TestApp, new: NewCandidate) -> CandidateView {
    test_app
        .app
        .candidates()
        .create_candidate(&test_app.operator(), &test_app.task, new)
        .await
        .unwrap()
}

/// Ada, invited with a template when she is registered.
pub async fn ada(test_app: &TestApp, template: &str) -> CandidateView {
    let new = person(Some("Ada"), Some("ada@example.org"));
    register(test_app, NewCandidate { invitation: Some(invitation(template)), ..new }).await
}

pub async fn mail_log(test_app: &TestApp) -> MailPage {
    test_app
        .app
        .mail()
        .mails(&test_app.operator(), MailQuery { limit: 100, ..MailQuery::default() })
        .await
        .unwrap()
}

/// The only mail there is.
pub async fn only_mail(test_app: &TestApp) -> MailView {
    let mut mails = mail_log(test_app).await.mails;
    assert_eq!(mails.len(), 1);
    let id: MailId = mails.remove(0).mail.id;
    test_app.app.mail().find_mail(&test_app.operator(), &id).await.unwrap()
}

pub async fn states(test_app: &TestApp) -> Vec<MailState> {
    let mut states: Vec<_> =
        mail_log(test_app).await.mails.iter().map(|view| view.mail.state).collect();
    states.sort();
    states
}

pub async fn send_due(test_app: &TestApp, bag: &Arc<FakeMailer>) -> usize {
    test_app.app.mail().send_due_mail(bag.clone()).await.unwrap()
}

/// How many events of a kind there are.
pub async fn events(test_app: &TestApp, kind: &'static str) -> i64 {
    let count = move |tx: &mut dyn storage::Transaction| {
        tx.integer("SELECT count(*) FROM event WHERE kind = $1", &[storage::SqlValue::Text(kind)])
    };
    test_app.storage.read(count).await.unwrap()
}
