//! Taking an evaluation back.

use crate::App;
use crate::administration::{InstanceStatus, check_transition};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::EvaluationService;
use crate::versions::ScoringContext;
use domain::id::{InstanceId, TaskId};
use domain::instance::VersionReason;
use domain::lifecycle::LifecycleEvent as LifeEvent;
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::InstanceRow;

impl EvaluationService {
    /// Withdraws the evaluation of a slot: its answer counts by its rules again, or waits.
    ///
    /// # Errors
    /// `instance_open`, `instance_erased`; [`Failure::NotFound`], also when the slot has no
    /// evaluation; [`Failure::InsufficientScope`].
    pub async fn withdraw_evaluation(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        slot: u32,
    ) -> Result<InstanceStatus, Failure> {
        let act = move |app: &App,
                        tx: &mut dyn Transaction,
                        caller: &Caller,
                        mut row: InstanceRow,
                        now: Timestamp| {
            check_transition(&row, LifeEvent::Evaluate)?;
            if !storage::evaluation::withdraw(tx, &row.id, slot.into())? {
                return Err(Failure::NotFound);
            }
            let event = AuditEvent::of_instance(AuditEventKind::AnswerEvaluationWithdrawn, &row.id)
                .about("taskId", &row.task_id);
            app.record_event(tx, now, caller, event.with("slot", slot))?;
            let compiled = app.compiled_test(tx, &row)?;
            let act = ScoringContext {
                actor: caller,
                now,
                reason: VersionReason::EvaluationWithdrawn,
                note: None,
            };
            app.store_result(tx, &mut row, &compiled, &act)?;
            Ok(InstanceStatus::of(&row))
        };
        self.with_locked_instance(caller, Right::Evaluate, task, instance, act).await
    }
}
