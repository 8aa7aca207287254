//! Making a task with its steps.

use super::check::{self, PrerequisiteTargets};
use super::{NewStep, NewTask, TaskView};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::candidates::distinct;
use crate::failure::Failure;
use crate::json::to_json;
use crate::services::TaskService;
use crate::unit_of_work::UnitOfWork;
use crate::validation::FieldValidator;
use domain::access::settings::{ProgramOrStage, StepConduct};
use domain::fault::Fault;
use domain::id::{StepId, TaskId};
use domain::json::JsonPointer;
use domain::role::Right;
use domain::time::Timestamp;
use storage::step::StepRow;
use storage::task::TaskRow;
use storage::test::TestRow;

impl TaskService {
    /// Makes a task with its steps, all or nothing.
    ///
    /// # Errors
    /// Faults with pointers into the request, all at once; [`Failure::InsufficientScope`];
    /// [`Failure::NotFound`] when the key is limited to tasks or folders that the new task would
    /// not be in.
    pub async fn create_task(&self, caller: &Caller, new: NewTask) -> Result<TaskView, Failure> {
        self.write_as(caller, Right::WriteTasks, move |work| {
            let id: TaskId = work.app.new_id(work.now);
            work.caller.require_task_access(&id, &new.folder)?;
            let mut checks = FieldValidator::below(JsonPointer::root());
            check::task(&new, &mut checks);
            let mut task = work.app.tasks().task_row(work.caller, id, &new, work.now)?;
            let steps = step_rows(work, &task, &new, &mut checks)?;
            checks.finish()?;
            task.ordinal = storage::organization::next_ordinal(work.tx, work.organization)?
                .ok_or(Failure::NotFound)?;
            storage::task::insert(work.tx, &task)?;
            steps.iter().try_for_each(|step| storage::step::insert(work.tx, step))?;
            let event =
                AuditEvent::of_organization(AuditEventKind::TaskCreated).about("taskId", &task.id);
            work.record_event(event.with("steps", steps.len()))?;
            TaskView::of(task, steps, &[])
        })
        .await
    }

    /// The faults a task would have that need the library, for reporting them beside faults of
    /// form. Changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn check_tests_of_steps(
        &self,
        caller: &Caller,
        steps: Vec<(JsonPointer, NewStep)>,
    ) -> Result<Vec<Fault>, Failure> {
        self.read_as(caller, Right::WriteTasks, move |work| {
            let mut checks = FieldValidator::below(JsonPointer::root());
            for (at, step) in &steps {
                check::step(work.tx, work.caller, step, &mut checks, at)?;
            }
            Ok(checks.into_faults())
        })
        .await
    }

    pub(super) fn with_uuids(&self, names: &[String]) -> Vec<ProgramOrStage> {
        names
            .iter()
            .map(|name| ProgramOrStage {
                uuid: self.test_library().random_uuid(),
                name: name.clone(),
            })
            .collect()
    }

    fn task_row(
        &self,
        caller: &Caller,
        id: TaskId,
        new: &NewTask,
        now: Timestamp,
    ) -> Result<TaskRow, Failure> {
        Ok(TaskRow {
            id,
            organization_id: caller.organization.clone(),
            ordinal: 0,
            revision: 0,
            revised_at: now,
            instance_count: 0,
            candidate_count: 0,
            title: new.title.clone(),
            active: new.switch.active,
            active_after: new.switch.window.after,
            active_before: new.switch.window.before,
            access_method: new.access_method,
            lang: new.lang.as_str().to_owned(),
            folder: new.folder.clone(),
            favorite: new.favorite,
            labels: to_json(&distinct(&new.labels))?,
            tags: to_json(&new.tags)?,
            programs: to_json(&self.with_uuids(&new.programs))?,
            stages: to_json(&self.with_uuids(&new.stages))?,
            access_form: new.access_form.as_ref().map(to_json).transpose()?,
            email_templates: to_json(&new.email_templates)?,
            created_at: now,
        })
    }
}

fn step_rows(
    work: &mut UnitOfWork<'_>,
    task: &TaskRow,
    new: &NewTask,
    checks: &mut FieldValidator,
) -> Result<Vec<StepRow>, Failure> {
    let ids: Vec<StepId> = new.steps.iter().map(|_| work.app.new_id(work.now)).collect();
    let (programs, stages): (Vec<ProgramOrStage>, Vec<ProgramOrStage>) =
        (crate::json::from_json(&task.programs)?, crate::json::from_json(&task.stages)?);
    let targets = PrerequisiteTargets { programs: &programs, stages: &stages, steps: &ids };
    let mut rows = Vec::with_capacity(ids.len());
    for (index, (step, id)) in new.steps.iter().zip(&ids).enumerate() {
        let at = checks.at("steps").at(index);
        let test = check::step(work.tx, work.caller, step, checks, &at)?;
        let conduct =
            check::conduct(StepConduct::default(), &step.conduct, id, &targets, checks, &at);
        let ends = [task.active_before, step.switch.window.before];
        check::share_when(&conduct, ends, checks, &at);
        rows.push(step_row(task, id, index + 1, step, test, &conduct)?);
    }
    Ok(rows)
}

/// The row of a step at its position, from 1. `test` is what its test is known as, if it is one.
pub(super) fn step_row(
    task: &TaskRow,
    id: &StepId,
    position: usize,
    new: &NewStep,
    test: Option<TestRow>,
    conduct: &StepConduct,
) -> Result<StepRow, Failure> {
    Ok(StepRow {
        id: id.clone(),
        organization_id: task.organization_id.clone(),
        task_id: task.id.clone(),
        position: i64::try_from(position).map_err(Failure::internal)?,
        test_id: new.test.clone(),
        title: new.title.clone().or(test.map(|test| test.title)).unwrap_or_default(),
        active: new.switch.active,
        active_after: new.switch.window.after,
        active_before: new.switch.window.before,
        attempt_limit: new.attempt_limit.into(),
        settings: to_json(conduct)?,
    })
}
