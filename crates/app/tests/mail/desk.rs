//! A desk with mail: a task with templates, people to invite, and a mailer that does what it is told.

use crate::hall::Hall;
use crate::office::operator;
use app::candidates::{CandidateView, Invitation, NewCandidate, Person, Temporary};
use app::mail::{MailQuery, MailRun, MailView};
use app::ports::{MailReply, Mailer, OutgoingMail};
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
pub struct Bag {
    script: Mutex<VecDeque<MailOutcome>>,
    mails: Mutex<Vec<OutgoingMail>>,
    /// Mail to addresses with this in them never comes back.
    lost: Option<&'static str>,
}

impl Bag {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn that_loses(lost: &'static str) -> Arc<Self> {
        Arc::new(Self { lost: Some(lost), ..Self::default() })
    }

    pub fn will(&self, outcomes: impl IntoIterator<Item = MailOutcome>) {
        self.script.lock().unwrap().extend(outcomes);
    }

    pub fn mails(&self) -> Vec<OutgoingMail> {
        self.mails.lock().unwrap().clone()
    }
}

impl Mailer for Bag {
    fn mail(&self, mail: OutgoingMail) -> Pin<Box<dyn Future<Output = MailReply> + Send>> {
        let is_lost = self.lost.is_some_and(|lost| mail.to.contains(lost));
        self.mails.lock().unwrap().push(mail);
        if is_lost {
            return Box::pin(std::future::pending());
        }
        let outcome = self.script.lock().unwrap().pop_front().unwrap_or(MailOutcome::Sent);
        let status = (outcome == MailOutcome::Sent).then_some(250);
        Box::pin(std::future::ready(MailReply { outcome, status, said: "so be it".into(), taken: Duration::ZERO }))
    }
}

pub fn template(name: &str, subject: &str, body: Option<&str>) -> EmailTemplate {
    EmailTemplate { name: name.into(), subject: subject.into(), body: body.map(Into::into) }
}

/// A hall whose task has a template of its own words and one without.
pub async fn hall() -> Hall {
    let hall = Hall::new().await;
    let body = "{{fullname}}|{{task}}|{{organization}}|{{link}}|{{code}}|{{taskLink}}|{{credential1}}";
    let all = vec![template("All", "To {{fullname}}", Some(body)), template("Plain", "You are invited", None)];
    set_templates(&hall, all).await;
    hall
}

pub async fn set_templates(hall: &Hall, templates: Vec<EmailTemplate>) {
    let change = TaskUpdate { email_templates: Some(templates), ..TaskUpdate::default() };
    hall.app.update_task(&operator(hall), &hall.task, change).await.unwrap();
}

pub fn person(fullname: Option<&str>, email: Option<&str>) -> NewCandidate {
    let (fullname, email) = (fullname.map(Into::into), email.map(Into::into));
    NewCandidate::of(Person::Temporary(Temporary { fullname, email, ..Temporary::default() }))
}

pub fn invitation(template: &str) -> Invitation {
    Invitation { template: template.into(), at: None }
}

pub async fn register(hall: &Hall, new: NewCandidate) -> CandidateView {
    hall.app.create_candidate(&operator(hall), &hall.task, new).await.unwrap()
}

/// Ada, invited with a template when she is registered.
pub async fn ada(hall: &Hall, template: &str) -> CandidateView {
    let new = person(Some("Ada"), Some("ada@example.org"));
    register(hall, NewCandidate { invitation: Some(invitation(template)), ..new }).await
}

pub async fn log(hall: &Hall) -> MailRun {
    hall.app.mails(&operator(hall), MailQuery { limit: 100, ..MailQuery::default() }).await.unwrap()
}

/// The only mail there is.
pub async fn only(hall: &Hall) -> MailView {
    let mut mails = log(hall).await.mails;
    assert_eq!(mails.len(), 1);
    let id: MailId = mails.remove(0).mail.id;
    hall.app.mail(&operator(hall), &id).await.unwrap()
}

pub async fn states(hall: &Hall) -> Vec<MailState> {
    let mut states: Vec<_> = log(hall).await.mails.iter().map(|view| view.mail.state).collect();
    states.sort();
    states
}

pub async fn send(hall: &Hall, bag: &Arc<Bag>) -> usize {
    hall.app.send_due_mail(bag.clone()).await.unwrap()
}

/// How many events of a kind there are.
pub async fn events(hall: &Hall, kind: &'static str) -> i64 {
    let count = move |tx: &mut dyn storage::Transaction| {
        tx.integer("SELECT count(*) FROM event WHERE kind = $1", &[storage::Value::Text(kind)])
    };
    hall.storage.read(count).await.unwrap()
}
