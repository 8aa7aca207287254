//! What is wrong with a task or step: forms, dates, references. All faults at once.

use super::{EmailTemplate, NewConduct, NewPrerequisite, NewStep, NewTask};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::validation::{FieldValidator, LONGEST_NOTE, LONGEST_TEXT};
use domain::access::form::{AccessForm, AssignTarget, FieldKind};
use domain::access::prerequisite::Prerequisite;
use domain::access::settings::{ProgramOrStage, ShareWhen, StepConduct};
use domain::fault::ErrorCode;
use domain::id::StepId;
use domain::json::JsonPointer;
use domain::time::Timestamp;
use std::collections::{BTreeSet, HashSet};
use storage::Transaction;
use storage::test::TestRow;
use uuid::Uuid;

pub(super) const MOST_STEPS: usize = 100;

/// What a step's prerequisites may refer to.
pub(super) struct PrerequisiteTargets<'task> {
    pub programs: &'task [ProgramOrStage],
    pub stages: &'task [ProgramOrStage],
    /// The task's steps in delivery order.
    pub steps: &'task [StepId],
}

/// The task's own fields.
pub(super) fn task(new: &NewTask, checks: &mut FieldValidator) {
    checks.name(checks.at("title"), &new.title);
    folder(&new.folder, checks, checks.at("folder"));
    checks.names(&checks.at("labels"), &new.labels);
    checks.tags(&checks.at("tags"), &new.tags);
    distinct_names(&new.programs, checks, &checks.at("programs"));
    distinct_names(&new.stages, checks, &checks.at("stages"));
    checks.window(checks.at("activeBefore"), new.switch.window);
    if let Some(form) = &new.access_form {
        access_form(form, checks, &checks.at("accessForm"));
    }
    email_templates(&new.email_templates, checks, &checks.at("emailTemplates"));
    if new.steps.is_empty() || new.steps.len() > MOST_STEPS {
        checks.refuse(
            checks.at("steps"),
            ErrorCode::InvalidLength,
            format_args!("must have 1 to {MOST_STEPS} steps"),
        );
    }
}

pub(super) fn folder(name: &str, checks: &mut FieldValidator, at: JsonPointer) {
    if !name.is_empty() {
        checks.name(at, name);
    }
}

/// Names of programs or stages: none twice, because candidates are put into them by name.
pub(super) fn distinct_names(names: &[String], checks: &mut FieldValidator, at: &JsonPointer) {
    checks.texts(at, names);
    let mut seen = HashSet::new();
    for (index, name) in names.iter().enumerate() {
        if !seen.insert(name) {
            checks.refuse(at.at(index), ErrorCode::ConflictingValues, "must not be named twice");
        }
    }
}

pub(super) fn email_templates(
    templates: &[EmailTemplate],
    checks: &mut FieldValidator,
    at: &JsonPointer,
) {
    let names: Vec<_> = templates.iter().map(|template| template.name.clone()).collect();
    distinct_names(&names, checks, at);
    for (index, template) in templates.iter().enumerate() {
        template_text(at.at(index).at("subject"), &template.subject, LONGEST_TEXT, checks);
        if let Some(body) = &template.body {
            template_text(at.at(index).at("body"), body, LONGEST_NOTE, checks);
        }
    }
}

fn template_text(at: JsonPointer, text: &str, longest: usize, checks: &mut FieldValidator) {
    checks.text(at.clone(), text, 1, longest);
    if let Err(flaw) = domain::mail::template::check(text) {
        checks.refuse(at, ErrorCode::InvalidFormat, flaw);
    }
}

pub(super) fn access_form(form: &AccessForm, checks: &mut FieldValidator, at: &JsonPointer) {
    let fields = at.at("fields");
    if form.fields.is_empty() {
        checks.refuse(fields.clone(), ErrorCode::InvalidLength, "must have at least one field");
    }
    let keys: Vec<_> = form.fields.iter().map(|field| field.key.clone()).collect();
    distinct_names(&keys, checks, &fields);
    for (index, field) in form.fields.iter().enumerate() {
        let at = fields.at(index);
        checks.text(at.at("label"), &field.label, 1, LONGEST_TEXT);
        if (field.kind == FieldKind::Select) == field.options.is_empty() {
            checks.refuse(
                at.at("options"),
                ErrorCode::InvalidLength,
                "must be given for a select, and only for one",
            );
        }
        checks.texts(&at.at("options"), &field.options);
        if let Some(AssignTarget::Tag(tag)) = &field.assign {
            checks.text(at.at("assign").at("tag"), tag, 1, LONGEST_TEXT);
        }
    }
    for (index, fixed) in form.fixed.iter().enumerate() {
        checks.text(at.at("fixed").at(index).at("value"), &fixed.value, 1, LONGEST_TEXT);
    }
}

/// A step at its place. Gives its test, if that is one of the organization's.
pub(super) fn step(
    tx: &mut dyn Transaction,
    caller: &Caller,
    new: &NewStep,
    checks: &mut FieldValidator,
    at: &JsonPointer,
) -> Result<Option<TestRow>, Failure> {
    if let Some(title) = &new.title {
        checks.name(at.at("title"), title);
    }
    checks.window(at.at("activeBefore"), new.switch.window);
    // A test that the caller may not reach cannot be reached by putting it into a task either.
    let test = storage::test::find(tx, &caller.organization, &new.test)?
        .filter(|test| test.archived_at.is_none() && caller.can_access_folder(&test.folder));
    if test.is_none() {
        checks.refuse(
            at.at("test"),
            ErrorCode::UnknownReference,
            "must be a test of the organization that is not archived",
        );
    }
    Ok(test)
}

/// A step's conduct as a change makes it. `own` is the step itself, which cannot wait for itself.
pub(super) fn conduct(
    before: StepConduct,
    new: &NewConduct,
    own: &StepId,
    targets: &PrerequisiteTargets<'_>,
    checks: &mut FieldValidator,
    at: &JsonPointer,
) -> StepConduct {
    if let Some(documents) = &new.documents {
        checks.texts(&at.at("documents"), documents);
    }
    let prerequisites = match &new.prerequisites {
        None => before.prerequisites,
        Some(list) => prerequisites(list, own, targets, checks, &at.at("prerequisites")),
    };
    StepConduct {
        prerequisites,
        webcam_recording: new.webcam_recording.unwrap_or(before.webcam_recording),
        screen_recording: new.screen_recording.unwrap_or(before.screen_recording),
        fullscreen: new.fullscreen.unwrap_or(before.fullscreen),
        identity_photo: new.identity_photo.unwrap_or(before.identity_photo),
        documents: new.documents.clone().unwrap_or(before.documents),
        practice_mode: new.practice_mode.unwrap_or(before.practice_mode),
        sharing: new.sharing.unwrap_or(before.sharing),
        review: new.review.unwrap_or(before.review),
        share_when: new.share_when.unwrap_or(before.share_when),
        confirmation_mail: new.confirmation_mail.unwrap_or(before.confirmation_mail),
    }
}

/// Whether the moment at which results are shown can come: a window without an end never ends.
/// `ends` are those of the task and of the step.
pub(super) fn share_when(
    conduct: &StepConduct,
    ends: [Option<Timestamp>; 2],
    checks: &mut FieldValidator,
    at: &JsonPointer,
) {
    let never_ends = ends.iter().all(Option::is_none);
    if conduct.share_when == ShareWhen::Closed && never_ends {
        checks.refuse(
            at.at("shareWhen"),
            ErrorCode::ConflictingValues,
            "must not be closed while neither the step nor the task has a date at which it closes",
        );
    }
}

fn prerequisites(
    list: &[NewPrerequisite],
    own: &StepId,
    targets: &PrerequisiteTargets<'_>,
    checks: &mut FieldValidator,
    at: &JsonPointer,
) -> Vec<Prerequisite> {
    let mut resolved = Vec::with_capacity(list.len());
    for (index, new) in list.iter().enumerate() {
        let at = at.at(index);
        resolved.extend(match new {
            NewPrerequisite::Stage { stages } => {
                stages_of(stages, targets, checks, &at.at("stages"))
            }
            NewPrerequisite::Program { programs } => {
                programs_of(programs, targets, checks, &at.at("programs"))
            }
            NewPrerequisite::Completion { step } => {
                other_step(*step, own, targets, checks, at.at("step"))
                    .map(|step| Prerequisite::Completion { step })
            }
            NewPrerequisite::Score { step, figure, minimum } => {
                other_step(*step, own, targets, checks, at.at("step"))
                    .map(|step| Prerequisite::Score { step, figure: *figure, minimum: *minimum })
            }
        });
    }
    resolved
}

fn stages_of(
    names: &[String],
    targets: &PrerequisiteTargets<'_>,
    checks: &mut FieldValidator,
    at: &JsonPointer,
) -> Option<Prerequisite> {
    for (index, name) in names.iter().enumerate() {
        if !targets.stages.iter().any(|stage| stage.name == *name) {
            checks.refuse(at.at(index), ErrorCode::UnknownReference, "must be a stage of the task");
        }
    }
    Some(Prerequisite::Stage { stages: names.iter().cloned().collect() })
}

fn programs_of(
    names: &[String],
    targets: &PrerequisiteTargets<'_>,
    checks: &mut FieldValidator,
    at: &JsonPointer,
) -> Option<Prerequisite> {
    let mut programs: BTreeSet<Uuid> = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let named =
            |program: &&ProgramOrStage| program.name == *name || program.uuid.to_string() == *name;
        match targets.programs.iter().find(named) {
            Some(program) => drop(programs.insert(program.uuid)),
            None => checks.refuse(
                at.at(index),
                ErrorCode::UnknownReference,
                "must be a program of the task",
            ),
        }
    }
    Some(Prerequisite::Program { programs })
}

fn other_step(
    number: usize,
    own: &StepId,
    targets: &PrerequisiteTargets<'_>,
    checks: &mut FieldValidator,
    at: JsonPointer,
) -> Option<StepId> {
    let step = number
        .checked_sub(1)
        .and_then(|index| targets.steps.get(index))
        .filter(|step| *step != own);
    if step.is_none() {
        checks.refuse(
            at,
            ErrorCode::UnknownReference,
            "must be the number of another step of the task, from 1",
        );
    }
    step.cloned()
}
