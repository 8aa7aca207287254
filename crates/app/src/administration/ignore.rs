//! Putting a completed instance aside as if it had not happened, and taking it back.

use super::{InstanceStatus, check_reason, check_transition};
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::InstanceService;
use domain::id::{InstanceId, TaskId};
use domain::instance::InstanceChange;
use domain::lifecycle::{LifecycleEvent as LifeEvent, LifecycleTransition};
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::InstanceRow;

impl InstanceService {
    /// Marks a completed instance ignored; its result and data stay. `reason` is a code.
    ///
    /// # Errors
    /// `instance_open`; a fault of the reason; [`Failure::InsufficientScope`],
    /// [`Failure::NotFound`].
    pub async fn ignore(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        reason: Option<String>,
    ) -> Result<InstanceStatus, Failure> {
        check_reason(reason.as_deref())?;
        self.mark(caller, task, instance, true, reason).await
    }

    /// Takes the mark back. This may leave more attempts than the limit: the limit governs
    /// starting, not history.
    ///
    /// # Errors
    /// As [`InstanceService::ignore`], but an open instance is fine.
    pub async fn reacknowledge(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        reason: Option<String>,
    ) -> Result<InstanceStatus, Failure> {
        check_reason(reason.as_deref())?;
        self.mark(caller, task, instance, false, reason).await
    }

    async fn mark(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        ignored: bool,
        reason: Option<String>,
    ) -> Result<InstanceStatus, Failure> {
        let act = move |app: &App,
                        tx: &mut dyn Transaction,
                        caller: &Caller,
                        row: InstanceRow,
                        now: Timestamp| {
            let event = if ignored { LifeEvent::Ignore } else { LifeEvent::Reacknowledge };
            match check_transition(&row, event)? {
                LifecycleTransition::Unchanged => Ok(InstanceStatus::of(&row)),
                _ => app.instances().set_ignored(tx, caller, row, ignored, reason.as_deref(), now),
            }
        };
        self.with_locked_instance(caller, Right::Administer, task, instance, act).await
    }

    fn set_ignored(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        mut row: InstanceRow,
        ignored: bool,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<InstanceStatus, Failure> {
        let (change, kind) = match ignored {
            true => (InstanceChange::Ignored, AuditEventKind::InstanceIgnored),
            false => (InstanceChange::Reacknowledged, AuditEventKind::InstanceReacknowledged),
        };
        row.ignored = ignored;
        row.change_kind = change;
        let revision = self.revise(tx, &mut row, now)?;
        let event = AuditEvent::of_instance(kind, &row.id)
            .about("taskId", &row.task_id)
            .at_revision(revision);
        self.record_event(tx, now, caller, event.with("reason", reason))?;
        Ok(InstanceStatus::of(&row))
    }
}
