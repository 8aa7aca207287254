//! The steps of a task that is there already: one more, another order, one less.
//!
//! Instances never go, so a step that has one stays (domain rules, 5.9), and so does one that
//! another waits for. Where a step stands is the order in which it is shown and nothing else:
//! conditions name steps by their ids.

use super::check::{self, MOST_STEPS, PrerequisiteTargets};
use super::create::step_row;
use super::list::task_view;
use super::{NewStep, TaskView};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::services::TaskService;
use crate::unit_of_work::UnitOfWork;
use crate::validation::FieldValidator;
use domain::access::prerequisite::Prerequisite;
use domain::access::settings::{ProgramOrStage, StepConduct};
use domain::fault::ErrorCode;
use domain::id::{StepId, TaskId};
use domain::json::JsonPointer;
use domain::role::Right;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use storage::Transaction;
use storage::step::StepRow;
use storage::task::TaskRow;

impl TaskService {
    /// Adds a step behind the others. Who may start it is asked at each start, also of those who
    /// have finished the others.
    ///
    /// # Errors
    /// Faults with pointers below `/steps/{place}`, the place counted from 0, all at once;
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn add_step(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: NewStep,
    ) -> Result<TaskView, Failure> {
        self.arranged(caller, task, move |work, row, steps, checks| {
            let place = steps.len();
            if place >= MOST_STEPS {
                checks.refuse(
                    checks.at("steps"),
                    ErrorCode::InvalidLength,
                    format_args!("must have 1 to {MOST_STEPS} steps"),
                );
                return Ok(());
            }
            let id: StepId = work.app.new_id(work.now);
            let ids: Vec<StepId> =
                steps.iter().map(|step| &step.id).chain([&id]).cloned().collect();
            let (programs, stages): (Vec<ProgramOrStage>, Vec<ProgramOrStage>) =
                (from_json(&row.programs)?, from_json(&row.stages)?);
            let targets = PrerequisiteTargets { programs: &programs, stages: &stages, steps: &ids };
            let at = checks.at("steps").at(place);
            let test = check::step(work.tx, work.caller, &new, checks, &at)?;
            let conduct =
                check::conduct(StepConduct::default(), &new.conduct, &id, &targets, checks, &at);
            let ends = [row.active_before, new.switch.window.before];
            check::share_when(&conduct, ends, checks, &at);
            steps.push(step_row(row, &id, place + 1, &new, test, &conduct)?);
            Ok(())
        })
        .await
    }

    /// Moves a step to another place, from 0; a place behind the last is the last.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn move_step(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        to: usize,
    ) -> Result<TaskView, Failure> {
        let step = step.clone();
        self.arranged(caller, task, move |_, _, steps, _| {
            let from = place_of(steps, &step)?;
            let moved = steps.remove(from);
            steps.insert(to.min(steps.len()), moved);
            Ok(())
        })
        .await
    }

    /// Removes a step that nobody has begun, with what candidates have of their own for it.
    ///
    /// # Errors
    /// A fault at `/steps/{id}` that says why it must stay; [`Failure::InsufficientScope`],
    /// [`Failure::NotFound`].
    pub async fn remove_step(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
    ) -> Result<TaskView, Failure> {
        let step = step.clone();
        self.arranged(caller, task, move |work, row, steps, checks| {
            let place = place_of(steps, &step)?;
            if let Some(should) = why_it_stays(work.tx, row, steps, &step)? {
                checks.refuse(checks.at("steps").at(&step), ErrorCode::ConflictingValues, should);
                return Ok(());
            }
            steps.remove(place);
            forget_overrides(work.tx, row, &step)
        })
        .await
    }

    /// Lets `change` rearrange the steps of a task, and writes what differs.
    async fn arranged<F>(
        &self,
        caller: &Caller,
        task: &TaskId,
        change: F,
    ) -> Result<TaskView, Failure>
    where
        F: Fn(
                &mut UnitOfWork<'_>,
                &TaskRow,
                &mut Vec<StepRow>,
                &mut FieldValidator,
            ) -> Result<(), Failure>
            + Send
            + 'static,
    {
        let task = task.clone();
        self.write_as(caller, Right::WriteTasks, move |work| {
            let row = work.lock_task(&task)?;
            let before = storage::step::list(work.tx, &row.organization_id, &row.id)?;
            let (mut after, mut checks) =
                (before.clone(), FieldValidator::below(JsonPointer::root()));
            change(work, &row, &mut after, &mut checks)?;
            checks.finish()?;
            let ids = |steps: &[StepRow]| {
                steps.iter().map(|step| step.id.clone()).collect::<Vec<StepId>>()
            };
            let (old, new) = (ids(&before), ids(&after));
            if old != new {
                for gone in old.iter().filter(|id| !new.contains(id)) {
                    storage::step::remove(work.tx, &row.organization_id, &row.id, gone)?;
                }
                for come in after.iter().filter(|step| !old.contains(&step.id)) {
                    storage::step::insert(work.tx, come)?;
                }
                storage::step::reorder(work.tx, &row.organization_id, &row.id, &new)?;
                let fields = Map::from_iter([(
                    "steps".to_owned(),
                    Value::from_iter(new.iter().map(|id| json!(id))),
                )]);
                let event = AuditEvent::of_organization(AuditEventKind::TaskUpdated)
                    .about("taskId", &row.id);
                work.record_event(event.with("fields", fields))?;
            }
            task_view(work.tx, row)
        })
        .await
    }
}

fn place_of(steps: &[StepRow], step: &StepId) -> Result<usize, Failure> {
    steps.iter().position(|entry| entry.id == *step).ok_or(Failure::NotFound)
}

fn why_it_stays(
    tx: &mut dyn Transaction,
    task: &TaskRow,
    steps: &[StepRow],
    step: &StepId,
) -> Result<Option<String>, Failure> {
    if steps.len() == 1 {
        return Ok(Some("must stay, because a task has at least one step".to_owned()));
    }
    for other in steps {
        let conduct: StepConduct = from_json(&other.settings)?;
        if conduct.prerequisites.iter().any(|prerequisite| waits_for(prerequisite, step)) {
            return Ok(Some(format!("must stay, because the step {:?} waits for it", other.title)));
        }
    }
    let is_used = storage::step::is_used(tx, &task.id, step)?;
    Ok(is_used
        .then(|| "must stay, because somebody has begun it; it can be switched off".to_owned()))
}

fn waits_for(prerequisite: &Prerequisite, step: &StepId) -> bool {
    match prerequisite {
        Prerequisite::Completion { step: other } | Prerequisite::Score { step: other, .. } => {
            other == step
        }
        Prerequisite::Stage { .. } | Prerequisite::Program { .. } => false,
    }
}

/// Candidates' own settings for a step go with it.
fn forget_overrides(
    tx: &mut dyn Transaction,
    task: &TaskRow,
    step: &StepId,
) -> Result<(), Failure> {
    for (candidate, text) in
        storage::candidate::list_overrides(tx, &task.organization_id, &task.id)?
    {
        let mut overrides: BTreeMap<StepId, Value> = from_json(&text)?;
        if overrides.remove(step).is_some() {
            storage::candidate::set_overrides(
                tx,
                &task.organization_id,
                &candidate,
                &to_json(&overrides)?,
            )?;
        }
    }
    Ok(())
}
