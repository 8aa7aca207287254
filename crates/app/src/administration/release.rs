//! Result release: staff show results to candidates, or take them back, of a step or of one
//! instance. Nothing of a result changes, so no reader of results is woken.

use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::result_release::{ResultRelease, releases};
use crate::services::InstanceService;
use domain::access::settings::{AnswerReview, ResultSharing, StepConduct};
use domain::id::{InstanceId, OrganizationId, StepId, TaskId};
use domain::refusal::Refusal;
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::InstanceRow;
use storage::result_release::{ResultReleaseRow, of_step};

/// What staff do about showing results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseAct {
    /// Shows them where the step waits for it, and ends a withdrawal.
    Release,
    /// Shows nothing until they are released again.
    Withdraw,
}

impl InstanceService {
    /// Releases the results of a step, or withdraws them. Repeating it changes nothing.
    ///
    /// # Errors
    /// `nothing_shared`; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn release_step_results(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        act: ReleaseAct,
    ) -> Result<ResultRelease, Failure> {
        let (task, step) = (task.clone(), step.clone());
        self.write_as(caller, Right::Administer, move |work| {
            work.lock_task(&task)?;
            require_sharing(work.tx, work.organization, &task, &step)?;
            let (before, _) = releases(work.tx, &step, &of_step())?;
            let Some(after) = decided(before, act, work.now) else { return Ok(before) };
            let row = release_row(work.organization, &task, &step, of_step(), after);
            storage::result_release::replace(work.tx, &row)?;
            let event = AuditEvent::of_organization(event_kind(act)).about("taskId", &task);
            work.record_event(event.about("stepId", &step))?;
            Ok(after)
        })
        .await
    }

    /// Releases the result of one instance before the others of its step, or withdraws it.
    /// Repeating it changes nothing.
    ///
    /// # Errors
    /// `nothing_shared`, `instance_erased`; `instance_open` for what is to be released;
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn release_instance_result(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        act: ReleaseAct,
    ) -> Result<ResultRelease, Failure> {
        let work = move |app: &App,
                         tx: &mut dyn Transaction,
                         caller: &Caller,
                         row: InstanceRow,
                         now: Timestamp| {
            if row.erased_at.is_some() {
                return Err(Refusal::InstanceErased.into());
            }
            if act == ReleaseAct::Release && row.state.is_open() {
                return Err(Refusal::InstanceOpen.into());
            }
            require_sharing(tx, &caller.organization, &row.task_id, &row.step_id)?;
            let (_, before) = releases(tx, &row.step_id, &row.id)?;
            let Some(after) = decided(before, act, now) else { return Ok(before) };
            let decision = release_row(
                &caller.organization,
                &row.task_id,
                &row.step_id,
                row.id.clone(),
                after,
            );
            storage::result_release::replace(tx, &decision)?;
            let event =
                AuditEvent::of_instance(event_kind(act), &row.id).about("taskId", &row.task_id);
            app.record_event(tx, now, caller, event)?;
            Ok(after)
        };
        self.with_locked_instance(caller, Right::Administer, task, instance, work).await
    }
}

/// What stands afterwards; none when it stands already.
fn decided(before: ResultRelease, act: ReleaseAct, now: Timestamp) -> Option<ResultRelease> {
    let after = match act {
        ReleaseAct::Release => {
            ResultRelease { released_at: before.released_at.or(Some(now)), withdrawn_at: None }
        }
        ReleaseAct::Withdraw => {
            ResultRelease { withdrawn_at: before.withdrawn_at.or(Some(now)), ..before }
        }
    };
    (after != before).then_some(after)
}

const fn event_kind(act: ReleaseAct) -> AuditEventKind {
    match act {
        ReleaseAct::Release => AuditEventKind::ResultReleased,
        ReleaseAct::Withdraw => AuditEventKind::ResultWithdrawn,
    }
}

fn release_row(
    organization: &OrganizationId,
    task: &TaskId,
    step: &StepId,
    instance: InstanceId,
    release: ResultRelease,
) -> ResultReleaseRow {
    ResultReleaseRow {
        step_id: step.clone(),
        instance_id: instance,
        organization_id: organization.clone(),
        task_id: task.clone(),
        released_at: release.released_at,
        withdrawn_at: release.withdrawn_at,
    }
}

/// Who releases what is not shared would believe that candidates see it.
fn require_sharing(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    step: &StepId,
) -> Result<(), Failure> {
    let step = storage::step::find(tx, organization, task, step)?.ok_or(Failure::NotFound)?;
    let conduct: StepConduct = from_json(&step.settings)?;
    let shares_nothing =
        conduct.sharing == ResultSharing::Nothing && conduct.review == AnswerReview::None;
    if shares_nothing { Err(Refusal::NothingShared.into()) } else { Ok(()) }
}
