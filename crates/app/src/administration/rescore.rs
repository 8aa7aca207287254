//! Computing a result anew from what is kept.

use super::{InstanceStatus, check_transition};
use crate::App;
use crate::caller::Caller;
use crate::compute::ComputePayer;
use crate::failure::Failure;
use crate::services::InstanceService;
use crate::stored_number::unsigned;
use crate::unit_of_work::task_of;
use crate::validation::{FieldValidator, LONGEST_NOTE};
use crate::versions::{ResultChange, ScoringContext};
use domain::id::{InstanceId, StepId, TaskId};
use domain::instance::VersionReason;
use domain::json::JsonPointer;
use domain::lifecycle::LifecycleEvent as LifeEvent;
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::InstanceRow;

impl InstanceService {
    /// Computes a completed instance's result anew; a version is made only when something differs.
    /// An open instance is computed at its completion anyway: nothing happens to it now.
    ///
    /// # Errors
    /// `instance_erased`; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn rescore(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        note: Option<String>,
    ) -> Result<InstanceStatus, Failure> {
        let mut checks = FieldValidator::below(JsonPointer::root());
        if let Some(note) = &note {
            checks.text(checks.at("note"), note, 1, LONGEST_NOTE);
        }
        checks.finish()?;
        let act = move |app: &App,
                        tx: &mut dyn Transaction,
                        caller: &Caller,
                        mut row: InstanceRow,
                        now: Timestamp| {
            check_transition(&row, LifeEvent::Correct)?;
            if !row.state.is_open() {
                let compiled = app.compiled_test(tx, &row)?;
                let act = ScoringContext {
                    actor: caller,
                    now,
                    reason: VersionReason::Rescored,
                    note: note.as_deref(),
                };
                app.store_result(tx, &mut row, &compiled, &act)?;
            }
            Ok(InstanceStatus::of(&row))
        };
        self.with_locked_instance(caller, Right::Correct, task, instance, act).await
    }
}

/// Instances of one batch: a transaction that nobody waits long for.
const BATCH: i64 = 20;

/// What one batch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RescoredBatch {
    pub looked_at: u64,
    /// Results that differ and got a version.
    pub versions: u64,
    /// Results that were published otherwise than computed.
    pub repaired: u64,
    /// The last ordinal looked at, to go on behind; none at the end.
    pub next: Option<i64>,
    /// The last ordinal of the task.
    pub total: u64,
}

impl InstanceService {
    /// Computes the completed instances of a task, or of one of its steps, anew, a batch of those
    /// behind an ordinal. What does not differ leaves no trace, so it may be done again at any time
    /// and from anywhere.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn rescore_batch(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: Option<StepId>,
        after: i64,
    ) -> Result<RescoredBatch, Failure> {
        caller.require(Right::Correct)?;
        self.delivery().ensure_deadlines_swept().await?;
        let now = self.now();
        let bearer = ComputePayer::from(caller);
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let write = move |tx: &mut dyn Transaction| {
            let row = task_of(tx, &caller, &task)?;
            let of = step.as_ref().map(StepId::as_str);
            if let Some(step) = &step {
                storage::step::find(tx, &caller.organization, &task, step)?
                    .ok_or(Failure::NotFound)?;
            }
            let found = storage::verification::step_behind(tx, &task, of, after, BATCH)?;
            let is_last = i64::try_from(found.len()).is_ok_and(|read| read < BATCH);
            let mut batch =
                RescoredBatch { total: unsigned(row.instance_count)?, ..RescoredBatch::default() };
            // All of them before their task, which the first new version locks.
            let mut rows = Vec::with_capacity(found.len());
            for (id, ordinal) in &found {
                rows.extend(storage::instance::lock(tx, id)?);
                batch.next = Some(*ordinal).filter(|_| !is_last);
            }
            batch.looked_at = found.len() as u64;
            for mut row in rows {
                app.rescore_one(tx, &caller, &mut row, now, &mut batch)?;
            }
            Ok(batch)
        };
        self.write_scored(bearer, write).await
    }

    fn rescore_one(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        row: &mut InstanceRow,
        now: Timestamp,
        batch: &mut RescoredBatch,
    ) -> Result<(), Failure> {
        if row.state.is_open() || row.erased_at.is_some() {
            return Ok(());
        }
        let compiled = self.compiled_test(tx, row)?;
        let act =
            ScoringContext { actor: caller, now, reason: VersionReason::Rescored, note: None };
        if !self.would_change_published(tx, row, &compiled, &act)? {
            return Ok(());
        }
        match self.store_result(tx, row, &compiled, &act)? {
            ResultChange::Version { .. } => batch.versions += 1,
            ResultChange::Repaired { .. } => batch.repaired += 1,
            ResultChange::Unchanged => {}
        }
        Ok(())
    }

    /// The ids of the caller's tasks, in order of creation.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn task_ids(&self, caller: &Caller) -> Result<Vec<TaskId>, Failure> {
        self.read_as(caller, Right::Correct, move |work| {
            let (mut ids, mut from) = (Vec::new(), 0);
            while let Some(task) =
                storage::verification::next_task(work.tx, work.organization, from)?
            {
                from = task.ordinal + 1;
                ids.push(task.id);
            }
            Ok(ids)
        })
        .await
    }
}
