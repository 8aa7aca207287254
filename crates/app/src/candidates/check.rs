//! What is wrong with a new candidate: forms first, then what needs the task.

use super::{NewCandidate, Person, Temporary, tracked};
use crate::failure::Failure;
use crate::forms::{Checks, LONGEST_NOTE};
use crate::json::from_json;
use crate::users::DEFAULT_GROUP;
use domain::access::settings::Named;
use domain::candidate::uniqueness::{Tracked, UniqScope};
use domain::fault::Code;
use domain::instance::AccessMethod;
use domain::json::Pointer;
use domain::time::Window;
use std::collections::BTreeSet;
use storage::Transaction;
use storage::step::Step;
use storage::task::Task;
use storage::user::User;
use uuid::Uuid;

const LONGEST_EXTERNAL_DATA: usize = 16 * 1024;

/// A task with what its candidates refer to.
pub(super) struct Place {
    pub task: Task,
    pub steps: Vec<Step>,
    pub programs: Vec<Named>,
    pub stages: Vec<Named>,
    template_names: Vec<String>,
}

impl Place {
    pub fn of(tx: &mut dyn Transaction, task: Task) -> Result<Self, Failure> {
        #[derive(serde::Deserialize)]
        struct Template {
            name: String,
        }
        let templates: Vec<Template> = from_json(&task.email_templates)?;
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
        matches!(self.task.access_method, AccessMethod::SingleCredential | AccessMethod::DoubleCredential)
    }

    /// The uuids of the task's programs among texts.
    pub fn known_programs(&self, sent: &[String]) -> Vec<Uuid> {
        let known = |text: &String| self.programs.iter().map(|named| named.uuid).find(|uuid| uuid.to_string() == *text);
        sent.iter().filter_map(known).collect()
    }

    pub fn has_stage(&self, name: &str) -> bool {
        self.stages.iter().any(|stage| stage.name == name)
    }

    fn has_template(&self, name: &str) -> bool {
        self.template_names.iter().any(|known| known == name)
    }
}

/// Forms that hold whatever the task is.
pub(super) fn forms(new: &NewCandidate, base: Pointer) -> Checks {
    let mut checks = Checks::below(base);
    if let Person::Temporary(person) = &new.person {
        forms_of_person(&mut checks, person);
    }
    checks.optional_text("group", new.group.as_deref());
    checks.texts(&checks.at("labels"), &new.labels);
    checks.tags(&checks.at("tags"), &new.tags);
    checks.optional_text("externalId", new.external_id.as_deref());
    if new.external_data.as_ref().is_some_and(|text| text.len() > LONGEST_EXTERNAL_DATA) {
        checks.refuse(checks.at("externalData"), Code::InvalidLength, "must have at most 16 KiB");
    }
    for (index, email) in new.extra_emails.iter().enumerate() {
        checks.email(checks.at("extraEmails").at(index), email);
    }
    if let Some(notes) = &new.notes {
        checks.text(checks.at("notes"), notes, 1, LONGEST_NOTE);
    }
    checks
}

fn forms_of_person(checks: &mut Checks, person: &Temporary) {
    checks.optional_text("fullname", person.fullname.as_deref());
    if let Some(email) = &person.email {
        checks.email(checks.at("email"), email);
    }
    checks.optional_text("credential1", person.credential1.as_deref());
    checks.optional_text("credential2", person.credential2.as_deref());
    checks.optional_text("tracking/uniqId", person.tracking.as_ref().map(|tracking| tracking.uniq_id.as_str()));
}

/// Faults that need the task: dates against each other, references, uniqueness. Gives the user a registration is for.
pub(super) fn faults(
    tx: &mut dyn Transaction,
    place: &Place,
    new: &NewCandidate,
    checks: &mut Checks,
) -> Result<Option<User>, Failure> {
    checks.window(checks.at("dates/before"), new.window);
    check_steps(place, new, checks);
    for (index, program) in new.programs.iter().enumerate() {
        if place.known_programs(std::slice::from_ref(program)).is_empty() {
            checks.refuse(checks.at("programIds").at(index), Code::UnknownReference, "must be a program of the task");
        }
    }
    if new.stage.as_ref().is_some_and(|stage| !place.has_stage(stage)) {
        checks.refuse(checks.at("stage"), Code::UnknownReference, "must be a stage of the task");
    }
    let user = check_person(tx, place, new, checks)?;
    check_invitation(place, new, user.as_ref(), checks);
    check_uniq_id(tx, place, new, user.as_ref(), checks)?;
    check_credentials(tx, place, new, user.as_ref(), checks)?;
    Ok(user)
}

fn check_steps(place: &Place, new: &NewCandidate, checks: &mut Checks) {
    for (index, own) in new.steps.iter().enumerate() {
        let at = checks.at("customizedSteps").at(index);
        let Some(step) = place.steps.iter().find(|step| step.id == own.step) else {
            checks.refuse(at.at("stepId"), Code::UnknownReference, "must be a step of the task");
            continue;
        };
        let window = Window { after: own.after.or(step.active_after), before: own.before.or(step.active_before) };
        checks.window(at.at("customization").at("activeBefore"), window);
    }
}

fn check_person(
    tx: &mut dyn Transaction,
    place: &Place,
    new: &NewCandidate,
    checks: &mut Checks,
) -> Result<Option<User>, Failure> {
    let Person::User(id) = &new.person else { return Ok(None) };
    let user = storage::user::find(tx, &place.task.organization_id, id)?;
    if user.is_none() {
        checks.refuse(checks.at("id"), Code::UnknownReference, "must be a user of the organization");
    }
    Ok(user)
}

fn check_invitation(place: &Place, new: &NewCandidate, user: Option<&User>, checks: &mut Checks) {
    let Some(invitation) = &new.invitation else { return };
    if !place.has_template(&invitation.template) {
        let at = checks.at("inviteByEmail/emailTemplateName");
        checks.refuse(at, Code::UnknownReference, "must be an e-mail template of the task");
    }
    let email = match &new.person {
        Person::Temporary(person) => person.email.as_ref(),
        Person::User(_) => user.and_then(|user| user.email.as_ref()),
        Person::Unread => None,
    };
    // Of a user who is not known nobody can say whether there is an address.
    let is_known = user.is_some() || matches!(new.person, Person::Temporary(_));
    if is_known && email.is_none() && new.extra_emails.is_empty() {
        checks.refuse(checks.at("extraEmails"), Code::Required, "must be given when there is no e-mail to invite");
    }
}

/// The new candidate's uniqId, its scope, and where it was given.
pub(super) fn uniq_id<'new>(
    new: &'new NewCandidate,
    user: Option<&'new User>,
) -> Option<(&'new str, UniqScope, &'static str)> {
    match &new.person {
        Person::Temporary(person) => {
            let tracking = person.tracking.as_ref()?;
            Some((&tracking.uniq_id, tracking.scope, "tracking/uniqId"))
        }
        Person::User(_) => Some((&user?.username, UniqScope::Task, "id")),
        Person::Unread => None,
    }
}

fn check_uniq_id(
    tx: &mut dyn Transaction,
    place: &Place,
    new: &NewCandidate,
    user: Option<&User>,
    checks: &mut Checks,
) -> Result<(), Failure> {
    let Some((uniq_id, scope, path)) = uniq_id(new, user) else { return Ok(()) };
    let mine = Tracked {
        uniq_id: Some(uniq_id.to_owned()),
        group: new.group.clone().unwrap_or_else(|| DEFAULT_GROUP.to_owned()),
        labels: new.labels.iter().cloned().collect(),
        programs: place.known_programs(&new.programs).into_iter().collect::<BTreeSet<_>>(),
    };
    let others = storage::candidate::list_by_uniq_id(tx, &place.task.id, uniq_id)?;
    let others = others.iter().map(tracked).collect::<Result<Vec<_>, _>>()?;
    if mine.check(scope, &others).is_err() {
        checks.refuse(checks.at(path), Code::DuplicateUniqId, "must not be taken within its scope");
    }
    Ok(())
}

fn check_credentials(
    tx: &mut dyn Transaction,
    place: &Place,
    new: &NewCandidate,
    user: Option<&User>,
    checks: &mut Checks,
) -> Result<(), Failure> {
    let (credential, path) = match &new.person {
        Person::Temporary(person) => (person.credential1.as_deref(), "credential1"),
        Person::User(_) => (user.map(|user| user.username.as_str()), "id"),
        Person::Unread => (None, "id"),
    };
    let Some(credential) = credential.filter(|_| place.is_entered_with_credentials()) else { return Ok(()) };
    let taken = storage::candidate::find_by_credential(tx, &place.task.id, credential)?;
    // The same user again is one clash, told as the uniqId's.
    let is_told = user.is_some() && taken.as_ref().is_some_and(|other| other.user_id.is_some());
    if taken.is_some() && !is_told {
        checks.refuse(checks.at(path), Code::DuplicateCredentials, "must not be taken in this task");
    }
    Ok(())
}
