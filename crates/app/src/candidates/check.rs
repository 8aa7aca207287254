//! What is wrong with a new candidate: forms first, then what needs the task.

use super::{NewCandidate, RegisteredPerson, TemporaryPerson, tracked};
use crate::failure::Failure;
use crate::json::from_json;
use crate::users::DEFAULT_GROUP;
use crate::validation::{FieldValidator, LONGEST_NOTE};
use domain::access::settings::ProgramOrStage;
use domain::candidate::uniqueness::{UniqIdentity, UniqScope};
use domain::fault::ErrorCode;
use domain::instance::AccessMethod;
use domain::json::JsonPointer;
use domain::time::TimeWindow;
use std::collections::BTreeSet;
use storage::Transaction;
use storage::step::StepRow;
use storage::task::TaskRow;
use storage::user::UserRow;
use uuid::Uuid;

const LONGEST_EXTERNAL_DATA: usize = 16 * 1024;

/// A task with what its candidates refer to.
pub(super) struct RegistrationContext {
    pub task: TaskRow,
    pub steps: Vec<StepRow>,
    pub programs: Vec<ProgramOrStage>,
    pub stages: Vec<ProgramOrStage>,
    template_names: Vec<String>,
}

impl RegistrationContext {
    pub fn of(tx: &mut dyn Transaction, task: TaskRow) -> Result<Self, Failure> {
        #[derive(serde::Deserialize)]
        struct TemplateName {
            name: String,
        }
        let templates: Vec<TemplateName> = from_json(&task.email_templates)?;
        Ok(Self {
            steps: storage::step::list(tx, &task.organization_id, &task.id)?,
            programs: from_json(&task.programs)?,
            stages: from_json(&task.stages)?,
            template_names: templates.into_iter().map(|template| template.name).collect(),
            task,
        })
    }

    /// Whether the first credential lets in, so that it must be unique.
    pub const fn is_entered_with_credentials(&self) -> bool {
        matches!(
            self.task.access_method,
            AccessMethod::SingleCredential | AccessMethod::DoubleCredential
        )
    }

    /// The uuids of the task's programs among texts.
    pub fn program_uuids(&self, sent: &[String]) -> Vec<Uuid> {
        let existing = |text: &String| {
            self.programs.iter().map(|named| named.uuid).find(|uuid| uuid.to_string() == *text)
        };
        sent.iter().filter_map(existing).collect()
    }

    pub fn has_stage(&self, name: &str) -> bool {
        self.stages.iter().any(|stage| stage.name == name)
    }

    fn has_template(&self, name: &str) -> bool {
        self.template_names.iter().any(|entry| entry == name)
    }
}

/// Forms that hold whatever the task is.
pub(super) fn check_form(new: &NewCandidate, base: JsonPointer) -> FieldValidator {
    let mut checks = FieldValidator::below(base);
    if let RegisteredPerson::Temporary(person) = &new.person {
        forms_of_person(&mut checks, person);
    }
    checks.optional_text("group", new.group.as_deref());
    checks.texts(&checks.at("labels"), &new.labels);
    checks.tags(&checks.at("tags"), &new.tags);
    checks.optional_text("externalId", new.external_id.as_deref());
    if new.external_data.as_ref().is_some_and(|text| text.len() > LONGEST_EXTERNAL_DATA) {
        checks.refuse(
            checks.at("externalData"),
            ErrorCode::InvalidLength,
            "must have at most 16 KiB",
        );
    }
    for (index, email) in new.extra_emails.iter().enumerate() {
        checks.email(checks.at("extraEmails").at(index), email);
    }
    if let Some(notes) = &new.notes {
        checks.text(checks.at("notes"), notes, 1, LONGEST_NOTE);
    }
    checks
}

fn forms_of_person(checks: &mut FieldValidator, person: &TemporaryPerson) {
    checks.optional_text("fullname", person.fullname.as_deref());
    if let Some(email) = &person.email {
        checks.email(checks.at("email"), email);
    }
    checks.optional_text("credential1", person.credential1.as_deref());
    checks.optional_text("credential2", person.credential2.as_deref());
    checks.optional_text(
        "tracking/uniqId",
        person.tracking.as_ref().map(|tracking| tracking.uniq_id.as_str()),
    );
}

/// Faults that need the task: dates against each other, references, uniqueness. Gives the user a
/// registration is for.
pub(super) fn check_in_task(
    tx: &mut dyn Transaction,
    place: &RegistrationContext,
    new: &NewCandidate,
    checks: &mut FieldValidator,
) -> Result<Option<UserRow>, Failure> {
    checks.window(checks.at("dates/before"), new.window);
    check_steps(place, new, checks);
    for (index, program) in new.programs.iter().enumerate() {
        if place.program_uuids(std::slice::from_ref(program)).is_empty() {
            checks.refuse(
                checks.at("programIds").at(index),
                ErrorCode::UnknownReference,
                "must be a program of the task",
            );
        }
    }
    if new.stage.as_ref().is_some_and(|stage| !place.has_stage(stage)) {
        checks.refuse(
            checks.at("stage"),
            ErrorCode::UnknownReference,
            "must be a stage of the task",
        );
    }
    let user = check_person(tx, place, new, checks)?;
    check_invitation(place, new, user.as_ref(), checks);
    check_uniq_id(tx, place, new, user.as_ref(), checks)?;
    check_credentials(tx, place, new, user.as_ref(), checks)?;
    Ok(user)
}

fn check_steps(place: &RegistrationContext, new: &NewCandidate, checks: &mut FieldValidator) {
    for (index, own) in new.steps.iter().enumerate() {
        let at = checks.at("customizedSteps").at(index);
        let Some(step) = place.steps.iter().find(|step| step.id == own.step) else {
            checks.refuse(
                at.at("stepId"),
                ErrorCode::UnknownReference,
                "must be a step of the task",
            );
            continue;
        };
        let window = TimeWindow {
            after: own.after.or(step.active_after),
            before: own.before.or(step.active_before),
        };
        checks.window(at.at("customization").at("activeBefore"), window);
    }
}

fn check_person(
    tx: &mut dyn Transaction,
    place: &RegistrationContext,
    new: &NewCandidate,
    checks: &mut FieldValidator,
) -> Result<Option<UserRow>, Failure> {
    let RegisteredPerson::User(id) = &new.person else { return Ok(None) };
    let user = storage::user::find(tx, &place.task.organization_id, id)?;
    if user.is_none() {
        checks.refuse(
            checks.at("id"),
            ErrorCode::UnknownReference,
            "must be a user of the organization",
        );
    }
    Ok(user)
}

fn check_invitation(
    place: &RegistrationContext,
    new: &NewCandidate,
    user: Option<&UserRow>,
    checks: &mut FieldValidator,
) {
    let Some(invitation) = &new.invitation else { return };
    if !place.has_template(&invitation.template) {
        let at = checks.at("inviteByEmail/emailTemplateName");
        checks.refuse(at, ErrorCode::UnknownReference, "must be an e-mail template of the task");
    }
    let email = match &new.person {
        RegisteredPerson::Temporary(person) => person.email.as_ref(),
        RegisteredPerson::User(_) => user.and_then(|user| user.email.as_ref()),
        RegisteredPerson::Unread => None,
    };
    // Of a user who is not known nobody can say whether there is an address.
    let is_known = user.is_some() || matches!(new.person, RegisteredPerson::Temporary(_));
    if is_known && email.is_none() && new.extra_emails.is_empty() {
        checks.refuse(
            checks.at("extraEmails"),
            ErrorCode::Required,
            "must be given when there is no e-mail to invite",
        );
    }
}

/// The new candidate's uniqId, its scope, and where it was given.
pub(super) fn uniq_id<'new>(
    new: &'new NewCandidate,
    user: Option<&'new UserRow>,
) -> Option<(&'new str, UniqScope, &'static str)> {
    match &new.person {
        RegisteredPerson::Temporary(person) => {
            let tracking = person.tracking.as_ref()?;
            Some((&tracking.uniq_id, tracking.scope, "tracking/uniqId"))
        }
        RegisteredPerson::User(_) => Some((&user?.username, UniqScope::Task, "id")),
        RegisteredPerson::Unread => None,
    }
}

fn check_uniq_id(
    tx: &mut dyn Transaction,
    place: &RegistrationContext,
    new: &NewCandidate,
    user: Option<&UserRow>,
    checks: &mut FieldValidator,
) -> Result<(), Failure> {
    let Some((uniq_id, scope, path)) = uniq_id(new, user) else { return Ok(()) };
    let mine = UniqIdentity {
        uniq_id: Some(uniq_id.to_owned()),
        group: new.group.clone().unwrap_or_else(|| DEFAULT_GROUP.to_owned()),
        labels: new.labels.iter().cloned().collect(),
        programs: place.program_uuids(&new.programs).into_iter().collect::<BTreeSet<_>>(),
    };
    let others = storage::candidate::list_by_uniq_id(tx, &place.task.id, uniq_id)?;
    let others = others.iter().map(tracked).collect::<Result<Vec<_>, _>>()?;
    if mine.check(scope, &others).is_err() {
        checks.refuse(
            checks.at(path),
            ErrorCode::DuplicateUniqId,
            "must not be taken within its scope",
        );
    }
    Ok(())
}

fn check_credentials(
    tx: &mut dyn Transaction,
    place: &RegistrationContext,
    new: &NewCandidate,
    user: Option<&UserRow>,
    checks: &mut FieldValidator,
) -> Result<(), Failure> {
    let (credential, path) = match &new.person {
        RegisteredPerson::Temporary(person) => (person.credential1.as_deref(), "credential1"),
        RegisteredPerson::User(_) => (user.map(|user| user.username.as_str()), "id"),
        RegisteredPerson::Unread => (None, "id"),
    };
    let Some(credential) = credential.filter(|_| place.is_entered_with_credentials()) else {
        return Ok(());
    };
    let taken = storage::candidate::find_by_credential(tx, &place.task.id, credential)?;
    // The same user again is one clash, told as the uniqId's.
    let is_told = user.is_some() && taken.as_ref().is_some_and(|other| other.user_id.is_some());
    if taken.is_some() && !is_told {
        checks.refuse(
            checks.at(path),
            ErrorCode::DuplicateCredentials,
            "must not be taken in this task",
        );
    }
    Ok(())
}
