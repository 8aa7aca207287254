//! A [`Mailer`] without a socket.

use app::ports::{MailAttempt, Mailer, OutgoingMail};
use domain::mail::MailOutcome;
use std::collections::VecDeque;
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
    /// One that succeeds until told otherwise.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// One that never answers for addresses with this in them.
    pub fn losing_mail_to(lost: &'static str) -> Arc<Self> {
        Arc::new(Self { lost: Some(lost), ..Self::default() })
    }

    /// What comes back next, in order.
    pub fn script(&self, outcomes: impl IntoIterator<Item = MailOutcome>) {
        self.script.lock().unwrap().extend(outcomes);
    }

    /// What was handed over, in order.
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
