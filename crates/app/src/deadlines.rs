//! Deadlines: instances complete by themselves, connected or not, and nobody reads an overdue one as open.
//!
//! `due_at` of an instance is the first moment at which it is complete if nobody does anything any more. A sweep
//! completes what is due. Readers wait for a sweep only when a remembered lower bound of the earliest `due_at` has
//! passed, so a read costs one atomic load. A sweep may run at any time and any often.

use crate::App;
use crate::audit::{Kind, Named};
use crate::caller::Actor;
use crate::delivery::running::{Closed, Running};
use crate::failure::Failure;
use domain::id::InstanceId;
use domain::time::Timestamp;
use std::collections::HashSet;
use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use storage::{ReadPool, Transaction};
use tokio::task::JoinSet;

/// How often the background loop looks.
const PERIOD: Duration = Duration::from_millis(250);
/// Completions that are asked for together, so that they share a commit.
const BATCH: usize = 64;
/// How long an instance that could not be completed is left alone, in milliseconds.
const PAUSE_MILLIS: i64 = 1000;

/// What is known of the next deadline.
pub(crate) struct Deadlines {
    /// Milliseconds: no instance is due earlier. Nothing is known at first.
    hint: AtomicI64,
    /// Earliest deadline noted since the last sweep began.
    noted: AtomicI64,
    /// One sweep at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { hint: AtomicI64::new(i64::MIN), noted: AtomicI64::new(i64::MAX), turn: tokio::sync::Mutex::default() }
    }
}

impl Deadlines {
    /// Remembers a deadline. Called inside the transaction that writes it: one that fails costs a needless sweep.
    pub(crate) fn note(&self, due_at: Option<Timestamp>) {
        if let Some(due_at) = due_at {
            self.noted.fetch_min(due_at.0, Ordering::SeqCst);
            self.hint.fetch_min(due_at.0, Ordering::SeqCst);
        }
    }

    fn is_behind(&self, now: Timestamp) -> bool {
        self.hint.load(Ordering::SeqCst) <= now.0
    }

    /// How long the earliest deadline known has passed; zero when it has not, or when no sweep has been made.
    pub(crate) fn lag(&self, now: Timestamp) -> Duration {
        match self.hint.load(Ordering::SeqCst) {
            i64::MIN => Duration::ZERO,
            hint => Duration::from_millis(u64::try_from(now.0.saturating_sub(hint)).unwrap_or_default()),
        }
    }

    /// Forgets what was noted before the database is asked.
    fn begin(&self) {
        self.noted.store(i64::MAX, Ordering::SeqCst);
    }

    /// Takes the database's word, and what was noted while it was asked.
    fn end(&self, earliest: Option<Timestamp>) {
        self.hint.store(earliest.map_or(i64::MAX, |at| at.0), Ordering::SeqCst);
        // Noted between the store and here is in `noted` as well.
        self.hint.fetch_min(self.noted.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub completed: usize,
    /// Instances that could not be completed: faults of the server, told in the log.
    pub failed: usize,
    /// The earliest deadline left.
    pub next: Option<Timestamp>,
}

impl App {
    /// Completes everything that is due, each instance in a transaction of its own.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sweep(&self) -> Result<Swept, Failure> {
        let _turn = self.deadlines().turn.lock().await;
        self.sweep_in_turn().await
    }

    /// Waits until nothing is overdue at this moment. Every read of instances begins with it.
    ///
    /// # Errors
    /// As [`App::sweep`].
    pub async fn settled(&self) -> Result<(), Failure> {
        if !self.deadlines().is_behind(self.now()) {
            return Ok(());
        }
        let _turn = self.deadlines().turn.lock().await;
        if self.deadlines().is_behind(self.now()) {
            self.sweep_in_turn().await?;
        }
        Ok(())
    }

    /// Sweeps four times a second until `shutdown` is ready. The first sweep is over when the first tick is.
    pub async fn run_deadlines(&self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                _ = ticks.tick() => {}
            }
            if let Err(failure) = self.sweep().await {
                tracing::error!(%failure, "deadlines could not be swept");
            }
        }
    }

    async fn sweep_in_turn(&self) -> Result<Swept, Failure> {
        let mut swept = Swept::default();
        let mut failed = HashSet::new();
        self.deadlines().begin();
        loop {
            let now = self.now();
            let batch = self.overdue(now, &failed).await?;
            if batch.is_empty() {
                break;
            }
            let mut closing = JoinSet::new();
            for instance in batch {
                let app = self.clone();
                closing.spawn(async move { (app.complete_overdue(&instance, now).await, instance) });
            }
            while let Some(joined) = closing.join_next().await {
                match joined.map_err(Failure::internal)? {
                    (Ok(is_completed), _) => {
                        swept.completed += usize::from(is_completed);
                        self.meters().note_overdue(is_completed);
                    }
                    (Err(failure), instance) => {
                        tracing::error!(%failure, %instance, "an instance could not be completed");
                        failed.insert(instance);
                    }
                }
            }
        }
        swept.failed = failed.len();
        swept.next = self.next_deadline(failed.is_empty()).await?;
        self.deadlines().end(swept.next);
        Ok(swept)
    }

    async fn overdue(&self, now: Timestamp, failed: &HashSet<InstanceId>) -> Result<Vec<InstanceId>, Failure> {
        let limit = i64::try_from(BATCH + failed.len()).unwrap_or(i64::MAX);
        let read = move |tx: &mut dyn Transaction| Ok::<_, Failure>(storage::due::overdue(tx, now, limit)?);
        // Never behind what others read: a deadline is kept within a second (domain rules, 5.7).
        let overdue = self.storage().read_in(ReadPool::Vital, read).await?;
        Ok(overdue.into_iter().map(|(instance, _)| instance).filter(|instance| !failed.contains(instance)).collect())
    }

    /// One that could not be completed would be the earliest for ever: it is looked at again after a pause.
    async fn next_deadline(&self, is_clean: bool) -> Result<Option<Timestamp>, Failure> {
        if !is_clean {
            return Ok(Some(self.now().plus_millis(PAUSE_MILLIS)));
        }
        let read = |tx: &mut dyn Transaction| Ok(storage::due::earliest(tx)?);
        self.storage().read_in(ReadPool::Vital, read).await
    }

    /// Completes one instance if it is overdue at this moment. Says whether it was.
    async fn complete_overdue(&self, instance: &InstanceId, now: Timestamp) -> Result<bool, Failure> {
        let (app, instance) = (self.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<bool, Failure> {
            let Some(row) = storage::instance::lock(tx, &instance)? else { return Ok(false) };
            if !row.state.is_open() || row.due_at.is_none_or(|due| due > now) {
                return Ok(false);
            }
            let doer = Named { organization: row.organization_id.clone(), actor: Actor::system(), request: None };
            let mut running = Running::of(&app, tx, row)?;
            let advanced = running.let_time_pass(&app, tx, now, &doer)?;
            match advanced {
                Some(completion) => {
                    let closed: Closed = running.close(&app, tx, now, &doer, completion, Kind::InstanceCompleted)?;
                    tracing::debug!(instance = %instance, revision = closed.revision, "completed by its deadline");
                    Ok(true)
                }
                None => {
                    running.keep_delivery(&app, tx)?;
                    // Else it would be found overdue again and again.
                    let is_later = running.row.due_at.is_none_or(|due| due > now);
                    if is_later { Ok(false) } else { Err(Failure::internal("an overdue instance stays open")) }
                }
            }
        };
        self.storage().write(write).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_at_first_and_a_deadline_noted_meanwhile_is_not_forgotten() {
        let deadlines = Deadlines::default();
        assert!(deadlines.is_behind(Timestamp(0)));
        assert_eq!(deadlines.lag(Timestamp(0)), Duration::ZERO);
        deadlines.begin();
        deadlines.note(Some(Timestamp(50)));
        deadlines.end(Some(Timestamp(100)));
        assert!(!deadlines.is_behind(Timestamp(49)));
        assert!(deadlines.is_behind(Timestamp(50)));
        assert_eq!(deadlines.lag(Timestamp(49)), Duration::ZERO);
        assert_eq!(deadlines.lag(Timestamp(80)), Duration::from_millis(30));
        deadlines.begin();
        deadlines.end(None);
        assert!(!deadlines.is_behind(Timestamp(i64::MAX - 1)));
    }
}
