//! A desk with mail: a task with templates, people to invite, and a mailer that does what it is
//! told.

use crate::staff_fixture::operator;
use crate::test_app::TestApp;
use app::candidates::{CandidateView, Invitation, NewCandidate, RegisteredPerson, TemporaryPerson};
use app::mail::{MailPage, MailQuery, MailView};
use app::ports::{MailAttempt, Mailer, OutgoingMail};
use app::tasks::{EmailTemplate, TaskUpdate};
use domain::id::MailId;
use domain::mail::{MailOutcome, MailState};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A mailer that remembers mail and comes back with what was scripted, then with success.
#[derive(Default)]
pub struct FakeMailer {
    script: Mutex<VecDeque<MailOutcome>>,
    mails: Mutex<Vec<OutgoingMail>>,
    /// Mail to addresses with this in them never comes back.
    lost: Option<&'static str>,
}

impl FakeMailer {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn losing_mail_to(lost: &'static str) -> Arc<Self> {
        Arc::new(Self { lost: Some(lost), ..Self::default() })
    }

    pub fn script(&self, outcomes: impl IntoIterator<Item = MailOutcome>) {
        self.script.lock().unwrap().extend(outcomes);
    }

    pub fn mails(&self) -> Vec<OutgoingMail> {
        self.mails.lock().unwrap().clone()
    }
}

impl Mailer for FakeMailer {
    fn mail(&self, mail: OutgoingMail) -> Pin<Box<dyn Future<Output = MailAttempt> + Send>> {
        let is_lost = self.lost.is_some_and(|lost| mail.to.contains(lost));
        self.mails.lock().unwrap().push(mail);
        if is_lost {
            return Box::pin(std::future::pending());
        }
        let outcome = self.script.lock().unwrap().pop_front().unwrap_or(MailOutcome::Sent);
        let status = (outcome == MailOutcome::Sent).then_some(250);
        Box::pin(std::future::ready(MailAttempt {
            outcome,
            status,
            said: "so be it".into(),
            taken: Duration::ZERO,
        }))
    }
}

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
    test_app.app.update_task(&operator(test_app), &test_app.task, change).await.unwrap();
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
    test_app.app.create_candidate(&operator(test_app), &test_app.task, new).await.unwrap()
}

/// Ada, invited with a template when she is registered.
pub async fn ada(test_app: &TestApp, template: &str) -> CandidateView {
    let new = person(Some("Ada"), Some("ada@example.org"));
    register(test_app, NewCandidate { invitation: Some(invitation(template)), ..new }).await
}

pub async fn mail_log(test_app: &TestApp) -> MailPage {
    test_app
        .app
        .mails(&operator(test_app), MailQuery { limit: 100, ..MailQuery::default() })
        .await
        .unwrap()
}

/// The only mail there is.
pub async fn only_mail(test_app: &TestApp) -> MailView {
    let mut mails = mail_log(test_app).await.mails;
    assert_eq!(mails.len(), 1);
    let id: MailId = mails.remove(0).mail.id;
    test_app.app.mail(&operator(test_app), &id).await.unwrap()
}

pub async fn states(test_app: &TestApp) -> Vec<MailState> {
    let mut states: Vec<_> =
        mail_log(test_app).await.mails.iter().map(|view| view.mail.state).collect();
    states.sort();
    states
}

pub async fn send_due(test_app: &TestApp, bag: &Arc<FakeMailer>) -> usize {
    test_app.app.send_due_mail(bag.clone()).await.unwrap()
}

/// How many events of a kind there are.
pub async fn events(test_app: &TestApp, kind: &'static str) -> i64 {
    let count = move |tx: &mut dyn storage::Transaction| {
        tx.integer("SELECT count(*) FROM event WHERE kind = $1", &[storage::SqlValue::Text(kind)])
    };
    test_app.storage.read(count).await.unwrap()
}
