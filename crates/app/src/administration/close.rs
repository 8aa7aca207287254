//! Closing an open instance for the candidate.

use super::{InstanceStatus, check_transition};
use crate::App;
use crate::audit::AuditEventKind;
use crate::caller::Caller;
use crate::delivery::open_instance::OpenInstance;
use crate::failure::Failure;
use crate::services::InstanceService;
use domain::id::{InstanceId, TaskId};
use domain::instance::ClosingReason;
use domain::lifecycle::LifecycleEvent as LifeEvent;
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::InstanceRow;

impl InstanceService {
    /// Completes an open instance with what was answered; required questions are not asked for.
    ///
    /// # Errors
    /// `instance_complete`; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn force_close(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<InstanceStatus, Failure> {
        let act = |app: &App,
                   tx: &mut dyn Transaction,
                   caller: &Caller,
                   row: InstanceRow,
                   now: Timestamp| {
            check_transition(&row, LifeEvent::Complete)?;
            let mut running = OpenInstance::of(app, tx, row)?;
            let completion = running.delivery.force_close(&running.compiled, now)?;
            let kind = match completion.closing {
                ClosingReason::ForceClosed => AuditEventKind::InstanceForceClosed,
                ClosingReason::Submitted | ClosingReason::TimeOver | ClosingReason::Terminated => {
                    AuditEventKind::InstanceCompleted
                }
            };
            let closed = running.close(app, tx, now, caller, completion, kind)?;
            Ok(InstanceStatus::of(&closed.row))
        };
        self.with_locked_instance(caller, Right::Administer, task, instance, act).await
    }
}
