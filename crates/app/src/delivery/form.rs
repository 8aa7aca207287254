//! The form a task may ask at first entry.

use super::candidate_session::load_session;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::services::DeliveryService;
use domain::access::form::{AccessForm, AccessFormField, AssignTarget, FieldKind};
use domain::access::settings::ProgramOrStage;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::json::JsonPointer;
use std::collections::BTreeMap;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::task::TaskRow;

const LONGEST: usize = 1000;

impl DeliveryService {
    /// Keeps the answers (field key to text) and gives their values where the form assigns them.
    /// Once filled in, a form stays as it is: a repetition changes nothing.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`] when the task has no form; faults by
    /// field.
    pub async fn fill_form(
        &self,
        visitor: &CandidateSession,
        answers: BTreeMap<String, String>,
    ) -> Result<(), Failure> {
        let now = self.now();
        let (app, visitor) = (self.clone(), visitor.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            let visit = load_session(tx, &visitor)?;
            let mut candidate = visit.candidate(tx)?;
            let task = storage::task::find(tx, &visit.organization, &visit.task)?
                .ok_or(Failure::NotFound)?;
            let form: AccessForm =
                from_json(task.access_form.as_deref().ok_or(Failure::NotFound)?)?;
            if candidate.room_form.is_some() {
                return Ok(());
            }
            check(&form, &answers)?;
            fill(&mut candidate, &task, &form, &answers)?;
            candidate.last_activity_at = Some(now);
            storage::candidate::update(tx, &candidate)?;
            let event = AuditEvent::of_organization(AuditEventKind::CandidateFormAnswered)
                .about("taskId", &task.id)
                .about("candidateId", &candidate.id)
                .with("fields", answers.keys().collect::<Vec<_>>());
            app.record_event(tx, now, &visit.actor, event)
        };
        self.storage().write(write).await
    }
}

fn check(form: &AccessForm, answers: &BTreeMap<String, String>) -> Result<(), Failure> {
    let place = |key: &str| FaultLocation::Body(JsonPointer::root().at("answers").at(key));
    let mut faults = Vec::new();
    for key in answers.keys().filter(|key| !form.fields.iter().any(|field| field.key == **key)) {
        faults.push(Fault::new(place(key), ErrorCode::UnknownKey, "is not a field of this form"));
    }
    for field in &form.fields {
        let text = answers.get(&field.key).map_or("", |text| text.trim());
        if text.is_empty() && field.required {
            faults.push(Fault::new(place(&field.key), ErrorCode::Required, "must be given"));
        } else if !text.is_empty() && !fits(field, text) {
            faults.push(Fault::new(
                place(&field.key),
                ErrorCode::InvalidFormat,
                "must fit the kind of its field",
            ));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Failure::Faults(faults)) }
}

fn fits(field: &AccessFormField, text: &str) -> bool {
    let is_short = text.chars().count() <= LONGEST;
    is_short
        && match field.kind {
            FieldKind::Text => true,
            FieldKind::Email => text
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()),
            FieldKind::Number => domain::decimal::Decimal::parse(text).is_some(),
            FieldKind::Date => is_date(text),
            FieldKind::Select => field.options.iter().any(|option| option == text),
            FieldKind::Checkbox => matches!(text, "true" | "false"),
        }
}

/// `YYYY-MM-DD` with a month and a day that there may be.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize, most: u32| {
        let is_plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_plain && part.parse().is_ok_and(|number: u32| (1..=most).contains(&number))
    };
    number(year, 4, 9999) && number(month, 2, 12) && number(day, 2, 31)
}

fn fill(
    candidate: &mut CandidateRow,
    task: &TaskRow,
    form: &AccessForm,
    answers: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let submitted = |field: &AccessFormField| {
        answers.get(&field.key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let stored: BTreeMap<&str, String> = form
        .fields
        .iter()
        .filter_map(|field| Some((field.label.as_str(), submitted(field)?)))
        .collect();
    candidate.room_form = Some(to_json(&stored)?);
    for field in &form.fields {
        if let Some((assign, value)) = field.assign.as_ref().zip(submitted(field)) {
            assign_to(candidate, task, assign, value)?;
        }
    }
    form.fixed
        .iter()
        .try_for_each(|fixed| assign_to(candidate, task, &fixed.assign, fixed.value.clone()))
}

/// A program is named by its name or uuid; one the task does not have is not given.
fn assign_to(
    candidate: &mut CandidateRow,
    task: &TaskRow,
    assign: &AssignTarget,
    value: String,
) -> Result<(), Failure> {
    match assign {
        AssignTarget::Fullname => candidate.fullname = Some(value),
        AssignTarget::Email => candidate.email = Some(value),
        AssignTarget::Group => candidate.group_name = value,
        AssignTarget::Label => candidate.labels = with_entry(&candidate.labels, value)?,
        AssignTarget::Program => {
            let programs: Vec<ProgramOrStage> = from_json(&task.programs)?;
            let wanted = programs
                .iter()
                .find(|entry| entry.name == value || entry.uuid.to_string() == value);
            if let Some(program) = wanted {
                candidate.programs = with_entry(&candidate.programs, program.uuid.to_string())?;
            }
        }
        AssignTarget::Tag(name) => {
            // Sorted by name, as instances copy and lists print them.
            let mut tags: BTreeMap<String, String> = from_json(&candidate.tags)?;
            tags.insert(name.clone(), value);
            candidate.tags = to_json(&tags)?;
        }
    }
    Ok(())
}

fn with_entry(list: &str, entry: String) -> Result<String, Failure> {
    let mut entries: Vec<String> = from_json(list)?;
    if !entries.contains(&entry) {
        entries.push(entry);
    }
    to_json(&entries)
}
