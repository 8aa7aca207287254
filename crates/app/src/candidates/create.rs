//! Registering candidates, one or many, all or none.

use super::check::{self, RegistrationContext};
use super::{CandidateSource, CandidateView, NewCandidate, RegisteredPerson};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::to_json;
use crate::ports::RngExt;
use crate::services::CandidateService;
use crate::users::DEFAULT_GROUP;
use crate::validation::FieldValidator;
use domain::access::settings::{Overridable, StepOverride};
use domain::candidate::code::InvitationCode;
use domain::fault::{ErrorCode, Fault, FaultLocation as FaultPlace};
use domain::id::{StepId, TaskId};
use domain::instance::CandidateKind;
use domain::json::JsonPointer;
use domain::role::Right;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::task::TaskRow;
use storage::user::UserRow;

/// Codes drawn before the server gives up: with 50 random bits a second draw is already rare.
const MOST_DRAWS: usize = 8;

/// Candidates that are registered all or none: nobody's save waits longer than for so many.
pub const MOST_AT_ONCE: usize = 1000;

/// A new candidate with the hash of its second credential, made before the transaction because it
/// takes long.
pub(super) struct PreparedCandidate {
    pub(super) new: NewCandidate,
    credential2_hash: Option<String>,
}

/// Each with the place it was sent at.
pub(super) type PreparedCandidates = Arc<[(JsonPointer, PreparedCandidate)]>;

impl CandidateService {
    /// Registers one candidate.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`], or faults with pointers into the
    /// candidate's shape.
    pub async fn create_candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: NewCandidate,
    ) -> Result<CandidateView, Failure> {
        let made = self.register(caller, task, vec![(JsonPointer::root(), new)]).await?;
        made.into_iter().next().ok_or_else(|| Failure::internal("nobody was registered"))
    }

    /// Registers many candidates of one task, all or none: at most [`MOST_AT_ONCE`], because it is
    /// one transaction. Pointers of faults begin with `/candidates/<index>`.
    ///
    /// # Errors
    /// As [`CandidateService::create_candidate`], with the faults of all of them; `invalid_length` for more.
    pub async fn create_candidates(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: Vec<NewCandidate>,
    ) -> Result<Vec<CandidateView>, Failure> {
        let list = JsonPointer::root().at("candidates");
        if new.len() > MOST_AT_ONCE {
            let should = format!("must be at most {MOST_AT_ONCE} candidates");
            return Err(Fault::new(FaultPlace::Body(list), ErrorCode::InvalidLength, should).into());
        }
        let placed = new.into_iter().enumerate().map(|(index, new)| (list.at(index), new));
        self.register(caller, task, placed.collect()).await
    }

    /// The faults a candidate would have that need the task, for reporting them beside faults of
    /// form. Changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn check_candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        at: JsonPointer,
        new: NewCandidate,
    ) -> Result<Vec<Fault>, Failure> {
        let task = task.clone();
        self.read_as(caller, Right::WriteCandidates, move |work| {
            let row = work.task(&task)?;
            let place = RegistrationContext::of(work.tx, row)?;
            let mut checks = FieldValidator::below(at.clone());
            work.app.candidates().check_callback(&new, &mut checks);
            check::check_in_task(work.tx, &place, &new, &mut checks)?;
            Ok(checks.into_faults())
        })
        .await
    }

    async fn register(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: Vec<(JsonPointer, NewCandidate)>,
    ) -> Result<Vec<CandidateView>, Failure> {
        caller.require(Right::WriteCandidates)?;
        let (prepared, faults) = self.prepare_candidates(new).await?;
        let task = task.clone();
        self.write_for(caller, move |work| {
            let row = work.lock_task(&task)?;
            let place = RegistrationContext::of(work.tx, row)?;
            work.app.candidates().register_all(
                work.tx,
                work.caller,
                &place,
                &prepared,
                faults.clone(),
                work.now,
            )
        })
        .await
    }

    /// Candidates ready to be registered, and their faults of form.
    pub(super) async fn prepare_candidates(
        &self,
        new: Vec<(JsonPointer, NewCandidate)>,
    ) -> Result<(PreparedCandidates, Vec<Fault>), Failure> {
        let faults: Vec<_> = new
            .iter()
            .flat_map(|(at, new)| check::check_form(new, at.clone()).into_faults())
            .collect();
        let prepared = if faults.is_empty() { self.prepare(new).await? } else { unhashed(new) };
        Ok((prepared, faults))
    }

    /// Inserts whoever has no fault, so that those behind are compared with them; any fault undoes
    /// the transaction.
    pub(super) fn register_all(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        place: &RegistrationContext,
        prepared: &[(JsonPointer, PreparedCandidate)],
        mut faults: Vec<Fault>,
        now: Timestamp,
    ) -> Result<Vec<CandidateView>, Failure> {
        let mut made = Vec::with_capacity(prepared.len());
        for (at, one) in prepared {
            let mut checks = FieldValidator::below(at.clone());
            self.check_callback(&one.new, &mut checks);
            let user = check::check_in_task(tx, place, &one.new, &mut checks)?;
            let found = checks.into_faults();
            if found.is_empty() {
                made.push(self.insert_candidate(tx, caller, place, one, user.as_ref(), now)?);
            }
            faults.extend(found);
        }
        if faults.is_empty() { Ok(made) } else { Err(Failure::Faults(faults)) }
    }

    pub(super) fn check_callback(&self, new: &NewCandidate, checks: &mut FieldValidator) {
        if let Some(callback) = &new.callback {
            self.webhooks().check_address(checks, "callback/url", &callback.url);
        }
    }

    pub(super) fn insert_candidate(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        place: &RegistrationContext,
        one: &PreparedCandidate,
        user: Option<&UserRow>,
        now: Timestamp,
    ) -> Result<CandidateView, Failure> {
        let ordinal =
            storage::task::next_candidate_ordinal(tx, &place.task.id)?.ok_or(Failure::NotFound)?;
        let code = self.new_invitation_code(tx)?;
        let mut row = self.blank_candidate(&place.task, code, ordinal, now);
        fill(&mut row, place, &one.new, user)?;
        row.credential2_hash.clone_from(&one.credential2_hash);
        storage::candidate::insert(tx, &row)?;
        self.record_event(tx, now, caller, registration_event(&row))?;
        if let Some(invitation) = &one.new.invitation {
            self.mail().queue_invitation(tx, caller, &row, invitation, now)?;
        }
        self.candidate_view(row)
    }

    /// A registration in its defaults, with a new id and code.
    pub(crate) fn blank_candidate(
        &self,
        task: &TaskRow,
        code: InvitationCode,
        ordinal: i64,
        now: Timestamp,
    ) -> CandidateRow {
        CandidateRow {
            id: self.new_id(now),
            organization_id: task.organization_id.clone(),
            task_id: task.id.clone(),
            ordinal,
            kind: CandidateKind::Temp,
            user_id: None,
            source: CandidateSource::PreRegistration.as_str().to_owned(),
            fullname: None,
            email: None,
            uniq_id: None,
            uniq_scope: None,
            credential1: None,
            credential1_exclusive: false,
            credential2_hash: None,
            invitation_code: Some(code.into()),
            external_id: None,
            external_data: None,
            lang: None,
            active: true,
            active_after: None,
            active_before: None,
            time_factor: "1".to_owned(),
            group_name: DEFAULT_GROUP.to_owned(),
            labels: "[]".to_owned(),
            tags: "{}".to_owned(),
            stage: None,
            programs: "[]".to_owned(),
            rating: None,
            favorite: false,
            notes: None,
            logged_in: false,
            extra_emails: "[]".to_owned(),
            price: None,
            callback: None,
            room_form: None,
            step_overrides: "{}".to_owned(),
            created_at: now,
            last_activity_at: None,
            erased_at: None,
        }
    }

    /// A code that nobody in the installation has.
    pub(crate) fn new_invitation_code(
        &self,
        tx: &mut dyn Transaction,
    ) -> Result<InvitationCode, Failure> {
        for _ in 0..MOST_DRAWS {
            let code = InvitationCode::from_bits(self.rng().bits());
            if storage::candidate::find_by_code(tx, code.as_str())?.is_none() {
                return Ok(code);
            }
        }
        Err(Failure::internal("chance gave only codes that are taken"))
    }

    async fn prepare(
        &self,
        new: Vec<(JsonPointer, NewCandidate)>,
    ) -> Result<PreparedCandidates, Failure> {
        let mut prepared = Vec::new();
        for (at, new) in new {
            prepared.push((at, self.prepare_one(new).await?));
        }
        Ok(prepared.into())
    }

    pub(super) async fn prepare_one(
        &self,
        new: NewCandidate,
    ) -> Result<PreparedCandidate, Failure> {
        let credential2_hash = match second_credential(&new) {
            Some(secret) => Some(
                self.delivery()
                    .hash_secret_queued(&self.throttles().candidates_verifier, secret.to_owned())
                    .await?,
            ),
            None => None,
        };
        Ok(PreparedCandidate { new, credential2_hash })
    }
}

/// The event of a registration.
pub(crate) fn registration_event(row: &CandidateRow) -> AuditEvent {
    AuditEvent::of_organization(AuditEventKind::CandidateCreated)
        .about("candidateId", &row.id)
        .about("taskId", &row.task_id)
        .with("source", &row.source)
}

fn second_credential(new: &NewCandidate) -> Option<&str> {
    match &new.person {
        RegisteredPerson::Temporary(person) => person.credential2.as_deref(),
        RegisteredPerson::User(_) | RegisteredPerson::Unread => None,
    }
}

fn unhashed(new: Vec<(JsonPointer, NewCandidate)>) -> PreparedCandidates {
    new.into_iter()
        .map(|(at, new)| (at, PreparedCandidate { new, credential2_hash: None }))
        .collect()
}

/// Writes what was sent into a row.
fn fill(
    row: &mut CandidateRow,
    place: &RegistrationContext,
    new: &NewCandidate,
    user: Option<&UserRow>,
) -> Result<(), Failure> {
    let tags = fill_person(row, place, new, user)?;
    if let Some((uniq_id, scope, _)) = check::uniq_id(new, user) {
        row.uniq_id = Some(uniq_id.to_owned());
        row.uniq_scope = Some(scope.as_str().to_owned());
    }
    if let Some(group) = &new.group {
        row.group_name.clone_from(group);
    }
    row.labels = to_json(&distinct(&new.labels))?;
    row.tags = to_json(&tags)?;
    row.external_id.clone_from(&new.external_id);
    row.external_data.clone_from(&new.external_data);
    row.lang = new.lang.map(|lang| lang.as_str().to_owned());
    row.programs = to_json(&distinct(&place.program_uuids(&new.programs)))?;
    row.extra_emails = to_json(&distinct(&new.extra_emails))?;
    (row.active_after, row.active_before) = (new.window.after, new.window.before);
    row.price = new.price.as_ref().map(price_text);
    row.callback = new.callback.as_ref().map(callback_text).transpose()?;
    row.step_overrides = to_json(&own_dates(new))?;
    row.time_factor = new.time_factor.to_string();
    row.stage.clone_from(&new.stage);
    row.notes.clone_from(&new.notes);
    Ok(())
}

/// Gives the tags: for a user the user's and those sent, of which the sent value wins.
fn fill_person(
    row: &mut CandidateRow,
    place: &RegistrationContext,
    new: &NewCandidate,
    user: Option<&UserRow>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut tags = BTreeMap::new();
    match (&new.person, user) {
        (RegisteredPerson::Temporary(person), _) => {
            row.fullname.clone_from(&person.fullname);
            row.email.clone_from(&person.email);
            row.credential1.clone_from(&person.credential1);
        }
        (RegisteredPerson::User(_), Some(user)) => {
            row.kind = CandidateKind::User;
            row.user_id = Some(user.id.clone());
            row.fullname.clone_from(&user.fullname);
            row.email.clone_from(&user.email);
            row.credential1 = Some(user.username.clone());
            tags = crate::json::from_json(&user.tags)?;
        }
        (RegisteredPerson::User(_) | RegisteredPerson::Unread, _) => {
            return Err(Failure::internal("a user was not found and not reported"));
        }
    }
    row.credential1_exclusive = place.is_entered_with_credentials() && row.credential1.is_some();
    tags.extend(new.tags.clone());
    Ok(tags)
}

fn own_dates(new: &NewCandidate) -> BTreeMap<StepId, StepOverride> {
    let own = |date: Option<Timestamp>| {
        date.map_or(Overridable::Default, |date| Overridable::Value(Some(date)))
    };
    let mut steps = BTreeMap::new();
    for dates in &new.steps {
        let overriding = StepOverride {
            after: own(dates.after),
            before: own(dates.before),
            ..StepOverride::default()
        };
        if !overriding.is_empty() {
            steps.insert(dates.step.clone(), overriding);
        }
    }
    steps
}

fn price_text(price: &super::Price) -> String {
    format!("{{\"amount\":{},\"currency\":\"{}\"}}", price.amount, price.currency)
}

fn callback_text(callback: &super::CandidateCallback) -> Result<String, Failure> {
    to_json(&serde_json::json!({
        "url": callback.url, "params": callback.params, "resource": callback.resource.as_str(),
    }))
}

/// The members of a list that acts as a set, in the order sent.
pub(crate) fn distinct<T: PartialEq + Clone>(list: &[T]) -> Vec<T> {
    let mut unique: Vec<T> = Vec::with_capacity(list.len());
    for member in list {
        if !unique.contains(member) {
            unique.push(member.clone());
        }
    }
    unique
}
