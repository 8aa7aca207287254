//! What the use cases count for the metrics, and what can be read off them at any moment.
//!
//! Counting costs one addition, and nothing at all when nobody reads metrics. Must never be asked
//! by a rule.

use crate::App;
use crate::delivery::answers::{AnswerWriteOutcome, WriteResult};
use crate::ports::{MailAttempt, WebhookAttempt};
use domain::time::Timestamp;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use std::time::Duration;
use storage::RequestBacklog;

/// Counters of the recorder that was there when the app was opened.
pub(crate) struct AppMetrics {
    saved: Counter,
    overdue: Counter,
    callback_seconds: Histogram,
    callback_lag: Gauge,
    mail_seconds: Histogram,
    mail_lag: Gauge,
}

impl Default for AppMetrics {
    fn default() -> Self {
        Self {
            saved: counter!("assay_answers_saved_total"),
            overdue: counter!("assay_instances_completed_by_deadline_total"),
            callback_seconds: histogram!("assay_callback_duration_seconds"),
            callback_lag: gauge!("assay_callback_lag_seconds"),
            mail_seconds: histogram!("assay_mail_duration_seconds"),
            mail_lag: gauge!("assay_mail_lag_seconds"),
        }
    }
}

impl AppMetrics {
    /// Writes that are durable and about to be acknowledged; repeated ones were counted before.
    pub(crate) fn note_saved(&self, writes: &[WriteResult]) {
        let is_new = |written: &&WriteResult| matches!(written, WriteResult::Acknowledged(acknowledgement) if acknowledgement.outcome == AnswerWriteOutcome::Kept);
        self.saved.increment(writes.iter().filter(is_new).count() as u64);
    }

    pub(crate) fn note_callback(&self, reply: &WebhookAttempt) {
        self.callback_seconds.record(reply.taken.as_secs_f64());
        counter!("assay_callback_tries_total", "outcome" => reply.outcome.as_str()).increment(1);
    }

    /// `earliest` is when the next message is due.
    pub(crate) fn note_callback_lag(&self, earliest: Option<Timestamp>, now: Timestamp) {
        self.callback_lag.set(since(earliest, now));
    }

    pub(crate) fn note_mail(&self, reply: &MailAttempt) {
        self.mail_seconds.record(reply.taken.as_secs_f64());
        counter!("assay_mail_tries_total", "outcome" => reply.outcome.as_str()).increment(1);
    }

    /// `earliest` is when the next mail is due.
    pub(crate) fn note_mail_lag(&self, earliest: Option<Timestamp>, now: Timestamp) {
        self.mail_lag.set(since(earliest, now));
    }

    pub(crate) fn note_overdue(&self, is_completed: bool) {
        self.overdue.increment(u64::from(is_completed));
    }
}

/// Seconds since a moment; 0 when there is none or it lies ahead.
fn since(earliest: Option<Timestamp>, now: Timestamp) -> f64 {
    let millis = earliest.map_or(0, |at| now.0.saturating_sub(at.0).max(0));
    Duration::from_millis(millis.unsigned_abs()).as_secs_f64()
}

/// How things stand at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadSnapshot {
    /// How long ago the earliest deadline was that has not been seen to; zero when nothing is
    /// overdue.
    pub deadline_lag: Duration,
    /// Requests that wait for a thread of the database.
    pub backlog: RequestBacklog,
}

impl App {
    /// How things stand; asks no database.
    #[must_use]
    pub fn load_snapshot(&self) -> LoadSnapshot {
        LoadSnapshot {
            deadline_lag: self.deadlines().lag(self.now()),
            backlog: self.storage().backlog(),
        }
    }
}
