//! Reading results from a replica that may be behind.
//!
//! The primary says how far a task has got, in one small row; what is long is read on the replica,
//! in a transaction that sees at least that much, or else on the primary. So whoever has just
//! written reads what was written, through whichever node. Must never be used for what changes
//! without the task's revision rising.

use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::results::{TaskHead, authorized_head};
use domain::id::TaskId;
use domain::time::Timestamp;
use metrics::{Counter, counter};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use storage::listing::{TaskHeadInFolder, task_head_in_folder};
use storage::{ReadPool, Transaction};

/// How long a replica that failed is left alone.
const REST_MILLIS: i64 = 10_000;

/// What is known of the replica.
pub(crate) struct ReplicaState {
    /// It is not asked before this moment.
    rests_until: AtomicI64,
    served: Counter,
    behind: Counter,
    failed: Counter,
}

impl Default for ReplicaState {
    fn default() -> Self {
        let of =
            |outcome: &'static str| counter!("assay_replica_reads_total", "outcome" => outcome);
        Self {
            rests_until: AtomicI64::new(i64::MIN),
            served: of("served"),
            behind: of("behind"),
            failed: of("failed"),
        }
    }
}

impl ReplicaState {
    fn is_resting(&self, now: Timestamp) -> bool {
        now.0 < self.rests_until.load(Ordering::Relaxed)
    }

    fn rest(&self, now: Timestamp, failure: &Failure) {
        self.failed.increment(1);
        // Too much to do is no reason to leave it alone: the next one may find room.
        if matches!(failure, Failure::Busy) {
            return;
        }
        tracing::warn!(target: "assay::app", %failure, "the replica is left alone for a while");
        self.rests_until.store(now.0.saturating_add(REST_MILLIS), Ordering::Relaxed);
    }
}

impl App {
    /// Reads from a task's instances, with the task's head in the state that is read. `known` is
    /// the head as the primary had it a moment ago, for who has it already.
    ///
    /// `pool` is whose threads read. `read` runs a second time, on the primary, when it failed on
    /// the replica with anything but the caller's fault.
    pub(crate) async fn read_replica_or_primary<T: Send + 'static>(
        &self,
        pool: ReadPool,
        caller: &Caller,
        task: &TaskId,
        existing: Option<Arc<TaskHeadInFolder>>,
        read: impl Fn(&mut dyn Transaction, TaskHead) -> Result<T, Failure> + Send + Sync + 'static,
    ) -> Result<T, Failure> {
        let read = Arc::new(read);
        if self.storage().has_replica() && !self.replica().is_resting(self.now()) {
            let existing = match existing {
                Some(existing) => existing,
                None => self
                    .results()
                    .load_task_head(&caller.organization, task)
                    .await?
                    .ok_or(Failure::NotFound)?,
            };
            caller.require_task_access(task, &existing.folder)?;
            if let Some(done) =
                self.read_replica(pool, caller, task, existing, read.clone()).await?
            {
                return Ok(done);
            }
        }
        let (caller, task) = (caller.clone(), task.clone());
        self.storage()
            .read_in(pool, move |tx: &mut dyn Transaction| {
                let head = authorized_head(tx, &caller, &task)?;
                read(tx, head)
            })
            .await
    }

    /// Nothing when the primary has to be asked.
    async fn read_replica<T: Send + 'static>(
        &self,
        pool: ReadPool,
        caller: &Caller,
        task: &TaskId,
        existing: Arc<TaskHeadInFolder>,
        read: Arc<
            impl Fn(&mut dyn Transaction, TaskHead) -> Result<T, Failure> + Send + Sync + 'static,
        >,
    ) -> Result<Option<T>, Failure> {
        let (organization, task) = (caller.organization.clone(), task.clone());
        let on_replica =
            move |tx: &mut dyn Transaction| match task_head_in_folder(tx, &organization, &task)? {
                Some(placed) if has_reached(&placed, &existing) => read(tx, placed.head).map(Some),
                _ => Ok(None),
            };
        match self.storage().read_replica(pool, on_replica).await {
            Ok(Some(done)) => {
                self.replica().served.increment(1);
                Ok(Some(done))
            }
            Ok(None) => {
                self.replica().behind.increment(1);
                Ok(None)
            }
            Err(failure @ (Failure::Busy | Failure::Unavailable(_) | Failure::Internal(_))) => {
                self.replica().rest(self.now(), &failure);
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }
}

/// In another epoch no number says anything: a copy may follow a primary that was lost and had more
/// than the one that took its place. The same number reached at another moment is another history,
/// as after a restored backup.
fn has_reached(copy: &TaskHeadInFolder, primary: &TaskHeadInFolder) -> bool {
    let (read, existing) = (&copy.head, &primary.head);
    let is_as_far = read.revision > existing.revision
        || (read.revision == existing.revision && read.revised_at == existing.revised_at);
    copy.epoch == primary.epoch && is_as_far
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(revision: i64, revised_at: i64) -> TaskHeadInFolder {
        let head = TaskHead { revision, revised_at: Timestamp(revised_at), instance_count: 3 };
        TaskHeadInFolder { head, folder: String::new(), epoch: Some("first".to_owned()) }
    }

    #[test]
    fn a_copy_that_is_behind_or_of_another_history_is_not_read() {
        assert!(!has_reached(&head(6, 900), &head(7, 700)));
        assert!(!has_reached(&head(7, 900), &head(7, 700)));
        assert!(has_reached(&head(7, 700), &head(7, 700)));
        assert!(has_reached(&head(8, 900), &head(7, 700)));
        let after_a_failover =
            TaskHeadInFolder { epoch: Some("second".to_owned()), ..head(7, 700) };
        assert!(!has_reached(&head(8, 900), &after_a_failover), "it has what was lost");
        assert!(
            !has_reached(&head(7, 700), &after_a_failover),
            "it has not heard of the new epoch"
        );
    }

    #[test]
    fn a_replica_that_failed_rests_and_one_that_was_busy_does_not() {
        let replica = ReplicaState::default();
        replica.rest(Timestamp(1_000), &Failure::Busy);
        assert!(!replica.is_resting(Timestamp(1_000)));
        replica.rest(Timestamp(1_000), &Failure::Unavailable("gone".into()));
        assert!(replica.is_resting(Timestamp(1_000 + REST_MILLIS - 1)));
        assert!(!replica.is_resting(Timestamp(1_000 + REST_MILLIS)));
    }
}
