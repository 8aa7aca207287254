//! A post staff_fixture for tests: a postman that does what it is told, and receivers to send to.

use crate::test_app::{CODE, TestApp};
use app::ports::{WebhookAttempt, WebhookRequest, WebhookSender};
use domain::callback::{CallbackOutcome, CallbackResource, RetryAfter};
use domain::instance::InstanceChange;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use storage::candidate::CandidateRow;
use storage::outbox::OutboxRow;
use storage::webhook::WebhookRow;

/// A postman that remembers letters and comes back with what was scripted, then with 204.
#[derive(Default)]
pub struct FakeWebhookSender {
    script: Mutex<VecDeque<WebhookAttempt>>,
    letters: Mutex<Vec<WebhookRequest>>,
    /// Letters to addresses with this in them never come back.
    lost: Option<&'static str>,
}

impl FakeWebhookSender {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn losing_requests_to(lost: &'static str) -> Arc<Self> {
        Arc::new(Self { lost: Some(lost), ..Self::default() })
    }

    pub fn script(&self, replies: impl IntoIterator<Item = WebhookAttempt>) {
        self.script.lock().unwrap().extend(replies);
    }

    pub fn requests(&self) -> Vec<WebhookRequest> {
        self.letters.lock().unwrap().clone()
    }
}

impl WebhookSender for FakeWebhookSender {
    fn send(&self, letter: WebhookRequest) -> Pin<Box<dyn Future<Output = WebhookAttempt> + Send>> {
        let is_lost = self.lost.is_some_and(|lost| letter.url.contains(lost));
        self.letters.lock().unwrap().push(letter);
        if is_lost {
            return Box::pin(std::future::pending());
        }
        let reply = self.script.lock().unwrap().pop_front().unwrap_or_else(|| status_reply(204));
        Box::pin(std::future::ready(reply))
    }
}

pub fn status_reply(status: u16) -> WebhookAttempt {
    let outcome = match status {
        200..300 => CallbackOutcome::Delivered,
        410 => CallbackOutcome::Gone,
        _ => CallbackOutcome::Refused,
    };
    WebhookAttempt {
        outcome,
        status: Some(status),
        retry_after: None,
        taken: Duration::from_millis(3),
    }
}

pub fn retry_later(status: u16, seconds: u32) -> WebhookAttempt {
    WebhookAttempt { retry_after: Some(RetryAfter::Seconds(seconds)), ..status_reply(status) }
}

pub fn timed_out() -> WebhookAttempt {
    WebhookAttempt { outcome: CallbackOutcome::TimedOut, status: None, ..status_reply(500) }
}

/// Gives the test_app's candidate a callback.
pub async fn set_callback(test_app: &TestApp, url: &str, resource: CallbackResource) {
    let callback = format!(r#"{{"url":"{url}","params":{{"job":"42"}},"resource":"{resource}"}}"#);
    test_app
        .write(move |tx| {
            let row = storage::candidate::find_by_code(tx, CODE)?.unwrap();
            storage::candidate::update(
                tx,
                &CandidateRow { callback: Some(callback.clone()), ..row },
            )
        })
        .await;
}

/// A webhook that is told of all changes.
pub async fn add_webhook(test_app: &TestApp, id: &'static str, url: &str) {
    let webhook = WebhookRow {
        id: id.into(),
        organization_id: test_app.organization.clone(),
        url: url.to_owned(),
        resource: CallbackResource::Basic,
        description: String::new(),
        active: true,
        gone_at: None,
        created_at: test_app.now(),
        deleted_at: None,
    };
    test_app
        .write(move |tx| {
            storage::webhook::insert(tx, &webhook)?;
            let kinds = [
                InstanceChange::Completed,
                InstanceChange::Rescored,
                InstanceChange::Ignored,
                InstanceChange::Reacknowledged,
                InstanceChange::Reinstated,
            ];
            storage::webhook::set_events(tx, &id.into(), &kinds)
        })
        .await;
}

/// All messages to a target, the oldest first.
pub async fn messages_to(test_app: &TestApp, target: &'static str) -> Vec<OutboxRow> {
    let organization = test_app.organization.clone();
    let mut found = test_app
        .write(move |tx| {
            storage::outbox::list(
                tx,
                &organization,
                target,
                &storage::outbox::OutboxFilter::default(),
                None,
                1000,
            )
        })
        .await;
    found.reverse();
    found
}
