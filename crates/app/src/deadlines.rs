//! Deadlines: instances complete by themselves, connected or not, and nobody reads an overdue one
//! as open.
//!
//! `due_at` of an instance is the first moment at which it is complete if nobody does anything any
//! more. A sweep completes what is due. Readers wait for a sweep only when a remembered lower bound
//! of the earliest `due_at` has passed, so a read costs one atomic load. A sweep may run at any
//! time and any often.

use crate::audit::{ActorContext, AuditEventKind};
use crate::background::repeat;
use crate::caller::Actor;
use crate::compute::{ComputePayer, InlineScoringError};
use crate::delivery::open_instance::{ClosedInstance, OpenInstance};
use crate::failure::Failure;
use crate::services::DeliveryService;
use domain::id::InstanceId;
use domain::pattern::CostlyMatch;
use domain::time::Timestamp;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use storage::{ReadPool, Transaction};
use tokio::task::JoinSet;

/// How often the background loop looks.
const PERIOD: Duration = Duration::from_millis(250);
/// Completions that are asked for together, so that they share a commit.
const BATCH: usize = 64;
/// How long the database is left alone after it could not be written, in milliseconds.
const PAUSE_MILLIS: i64 = 1000;
/// How long an instance that cannot be completed is left alone at first, and at most, in
/// milliseconds. Each failure doubles it.
const FIRST_PAUSE_MILLIS: i64 = 5000;
const LONGEST_PAUSE_MILLIS: i64 = 3_600_000;

/// What is known of the next deadline.
pub(crate) struct DeadlineTracker {
    /// Milliseconds: no instance is due earlier. Nothing is known at first.
    hint: AtomicI64,
    /// Earliest deadline noted since the last sweep began.
    noted: AtomicI64,
    /// Instances that could not be completed though the database works: their rows do not read.
    broken: Mutex<HashMap<InstanceId, DeadlineBackoff>>,
    /// Overdue instances whose scoring takes a while, elsewhere.
    scoring: Mutex<HashSet<InstanceId>>,
    /// One sweep at a time.
    turn: tokio::sync::Mutex<()>,
}

/// An instance that is set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DeadlineBackoff {
    pause_millis: i64,
    retry_at: Timestamp,
}

impl Default for DeadlineTracker {
    fn default() -> Self {
        Self {
            hint: AtomicI64::new(i64::MIN),
            noted: AtomicI64::new(i64::MAX),
            broken: Mutex::default(),
            scoring: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}

impl DeadlineTracker {
    /// Remembers a deadline. Called inside the transaction that writes it: one that fails costs a
    /// needless sweep.
    pub(crate) fn note(&self, due_at: Option<Timestamp>) {
        if let Some(due_at) = due_at {
            self.noted.fetch_min(due_at.0, Ordering::SeqCst);
            self.hint.fetch_min(due_at.0, Ordering::SeqCst);
        }
    }

    fn broken(&self) -> MutexGuard<'_, HashMap<InstanceId, DeadlineBackoff>> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets an instance aside, longer each time. True at the first time.
    fn back_off(&self, instance: &InstanceId, now: Timestamp) -> bool {
        let mut broken = self.broken();
        let before = broken.get(instance).map(|entry| entry.pause_millis);
        let pause_millis =
            before.map_or(FIRST_PAUSE_MILLIS, |pause| (pause * 2).min(LONGEST_PAUSE_MILLIS));
        broken.insert(
            instance.clone(),
            DeadlineBackoff { pause_millis, retry_at: now.plus_millis(pause_millis) },
        );
        before.is_none()
    }

    fn clear_backoff(&self, instance: &InstanceId) {
        self.broken().remove(instance);
    }

    /// Those that are not to be tried now. A clock that was set back keeps nobody aside for longer
    /// than the longest pause.
    fn backed_off_at(&self, now: Timestamp) -> HashSet<InstanceId> {
        let is_aside = |existing: &DeadlineBackoff| {
            existing.retry_at > now && existing.retry_at.0 - now.0 <= LONGEST_PAUSE_MILLIS
        };
        self.broken()
            .iter()
            .filter(|(_, existing)| is_aside(existing))
            .map(|(instance, _)| instance.clone())
            .collect()
    }

    /// Forgets those that were to be tried again and were not found due any more.
    fn drop_expired_backoffs(&self, now: Timestamp) {
        self.broken().retain(|_, existing| existing.retry_at > now);
    }

    /// When one of them is to be tried again.
    fn next_retry(&self) -> Option<Timestamp> {
        self.broken().values().map(|entry| entry.retry_at).min()
    }

    fn scoring(&self) -> MutexGuard<'_, HashSet<InstanceId>> {
        self.scoring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_behind(&self, now: Timestamp) -> bool {
        self.hint.load(Ordering::SeqCst) <= now.0
    }

    /// How long the earliest deadline known has passed; zero when it has not, or when no sweep has
    /// been made.
    pub(crate) fn lag(&self, now: Timestamp) -> Duration {
        match self.hint.load(Ordering::SeqCst) {
            i64::MIN => Duration::ZERO,
            hint => {
                Duration::from_millis(u64::try_from(now.0.saturating_sub(hint)).unwrap_or_default())
            }
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
pub struct DeadlineSweep {
    pub completed: usize,
    /// Instances that could not be completed in this sweep: faults of the server, told in the log.
    pub failed: usize,
    /// The earliest deadline left.
    pub next: Option<Timestamp>,
}

impl DeliveryService {
    /// Completes everything that is due, each instance in a transaction of its own.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sweep_deadlines(&self) -> Result<DeadlineSweep, Failure> {
        let _turn = self.deadlines().turn.lock().await;
        self.sweep_in_turn().await
    }

    /// Waits until nothing is overdue at this moment. Every read of instances begins with it.
    ///
    /// # Errors
    /// As [`DeliveryService::sweep_deadlines`].
    pub async fn ensure_deadlines_swept(&self) -> Result<(), Failure> {
        if !self.deadlines().is_behind(self.now()) {
            return Ok(());
        }
        let _turn = self.deadlines().turn.lock().await;
        // Asked again: another reader may have swept while this one waited for its turn.
        if self.deadlines().is_behind(self.now()) {
            self.sweep_in_turn().await?;
        }
        Ok(())
    }

    /// Sweeps four times a second until `shutdown` is ready. The first sweep is over when the first
    /// tick is.
    pub async fn run_deadlines(&self, shutdown: impl Future<Output = ()> + Send) {
        let sweep = async || {
            if let Err(failure) = self.sweep_deadlines().await {
                tracing::error!(%failure, "deadlines could not be swept");
            }
        };
        repeat(PERIOD, shutdown, sweep).await;
    }

    async fn sweep_in_turn(&self) -> Result<DeadlineSweep, Failure> {
        let mut swept = DeadlineSweep::default();
        // A broken row is tried again later and never in the way of the others, who are looked for
        // behind it.
        let mut aside = self.deadlines().backed_off_at(self.now());
        let mut outage = None;
        // Before the first read: a deadline noted after that read may be missing from it and must
        // not be forgotten.
        self.deadlines().begin();
        while outage.is_none() {
            let now = self.now();
            aside.extend(self.deadlines().scoring().iter().cloned());
            let batch = self.overdue(now, &aside).await?;
            if batch.is_empty() {
                break;
            }
            let mut closing = JoinSet::new();
            for instance in batch {
                let app = self.clone();
                closing
                    .spawn(async move { (app.complete_overdue(&instance, now).await, instance) });
            }
            while let Some(joined) = closing.join_next().await {
                match joined.map_err(Failure::internal)? {
                    (Ok(is_completed), instance) => {
                        swept.completed += usize::from(is_completed);
                        self.meters().note_overdue(is_completed);
                        self.deadlines().clear_backoff(&instance);
                    }
                    (Err(failure), instance) => {
                        swept.failed += 1;
                        match failure {
                            Failure::Internal(_) => self.tell_broken(&instance, &failure, now),
                            // Nothing is wrong with the instance: a full disk, a lost connection.
                            _ => outage = Some(failure),
                        }
                        aside.insert(instance);
                    }
                }
            }
        }
        if let Some(failure) = &outage {
            tracing::error!(%failure, instances = swept.failed, "instances could not be completed for now");
        }
        if outage.is_none() {
            self.deadlines().drop_expired_backoffs(self.now());
        }
        swept.next = self.next_deadline(outage.is_none(), &aside).await?;
        self.deadlines().end(swept.next);
        Ok(swept)
    }

    /// Told once as an error; whoever reads the log has it then.
    fn tell_broken(&self, instance: &InstanceId, failure: &Failure, now: Timestamp) {
        if self.deadlines().back_off(instance, now) {
            tracing::error!(%failure, %instance, "an instance cannot be completed; it is set aside and tried again later");
        } else {
            tracing::debug!(%failure, %instance, "an instance still cannot be completed");
        }
    }

    async fn overdue(
        &self,
        now: Timestamp,
        aside: &HashSet<InstanceId>,
    ) -> Result<Vec<InstanceId>, Failure> {
        let limit = i64::try_from(BATCH + aside.len()).unwrap_or(i64::MAX);
        let read = move |tx: &mut dyn Transaction| {
            Ok::<_, Failure>(storage::due::overdue(tx, now, limit)?)
        };
        // Never behind what others read: a deadline is kept within a second (domain rules, 5.7).
        let overdue = self.storage().read_in(ReadPool::Vital, read).await?;
        Ok(overdue
            .into_iter()
            .map(|(instance, _)| instance)
            .filter(|instance| !aside.contains(instance))
            .collect())
    }

    /// One that cannot be completed would be the earliest for ever: the earliest of the others
    /// counts, and when it is to be tried again.
    async fn next_deadline(
        &self,
        is_writable: bool,
        aside: &HashSet<InstanceId>,
    ) -> Result<Option<Timestamp>, Failure> {
        if !is_writable {
            return Ok(Some(self.now().plus_millis(PAUSE_MILLIS)));
        }
        let limit = i64::try_from(1 + aside.len()).unwrap_or(i64::MAX);
        let read = move |tx: &mut dyn Transaction| {
            Ok::<_, Failure>(storage::due::list_earliest(tx, limit)?)
        };
        let earliest = self.storage().read_in(ReadPool::Vital, read).await?;
        let other = earliest
            .into_iter()
            .find(|(instance, _)| !aside.contains(instance))
            .map(|(_, due_at)| due_at);
        Ok([other, self.deadlines().next_retry()].into_iter().flatten().min())
    }

    /// Completes one instance if it is overdue at this moment. Says whether it was.
    async fn complete_overdue(
        &self,
        instance: &InstanceId,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let (app, instance, overdue) = (self.clone(), instance.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<bool, Failure> {
            let Some(row) = storage::instance::lock(tx, &instance)? else { return Ok(false) };
            // Judged again under the lock: since it was found it may have been handed in or been
            // given more time.
            if !row.state.is_open() || row.due_at.is_none_or(|due| due > now) {
                return Ok(false);
            }
            let doer = ActorContext {
                organization: row.organization_id.clone(),
                actor: Actor::system(),
                request: None,
            };
            let mut running = OpenInstance::of(&app, tx, row)?;
            let advanced = running.let_time_pass(&app, tx, now, &doer)?;
            match advanced {
                Some(completion) => {
                    let closed: ClosedInstance = running.close(
                        &app,
                        tx,
                        now,
                        &doer,
                        completion,
                        AuditEventKind::InstanceCompleted,
                    )?;
                    tracing::debug!(instance = %instance, revision = closed.revision, "completed by its deadline");
                    Ok(true)
                }
                None => {
                    running.keep_delivery(&app, tx)?;
                    // Else it would be found overdue again and again.
                    let is_later = running.row.due_at.is_none_or(|due| due > now);
                    if is_later {
                        Ok(false)
                    } else {
                        Err(Failure::internal("an overdue instance stays open"))
                    }
                }
            }
        };
        match self.storage().write(self.within_match_budget(Arc::new(Mutex::new(write)))).await {
            Err(InlineScoringError::TooDear(dear)) => {
                self.complete_later(overdue, now, dear);
                Ok(false)
            }
            Err(InlineScoringError::Failed(failure)) => Err(failure),
            Ok(is_completed) => Ok(is_completed),
        }
    }

    /// Scores a costly instance beside the sweep: the deadlines of others do not wait for it.
    fn complete_later(&self, instance: InstanceId, now: Timestamp, dear: Vec<CostlyMatch>) {
        self.deadlines().scoring().insert(instance.clone());
        let app = self.clone();
        tokio::spawn(async move {
            let settled =
                app.precompute_matches(&ComputePayer::Instance(instance.clone()), dear).await;
            app.deadlines().scoring().remove(&instance);
            // The next sweep finds it cheap. After a failure it begins anew.
            app.deadlines().note(Some(now));
            if let Err(failure) = settled {
                tracing::warn!(%failure, %instance, "an overdue instance is scored later");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_at_first_and_a_deadline_noted_meanwhile_is_not_forgotten() {
        let deadlines = DeadlineTracker::default();
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
