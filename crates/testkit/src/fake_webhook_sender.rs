//! A [`WebhookSender`] without a socket.

use app::ports::{WebhookAttempt, WebhookRequest, WebhookSender};
use domain::callback::{CallbackOutcome, RetryAfter};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A sender that remembers requests and comes back with what was scripted, then with 204.
#[derive(Default)]
pub struct FakeWebhookSender {
    script: Mutex<VecDeque<WebhookAttempt>>,
    requests: Mutex<Vec<WebhookRequest>>,
    /// Requests to addresses with this in them never come back.
    lost: Option<&'static str>,
}

impl FakeWebhookSender {
    /// One that succeeds until told otherwise.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// One that never answers for addresses with this in them.
    pub fn losing_requests_to(lost: &'static str) -> Arc<Self> {
        Arc::new(Self { lost: Some(lost), ..Self::default() })
    }

    /// What comes back next, in order.
    pub fn script(&self, replies: impl IntoIterator<Item = WebhookAttempt>) {
        self.script.lock().unwrap().extend(replies);
    }

    /// What was handed over, in order.
    pub fn requests(&self) -> Vec<WebhookRequest> {
        self.requests.lock().unwrap().clone()
    }
}

impl WebhookSender for FakeWebhookSender {
    fn send(
        &self,
        request: WebhookRequest,
    ) -> Pin<Box<dyn Future<Output = WebhookAttempt> + Send>> {
        let is_lost = self.lost.is_some_and(|lost| request.url.contains(lost));
        self.requests.lock().unwrap().push(request);
        if is_lost {
            return Box::pin(std::future::pending());
        }
        let reply = self.script.lock().unwrap().pop_front().unwrap_or_else(|| status_reply(204));
        Box::pin(std::future::ready(reply))
    }
}

/// A receiver answered with this status.
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

/// The same, and asked for so much patience.
pub fn retry_later(status: u16, seconds: u32) -> WebhookAttempt {
    WebhookAttempt { retry_after: Some(RetryAfter::Seconds(seconds)), ..status_reply(status) }
}

/// A receiver did not answer.
pub fn timed_out() -> WebhookAttempt {
    WebhookAttempt { outcome: CallbackOutcome::TimedOut, status: None, ..status_reply(500) }
}
