//! Changing a task and its steps.

use super::check::{self, PrerequisiteTargets};
use super::list::task_view;
use super::{EmailTemplate, NewConduct, TaskView};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::candidates::LabelChange;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::services::TaskService;
use crate::validation::FieldValidator;
use domain::access::form::AccessForm;
use domain::access::settings::{AttemptLimit, InterfaceLang, ProgramOrStage, StepConduct};
use domain::fault::{ErrorCode, Fault};
use domain::id::{StepId, TaskId};
use domain::json::JsonPointer;
use domain::role::Right;
use domain::time::{TimeWindow, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use storage::Transaction;
use storage::step::StepRow;
use storage::task::TaskRow;

/// What is to change; absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskUpdate {
    pub title: Option<String>,
    pub active: Option<bool>,
    pub favorite: Option<bool>,
    pub folder: Option<String>,
    pub lang: Option<InterfaceLang>,
    /// `Some(None)` removes the limit.
    pub active_after: Option<Option<Timestamp>>,
    pub active_before: Option<Option<Timestamp>>,
    pub labels: LabelChange,
    pub tags: Option<BTreeMap<String, String>>,
    /// Names; those that stay keep their uuids.
    pub programs: Option<Vec<String>>,
    pub stages: Option<Vec<String>>,
    pub access_form: Option<Option<AccessForm>>,
    /// In place of all there are.
    pub email_templates: Option<Vec<EmailTemplate>>,
    pub steps: BTreeMap<StepId, StepUpdate>,
}

/// What of a step is to change; absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepUpdate {
    pub title: Option<String>,
    pub active: Option<bool>,
    pub active_after: Option<Option<Timestamp>>,
    pub active_before: Option<Option<Timestamp>>,
    pub attempt_limit: Option<AttemptLimit>,
    pub conduct: NewConduct,
}

impl TaskService {
    /// Changes a task and its steps, all or nothing. Instances that exist keep their copies.
    ///
    /// # Errors
    /// Faults with pointers below `/fields` and `/steps`, all at once;
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn update_task(
        &self,
        caller: &Caller,
        task: &TaskId,
        change: TaskUpdate,
    ) -> Result<TaskView, Failure> {
        let task = task.clone();
        self.write_as(caller, Right::WriteTasks, move |work| {
            let before = work.lock_task(&task)?;
            let mut checks = FieldValidator::below(JsonPointer::root());
            let (after, steps) =
                work.app.tasks().changed(work.tx, &before, &change, &mut checks)?;
            checks.finish()?;
            // A key limited to folders may not move a task out of its own sight.
            work.caller.require_task_access(&after.id, &after.folder)?;
            if before != after {
                storage::task::update(work.tx, &after)?;
                let event = AuditEvent::of_organization(AuditEventKind::TaskUpdated)
                    .about("taskId", &after.id);
                work.record_event(event.with("fields", task_fields(&before, &after)))?;
            }
            for (old, new) in steps.iter().filter(|(old, new)| old != new) {
                storage::step::update(work.tx, new)?;
                let event = AuditEvent::of_organization(AuditEventKind::StepUpdated)
                    .about("taskId", &after.id)
                    .about("stepId", &new.id);
                work.record_event(event.with("fields", step_fields(old, new)))?;
            }
            task_view(work.tx, after)
        })
        .await
    }

    /// The faults a change would have, for reporting them beside faults of form. Changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn check_task_update(
        &self,
        caller: &Caller,
        task: &TaskId,
        change: TaskUpdate,
    ) -> Result<Vec<Fault>, Failure> {
        let task = task.clone();
        self.read_as(caller, Right::WriteTasks, move |work| {
            let before = work.task(&task)?;
            let mut checks = FieldValidator::below(JsonPointer::root());
            work.app.tasks().changed(work.tx, &before, &change, &mut checks)?;
            Ok(checks.into_faults())
        })
        .await
    }

    /// The task and each step that is named, as the change makes them.
    fn changed(
        &self,
        tx: &mut dyn Transaction,
        before: &TaskRow,
        change: &TaskUpdate,
        checks: &mut FieldValidator,
    ) -> Result<(TaskRow, Vec<(StepRow, StepRow)>), Failure> {
        let after = self.changed_task(before, change, checks)?;
        let steps = changed_steps(tx, &after, change, checks)?;
        Ok((after, steps))
    }

    fn changed_task(
        &self,
        before: &TaskRow,
        change: &TaskUpdate,
        checks: &mut FieldValidator,
    ) -> Result<TaskRow, Failure> {
        check_fields(change, checks);
        let mut after = before.clone();
        after.title = change.title.clone().unwrap_or(after.title);
        after.active = change.active.unwrap_or(after.active);
        after.favorite = change.favorite.unwrap_or(after.favorite);
        after.folder = change.folder.clone().unwrap_or(after.folder);
        after.lang = change.lang.map_or(after.lang, |lang| lang.as_str().to_owned());
        after.active_after = change.active_after.unwrap_or(after.active_after);
        after.active_before = change.active_before.unwrap_or(after.active_before);
        if !change.labels.is_empty() {
            let labels: Vec<String> = from_json(&after.labels)?;
            after.labels = to_json(&change.labels.applied_to(&labels))?;
        }
        after.tags = change.tags.as_ref().map(to_json).transpose()?.unwrap_or(after.tags);
        if let Some(names) = &change.programs {
            after.programs = to_json(
                &self.renamed(&from_json::<Vec<ProgramOrStage>>(&before.programs)?, names),
            )?;
        }
        if let Some(names) = &change.stages {
            after.stages =
                to_json(&self.renamed(&from_json::<Vec<ProgramOrStage>>(&before.stages)?, names))?;
        }
        if let Some(form) = &change.access_form {
            after.access_form = form.as_ref().map(to_json).transpose()?;
        }
        if let Some(templates) = &change.email_templates {
            after.email_templates = to_json(templates)?;
        }
        if change.active_after.is_some() || change.active_before.is_some() {
            let window = TimeWindow { after: after.active_after, before: after.active_before };
            checks.window(checks.at("fields/activeBefore"), window);
        }
        Ok(after)
    }

    /// The list under these names; what was there keeps its uuid.
    fn renamed(&self, before: &[ProgramOrStage], names: &[String]) -> Vec<ProgramOrStage> {
        let existing = |name: &String| before.iter().find(|named| named.name == *name).cloned();
        let new = |name: &String| ProgramOrStage {
            uuid: self.test_library().random_uuid(),
            name: name.clone(),
        };
        names.iter().map(|name| existing(name).unwrap_or_else(|| new(name))).collect()
    }
}

fn check_fields(change: &TaskUpdate, checks: &mut FieldValidator) {
    if let Some(title) = &change.title {
        checks.name(checks.at("fields/title"), title);
    }
    if let Some(folder) = &change.folder {
        check::folder(folder, checks, checks.at("fields/folder"));
    }
    checks.names(&checks.at("fields/labels/add"), &change.labels.add);
    change.labels.check(checks, &checks.at("fields/labels"));
    if let Some(tags) = &change.tags {
        checks.tags(&checks.at("fields/tags"), tags);
    }
    for (path, names) in [("fields/programs", &change.programs), ("fields/stages", &change.stages)]
    {
        check::distinct_names(names.as_deref().unwrap_or_default(), checks, &checks.at(path));
    }
    let templates = change.email_templates.as_deref().unwrap_or_default();
    check::email_templates(templates, checks, &checks.at("fields/emailTemplates"));
    if let Some(Some(form)) = &change.access_form {
        check::access_form(form, checks, &checks.at("fields/accessForm"));
    }
}

/// Each step that is named, before and after.
fn changed_steps(
    tx: &mut dyn Transaction,
    task: &TaskRow,
    change: &TaskUpdate,
    checks: &mut FieldValidator,
) -> Result<Vec<(StepRow, StepRow)>, Failure> {
    let rows = storage::step::list(tx, &task.organization_id, &task.id)?;
    let ids: Vec<StepId> = rows.iter().map(|row| row.id.clone()).collect();
    let (programs, stages): (Vec<ProgramOrStage>, Vec<ProgramOrStage>) =
        (from_json(&task.programs)?, from_json(&task.stages)?);
    let targets = PrerequisiteTargets { programs: &programs, stages: &stages, steps: &ids };
    let mut changed = Vec::new();
    for (id, update) in &change.steps {
        let at = checks.at("steps").at(id);
        match rows.iter().find(|row| row.id == *id) {
            None => checks.refuse(at, ErrorCode::UnknownReference, "must be a step of the task"),
            Some(row) => {
                let after = changed_step(row, update, &targets, checks, &at)?;
                let conduct: StepConduct = from_json(&after.settings)?;
                check::share_when(&conduct, [task.active_before, after.active_before], checks, &at);
                changed.push((row.clone(), after));
            }
        }
    }
    Ok(changed)
}

fn changed_step(
    before: &StepRow,
    update: &StepUpdate,
    targets: &PrerequisiteTargets<'_>,
    checks: &mut FieldValidator,
    at: &JsonPointer,
) -> Result<StepRow, Failure> {
    let mut after = before.clone();
    if let Some(title) = &update.title {
        checks.name(at.at("title"), title);
        after.title.clone_from(title);
    }
    after.active = update.active.unwrap_or(after.active);
    after.active_after = update.active_after.unwrap_or(after.active_after);
    after.active_before = update.active_before.unwrap_or(after.active_before);
    if update.active_after.is_some() || update.active_before.is_some() {
        let window = TimeWindow { after: after.active_after, before: after.active_before };
        checks.window(at.at("activeBefore"), window);
    }
    after.attempt_limit = update.attempt_limit.map_or(after.attempt_limit, Into::into);
    let conduct = from_json(&before.settings)?;
    let conduct = check::conduct(conduct, &update.conduct, &before.id, targets, checks, at);
    after.settings = to_json(&conduct)?;
    Ok(after)
}

/// The changed fields with their new values.
fn task_fields(before: &TaskRow, after: &TaskRow) -> Map<String, Value> {
    let fields = [
        ("title", before.title != after.title, json!(after.title)),
        ("active", before.active != after.active, json!(after.active)),
        ("favorite", before.favorite != after.favorite, json!(after.favorite)),
        ("folder", before.folder != after.folder, json!(after.folder)),
        ("lang", before.lang != after.lang, json!(after.lang)),
        ("activeAfter", before.active_after != after.active_after, json!(after.active_after)),
        ("activeBefore", before.active_before != after.active_before, json!(after.active_before)),
        ("labels", before.labels != after.labels, json!(after.labels)),
        ("tags", before.tags != after.tags, json!(after.tags)),
        ("programs", before.programs != after.programs, json!(after.programs)),
        ("stages", before.stages != after.stages, json!(after.stages)),
        (
            "emailTemplates",
            before.email_templates != after.email_templates,
            json!(after.email_templates),
        ),
        ("accessForm", before.access_form != after.access_form, json!(after.access_form)),
    ];
    changed_values(fields)
}

fn step_fields(before: &StepRow, after: &StepRow) -> Map<String, Value> {
    let fields = [
        ("title", before.title != after.title, json!(after.title)),
        ("active", before.active != after.active, json!(after.active)),
        ("activeAfter", before.active_after != after.active_after, json!(after.active_after)),
        ("activeBefore", before.active_before != after.active_before, json!(after.active_before)),
        ("attemptLimit", before.attempt_limit != after.attempt_limit, json!(after.attempt_limit)),
        ("settings", before.settings != after.settings, json!(after.settings)),
    ];
    changed_values(fields)
}

fn changed_values<const N: usize>(fields: [(&str, bool, Value); N]) -> Map<String, Value> {
    fields
        .into_iter()
        .filter(|(_, changed, _)| *changed)
        .map(|(name, _, value)| (name.to_owned(), value))
        .collect()
}
