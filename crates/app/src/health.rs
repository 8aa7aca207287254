//! Health: whether the database can be read, and whether it can be written.
//!
//! They are told apart because they end apart: on a full or read-only disk everything can still be
//! read, and a restart helps nobody. Reading is tried each time, on a connection that nothing long
//! uses. Writing is tried by writing, because nothing else shows a full disk; rarely, because it
//! costs a commit and anybody may ask.

use crate::App;
use crate::failure::Failure;
use domain::time::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use storage::{ReadPool, Transaction};
use tokio::sync::watch;

/// How long the outcome of a write is good for.
const PROBE_MILLIS: i64 = 5_000;
/// How long a read or a write may take before it is told as failing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether what is written is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteHealth {
    Ok,
    /// The disk is full, broken or read-only, or writes wait for seconds.
    Failing,
}

/// The latest write that was made to see whether it is kept.
#[derive(Default)]
pub(crate) struct WriteProbes {
    latest: Mutex<Option<WriteProbe>>,
}

#[derive(Clone)]
struct WriteProbe {
    begun: Timestamp,
    /// None while it is under way.
    outcome: watch::Receiver<Option<WriteHealth>>,
}

impl App {
    /// Whether the files of the database are still where they were opened: otherwise nothing is
    /// acknowledged.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when they were removed or replaced.
    pub fn is_database_in_place(&self) -> Result<(), Failure> {
        Ok(self.storage().is_in_place()?)
    }

    /// How many groups of writes the file of the database has kept; 0 on PostgreSQL.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn write_count(&self) -> Result<i64, Failure> {
        let read = |tx: &mut dyn Transaction| {
            storage::organization::write_count(tx).map_err(Failure::from)
        };
        self.storage().read_in(ReadPool::Vital, read).await
    }

    /// Whether the database can be read. The place for whatever else makes a server unfit to serve.
    ///
    /// # Errors
    /// When it cannot, or not in time; when its files were removed or replaced, because what is
    /// read then is not what the next start finds.
    pub async fn read_health(&self) -> Result<(), Failure> {
        self.is_database_in_place()?;
        let read = |tx: &mut dyn Transaction| {
            storage::organization::installation(tx).map_err(Failure::from)
        };
        let answer =
            tokio::time::timeout(PATIENCE, self.storage().read_in(ReadPool::Vital, read)).await;
        let row = answer.map_err(|_| {
            Failure::Unavailable("the database does not answer in time".to_owned())
        })??;
        row.map(|_| ()).ok_or_else(|| Failure::internal("nothing installed"))
    }

    /// Whether the database can be written, as a write of the last seconds showed.
    pub async fn write_health(&self) -> WriteHealth {
        let mut outcome = self.write_probe().outcome;
        let settled = tokio::time::timeout(PATIENCE, outcome.wait_for(Option::is_some)).await;
        match settled {
            Ok(Ok(outcome)) => outcome.unwrap_or(WriteHealth::Failing),
            // Too slow, or its task is gone.
            _ => WriteHealth::Failing,
        }
    }

    /// The latest probe, or a new one where that is old. One at a time: while writes hang, they do
    /// not pile up.
    fn write_probe(&self) -> WriteProbe {
        let now = self.now();
        let mut latest = self.write_probes().latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(probe) = latest.as_ref().filter(|probe| probe.is_good(now)) {
            return probe.clone();
        }
        let (sender, outcome) = watch::channel(None);
        let app = self.clone();
        tokio::spawn(async move { sender.send(Some(app.try_write().await)) });
        latest.insert(WriteProbe { begun: now, outcome }).clone()
    }

    async fn try_write(&self) -> WriteHealth {
        let write = |tx: &mut dyn Transaction| {
            storage::organization::touch_installation(tx).map_err(Failure::from)
        };
        match self.storage().write(write).await {
            Ok(true) => WriteHealth::Ok,
            // The storage has told the log why.
            _ => WriteHealth::Failing,
        }
    }
}

impl WriteProbe {
    fn is_good(&self, now: Timestamp) -> bool {
        // A clock that was set back must not make one good for ever.
        let is_young = now.0.abs_diff(self.begun.0) < PROBE_MILLIS.unsigned_abs();
        let is_under_way = self.outcome.borrow().is_none() && self.outcome.has_changed().is_ok();
        is_young || is_under_way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_good_for_seconds_and_while_it_is_under_way() {
        let (sender, outcome) = watch::channel(None);
        let probe = WriteProbe { begun: Timestamp(10_000), outcome };
        assert!(
            probe.is_good(Timestamp(10_000)) && probe.is_good(Timestamp(99_000)),
            "it is under way"
        );
        sender.send(Some(WriteHealth::Ok)).unwrap();
        assert!(probe.is_good(Timestamp(14_999)) && !probe.is_good(Timestamp(15_000)));
        assert!(!probe.is_good(Timestamp(0)), "the clock was set back");
        let (sender, outcome) = watch::channel(None);
        drop(sender);
        assert!(
            !WriteProbe { begun: Timestamp(0), outcome }.is_good(Timestamp(99_000)),
            "its task is gone"
        );
    }
}
