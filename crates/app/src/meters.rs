//! What the use cases count for the metrics, and what can be read off them at any moment.
//!
//! Counting costs one addition, and nothing at all when nobody reads metrics. Must never be asked by a rule.

use crate::App;
use crate::delivery::answers::{Outcome, Written};
use metrics::{Counter, counter};
use std::time::Duration;
use storage::Backlog;

/// Counters of the recorder that was there when the app was opened.
pub(crate) struct Meters {
    saved: Counter,
    overdue: Counter,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            saved: counter!("assay_answers_saved_total"),
            overdue: counter!("assay_instances_completed_by_deadline_total"),
        }
    }
}

impl Meters {
    /// Writes that are durable and about to be acknowledged; repeated ones were counted before.
    pub(crate) fn note_saved(&self, writes: &[Written]) {
        let is_new =
            |written: &&Written| matches!(written, Written::Acknowledged(kept) if kept.outcome == Outcome::Kept);
        self.saved.increment(writes.iter().filter(is_new).count() as u64);
    }

    pub(crate) fn note_overdue(&self, is_completed: bool) {
        self.overdue.increment(u64::from(is_completed));
    }
}

/// How things stand at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// How long ago the earliest deadline was that has not been seen to; zero when nothing is overdue.
    pub deadline_lag: Duration,
    /// Requests that wait for a thread of the database.
    pub backlog: Backlog,
}

impl App {
    /// How things stand; asks no database.
    #[must_use]
    pub fn load(&self) -> Load {
        Load { deadline_lag: self.deadlines().lag(self.now()), backlog: self.storage().backlog() }
    }
}
