//! Changing a candidate: switches, windows, own values for steps, accommodation, grouping.

use super::check::RegistrationContext;
use super::create::distinct;
use super::remove::{candidate_event, find_candidate};
use super::{CandidateView, scope_of, tracked};
use crate::audit::AuditEventKind;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::services::CandidateService;
use crate::validation::{FieldValidator, LONGEST_NOTE};
use domain::access::settings::{AttemptLimit, Overridable, StepOverride};
use domain::fault::{ErrorCode, Fault};
use domain::id::{CandidateId, StepId, TaskId};
use domain::json::JsonPointer;
use domain::role::Right;
use domain::time::{TimeWindow, Timestamp};
use domain::time_factor::TimeFactor;
use std::collections::BTreeMap;
use storage::Transaction;
use storage::candidate::CandidateRow;

/// What is to change; absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateUpdate {
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub group: Option<String>,
    pub favorite: Option<bool>,
    pub active: Option<bool>,
    pub labels: LabelChange,
    /// `Some(None)` removes the limit.
    pub active_after: Option<Option<Timestamp>>,
    pub active_before: Option<Option<Timestamp>>,
    pub time_factor: Option<TimeFactor>,
    /// `Some(None)` takes the candidate out of all stages.
    pub stage: Option<Option<String>>,
    pub programs: Option<Vec<String>>,
    pub rating: Option<Option<i64>>,
    pub notes: Option<Option<String>>,
    pub steps: BTreeMap<StepId, CandidateStepUpdate>,
}

/// Labels to add and to remove; removing an absent one does nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelChange {
    pub add: Vec<String>,
    pub remove: Vec<String>,
}

/// What of a candidate's own values for a step is to change; absent stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CandidateStepUpdate {
    pub active: Option<Overridable<bool>>,
    pub after: Option<Overridable<Option<Timestamp>>>,
    pub before: Option<Overridable<Option<Timestamp>>>,
    pub limit: Option<Overridable<AttemptLimit>>,
}

impl LabelChange {
    /// Faults of the change itself: a label under both, one of the wrong form.
    pub(crate) fn check(&self, checks: &mut FieldValidator, place: &JsonPointer) {
        for (index, label) in self.remove.iter().enumerate() {
            if self.add.contains(label) {
                let at = place.at("remove").at(index);
                checks.refuse(
                    at,
                    ErrorCode::ConflictingValues,
                    "must not be added in the same request",
                );
            }
        }
    }

    /// The labels after the change, in the order they were added.
    pub(crate) fn applied_to(&self, labels: &[String]) -> Vec<String> {
        let stored = labels.iter().filter(|label| !self.remove.contains(label));
        distinct(&stored.chain(&self.add).cloned().collect::<Vec<_>>())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}

impl CandidateStepUpdate {
    fn applied_to(self, own: StepOverride) -> StepOverride {
        StepOverride {
            active: self.active.unwrap_or(own.active),
            after: self.after.unwrap_or(own.after),
            before: self.before.unwrap_or(own.before),
            attempt_limit: self.limit.unwrap_or(own.attempt_limit),
        }
    }
}

impl CandidateService {
    /// Changes a candidate; instances that exist keep their copies.
    ///
    /// # Errors
    /// Faults with pointers below `/fields` and `/steps`, all at once;
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn update_candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
        change: CandidateUpdate,
    ) -> Result<CandidateView, Failure> {
        let (task, candidate) = (task.clone(), candidate.clone());
        self.write_as(caller, Right::WriteCandidates, move |work| {
            let row = work.lock_task(&task)?;
            let place = RegistrationContext::of(work.tx, row)?;
            let before = find_candidate(work, &task, &candidate)?;
            let after = changed(work.tx, &place, &before, &change)?;
            if after == before {
                return work.app.candidates().candidate_view(after);
            }
            storage::candidate::update(work.tx, &after)?;
            if let (Some(old), Some(new)) = (&before.email, &after.email)
                && old != new
            {
                storage::mail::readdress(work.tx, &candidate, old, new)?;
            }
            let fields = changed_fields(&before, &after);
            if !fields.is_empty() {
                work.record_event(
                    candidate_event(AuditEventKind::CandidateUpdated, &after)
                        .with("fields", fields),
                )?;
            }
            if before.step_overrides != after.step_overrides {
                let overrides: BTreeMap<StepId, StepOverride> = from_json(&after.step_overrides)?;
                let changed = candidate_event(AuditEventKind::CandidateOverrideChanged, &after)
                    .with("steps", overrides);
                work.record_event(changed)?;
            }
            work.app.candidates().candidate_view(after)
        })
        .await
    }
}

impl CandidateService {
    /// The faults a change would have, for reporting them beside faults of form. Changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn check_candidate_update(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
        change: CandidateUpdate,
    ) -> Result<Vec<Fault>, Failure> {
        let (task, candidate) = (task.clone(), candidate.clone());
        self.read_as(caller, Right::WriteCandidates, move |work| {
            let row = work.task(&task)?;
            let place = RegistrationContext::of(work.tx, row)?;
            let before = find_candidate(work, &task, &candidate)?;
            match changed(work.tx, &place, &before, &change) {
                Ok(_) => Ok(Vec::new()),
                Err(Failure::Faults(faults)) => Ok(faults),
                Err(failure) => Err(failure),
            }
        })
        .await
    }
}

/// The candidate as the change makes it, all faults at once.
fn changed(
    tx: &mut dyn Transaction,
    place: &RegistrationContext,
    before: &CandidateRow,
    change: &CandidateUpdate,
) -> Result<CandidateRow, Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    check_fields(place, change, &mut checks);
    let mut after = before.clone();
    set_fields(place, &mut after, change)?;
    let window = TimeWindow { after: after.active_after, before: after.active_before };
    if change.active_after.is_some() || change.active_before.is_some() {
        checks.window(checks.at("fields/activeBefore"), window);
    }
    set_steps(place, &mut after, change, &mut checks)?;
    check_uniqueness(tx, before, &after, &mut checks)?;
    checks.finish()?;
    Ok(after)
}

fn check_fields(
    place: &RegistrationContext,
    change: &CandidateUpdate,
    checks: &mut FieldValidator,
) {
    checks.optional_text("fields/fullname", change.fullname.as_deref());
    if let Some(email) = &change.email {
        checks.email(checks.at("fields/email"), email);
    }
    checks.optional_text("fields/group", change.group.as_deref());
    change.labels.check(checks, &checks.at("fields/labels"));
    checks.texts(&checks.at("fields/labels/add"), &change.labels.add);
    if let Some(Some(stage)) = &change.stage
        && !place.has_stage(stage)
    {
        checks.refuse(
            checks.at("fields/stage"),
            ErrorCode::UnknownReference,
            "must be a stage of the task",
        );
    }
    for (index, program) in change.programs.iter().flatten().enumerate() {
        if place.program_uuids(std::slice::from_ref(program)).is_empty() {
            let at = checks.at("fields/programIds").at(index);
            checks.refuse(at, ErrorCode::UnknownReference, "must be a program of the task");
        }
    }
    if let Some(Some(notes)) = &change.notes {
        checks.text(checks.at("fields/notes"), notes, 1, LONGEST_NOTE);
    }
}

fn set_fields(
    place: &RegistrationContext,
    row: &mut CandidateRow,
    change: &CandidateUpdate,
) -> Result<(), Failure> {
    row.fullname = change.fullname.clone().or(row.fullname.take());
    row.email = change.email.clone().or(row.email.take());
    if let Some(group) = &change.group {
        row.group_name.clone_from(group);
    }
    row.favorite = change.favorite.unwrap_or(row.favorite);
    row.active = change.active.unwrap_or(row.active);
    row.active_after = change.active_after.unwrap_or(row.active_after);
    row.active_before = change.active_before.unwrap_or(row.active_before);
    row.rating = change.rating.unwrap_or(row.rating);
    if !change.labels.is_empty() {
        let labels: Vec<String> = from_json(&row.labels)?;
        row.labels = to_json(&change.labels.applied_to(&labels))?;
    }
    if let Some(factor) = change.time_factor {
        row.time_factor = factor.to_string();
    }
    if let Some(stage) = &change.stage {
        row.stage.clone_from(stage);
    }
    if let Some(programs) = &change.programs {
        row.programs = to_json(&distinct(&place.program_uuids(programs)))?;
    }
    if let Some(notes) = &change.notes {
        row.notes.clone_from(notes);
    }
    Ok(())
}

fn set_steps(
    place: &RegistrationContext,
    row: &mut CandidateRow,
    change: &CandidateUpdate,
    checks: &mut FieldValidator,
) -> Result<(), Failure> {
    let mut steps: BTreeMap<StepId, StepOverride> = from_json(&row.step_overrides)?;
    for (id, changed) in &change.steps {
        let at = checks.at("steps").at(id);
        let Some(step) = place.steps.iter().find(|step| step.id == *id) else {
            checks.refuse(at, ErrorCode::UnknownReference, "must be a step of the task");
            continue;
        };
        let own = changed.applied_to(steps.get(id).copied().unwrap_or_default());
        let window = TimeWindow {
            after: own.after.or(step.active_after),
            before: own.before.or(step.active_before),
        };
        if changed.after.is_some() || changed.before.is_some() {
            checks.window(at.at("dates"), window);
        }
        if own.is_empty() {
            steps.remove(id);
        } else {
            steps.insert(id.clone(), own);
        }
    }
    row.step_overrides = to_json(&steps)?;
    Ok(())
}

/// A change of group, labels or programs may not break the scope of the candidate's uniqId.
fn check_uniqueness(
    tx: &mut dyn Transaction,
    before: &CandidateRow,
    after: &CandidateRow,
    checks: &mut FieldValidator,
) -> Result<(), Failure> {
    let moved = [
        ("fields/group", before.group_name != after.group_name),
        ("fields/labels", before.labels != after.labels),
        ("fields/programIds", before.programs != after.programs),
    ];
    let Some((path, _)) = moved.into_iter().find(|(_, moved)| *moved) else { return Ok(()) };
    let Some(uniq_id) = &after.uniq_id else { return Ok(()) };
    let others = storage::candidate::list_by_uniq_id(tx, &after.task_id, uniq_id)?;
    let others = others.iter().filter(|other| other.id != after.id);
    let others = others.map(tracked).collect::<Result<Vec<_>, _>>()?;
    if tracked(after)?.check(scope_of(after), &others).is_err() {
        checks.refuse(
            checks.at(path),
            ErrorCode::DuplicateUniqId,
            "must not make a uniqId clash within its scope",
        );
    }
    Ok(())
}

/// The names of what changed; events hold no values of a person.
fn changed_fields(before: &CandidateRow, after: &CandidateRow) -> Vec<&'static str> {
    let fields = [
        ("fullname", before.fullname != after.fullname),
        ("email", before.email != after.email),
        ("group", before.group_name != after.group_name),
        ("favorite", before.favorite != after.favorite),
        ("active", before.active != after.active),
        ("activeAfter", before.active_after != after.active_after),
        ("activeBefore", before.active_before != after.active_before),
        ("labels", before.labels != after.labels),
        ("timeFactor", before.time_factor != after.time_factor),
        ("stage", before.stage != after.stage),
        ("programs", before.programs != after.programs),
        ("rating", before.rating != after.rating),
        ("notes", before.notes != after.notes),
    ];
    fields.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}
