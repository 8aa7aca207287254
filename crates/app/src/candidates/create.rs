//! Registering candidates, one or many, all or none.

use super::check::{self, Place};
use super::{CandidateView, NewCandidate, Person, Source};
use crate::App;
use crate::audit::{Event, Kind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::forms::Checks;
use crate::json::to_json;
use crate::ports::Draw;
use crate::users::DEFAULT_GROUP;
use domain::access::settings::{Own, StepOverride};
use domain::candidate::code::InvitationCode;
use domain::fault::{Code, Fault, Place as FaultPlace};
use domain::id::{StepId, TaskId};
use domain::instance::{CandidateKind, Scope};
use domain::json::Pointer;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::Transaction;
use storage::candidate::Candidate;
use storage::task::Task;
use storage::user::User;

/// Codes drawn before the server gives up: with 50 random bits a second draw is already rare.
const MOST_DRAWS: usize = 8;

/// Candidates that are registered all or none: nobody's save waits longer than for so many.
pub const MOST_AT_ONCE: usize = 1000;

/// A new candidate with the hash of its second credential, made before the transaction because it takes long.
pub(super) struct Prepared {
    pub(super) new: NewCandidate,
    credential2_hash: Option<String>,
}

/// Each with the place it was sent at.
pub(super) type AllPrepared = Arc<[(Pointer, Prepared)]>;

impl App {
    /// Registers one candidate.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`], or faults with pointers into the candidate's shape.
    pub async fn create_candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: NewCandidate,
    ) -> Result<CandidateView, Failure> {
        let made = self.register(caller, task, vec![(Pointer::root(), new)]).await?;
        made.into_iter().next().ok_or_else(|| Failure::internal("nobody was registered"))
    }

    /// Registers many candidates of one task, all or none: at most [`MOST_AT_ONCE`], because it is one transaction.
    /// Pointers of faults begin with `/candidates/<index>`.
    ///
    /// # Errors
    /// As [`App::create_candidate`], with the faults of all of them; `invalid_length` for more.
    pub async fn create_candidates(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: Vec<NewCandidate>,
    ) -> Result<Vec<CandidateView>, Failure> {
        let list = Pointer::root().at("candidates");
        if new.len() > MOST_AT_ONCE {
            let should = format!("must be at most {MOST_AT_ONCE} candidates");
            return Err(Fault::new(FaultPlace::Body(list), Code::InvalidLength, should).into());
        }
        let placed = new.into_iter().enumerate().map(|(index, new)| (list.at(index), new));
        self.register(caller, task, placed.collect()).await
    }

    /// The faults a candidate would have that need the task, for reporting them beside faults of form. Changes nothing.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn check_candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        at: Pointer,
        new: NewCandidate,
    ) -> Result<Vec<Fault>, Failure> {
        caller.require(Scope::CandidatesWrite)?;
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row = storage::task::find(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
            caller.reach(&row.id, &row.folder)?;
            let place = Place::of(tx, row)?;
            let mut checks = Checks::below(at.clone());
            app.check_callback(&new, &mut checks);
            check::faults(tx, &place, &new, &mut checks)?;
            Ok(checks.into_faults())
        };
        self.storage().read(read).await
    }

    async fn register(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: Vec<(Pointer, NewCandidate)>,
    ) -> Result<Vec<CandidateView>, Failure> {
        caller.require(Scope::CandidatesWrite)?;
        let (prepared, faults) = self.prepared(new).await?;
        let now = self.now();
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let write = move |tx: &mut dyn Transaction| {
            let row = storage::task::lock(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
            caller.reach(&row.id, &row.folder)?;
            let place = Place::of(tx, row)?;
            app.register_all(tx, &caller, &place, &prepared, faults.clone(), now)
        };
        self.storage().write(write).await
    }

    /// Candidates ready to be registered, and their faults of form.
    pub(super) async fn prepared(
        &self,
        new: Vec<(Pointer, NewCandidate)>,
    ) -> Result<(AllPrepared, Vec<Fault>), Failure> {
        let faults: Vec<_> = new.iter().flat_map(|(at, new)| check::forms(new, at.clone()).into_faults()).collect();
        let prepared = if faults.is_empty() { self.prepare(new).await? } else { unhashed(new) };
        Ok((prepared, faults))
    }

    /// Inserts whoever has no fault, so that those behind are compared with them; any fault undoes the transaction.
    pub(super) fn register_all(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        place: &Place,
        prepared: &[(Pointer, Prepared)],
        mut faults: Vec<Fault>,
        now: Timestamp,
    ) -> Result<Vec<CandidateView>, Failure> {
        let mut made = Vec::with_capacity(prepared.len());
        for (at, one) in prepared {
            let mut checks = Checks::below(at.clone());
            self.check_callback(&one.new, &mut checks);
            let user = check::faults(tx, place, &one.new, &mut checks)?;
            let found = checks.into_faults();
            if found.is_empty() {
                made.push(self.insert_candidate(tx, caller, place, one, user.as_ref(), now)?);
            }
            faults.extend(found);
        }
        if faults.is_empty() { Ok(made) } else { Err(Failure::Faults(faults)) }
    }

    pub(super) fn check_callback(&self, new: &NewCandidate, checks: &mut Checks) {
        if let Some(callback) = &new.callback {
            self.check_address(checks, "callback/url", &callback.url);
        }
    }

    pub(super) fn insert_candidate(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        place: &Place,
        one: &Prepared,
        user: Option<&User>,
        now: Timestamp,
    ) -> Result<CandidateView, Failure> {
        let ordinal = storage::task::next_candidate_ordinal(tx, &place.task.id)?.ok_or(Failure::NotFound)?;
        let code = self.new_code(tx)?;
        let mut row = self.blank_candidate(&place.task, code, ordinal, now);
        fill(&mut row, place, &one.new, user)?;
        row.credential2_hash.clone_from(&one.credential2_hash);
        storage::candidate::insert(tx, &row)?;
        self.record(tx, now, caller, created(&row))?;
        if let Some(invitation) = &one.new.invitation {
            self.queue_invitation(tx, caller, &row, invitation, now)?;
        }
        self.candidate_view(row)
    }

    /// A registration in its defaults, with a new id and code.
    pub(crate) fn blank_candidate(&self, task: &Task, code: InvitationCode, ordinal: i64, now: Timestamp) -> Candidate {
        Candidate {
            id: self.mint(now),
            organization_id: task.organization_id.clone(),
            task_id: task.id.clone(),
            ordinal,
            kind: CandidateKind::Temp,
            user_id: None,
            source: Source::PreRegistration.as_str().to_owned(),
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
    pub(crate) fn new_code(&self, tx: &mut dyn Transaction) -> Result<InvitationCode, Failure> {
        for _ in 0..MOST_DRAWS {
            let code = InvitationCode::from_bits(self.chance().bits());
            if storage::candidate::find_by_code(tx, code.as_str())?.is_none() {
                return Ok(code);
            }
        }
        Err(Failure::internal("chance gave only codes that are taken"))
    }

    async fn prepare(&self, new: Vec<(Pointer, NewCandidate)>) -> Result<AllPrepared, Failure> {
        let mut prepared = Vec::new();
        for (at, new) in new {
            prepared.push((at, self.prepare_one(new).await?));
        }
        Ok(prepared.into())
    }

    pub(super) async fn prepare_one(&self, new: NewCandidate) -> Result<Prepared, Failure> {
        let credential2_hash = match second_credential(&new) {
            Some(secret) => Some(self.hashed_in_turn(&self.throttles().candidates_verifier, secret.to_owned()).await?),
            None => None,
        };
        Ok(Prepared { new, credential2_hash })
    }
}

/// The event of a registration.
pub(crate) fn created(row: &Candidate) -> Event {
    Event::of_organization(Kind::CandidateCreated)
        .about("candidateId", &row.id)
        .about("taskId", &row.task_id)
        .with("source", &row.source)
}

fn second_credential(new: &NewCandidate) -> Option<&str> {
    match &new.person {
        Person::Temporary(person) => person.credential2.as_deref(),
        Person::User(_) | Person::Unread => None,
    }
}

fn unhashed(new: Vec<(Pointer, NewCandidate)>) -> AllPrepared {
    new.into_iter().map(|(at, new)| (at, Prepared { new, credential2_hash: None })).collect()
}

/// Writes what was sent into a row.
fn fill(row: &mut Candidate, place: &Place, new: &NewCandidate, user: Option<&User>) -> Result<(), Failure> {
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
    row.programs = to_json(&distinct(&place.known_programs(&new.programs)))?;
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
    row: &mut Candidate,
    place: &Place,
    new: &NewCandidate,
    user: Option<&User>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut tags = BTreeMap::new();
    match (&new.person, user) {
        (Person::Temporary(person), _) => {
            row.fullname.clone_from(&person.fullname);
            row.email.clone_from(&person.email);
            row.credential1.clone_from(&person.credential1);
        }
        (Person::User(_), Some(user)) => {
            row.kind = CandidateKind::User;
            row.user_id = Some(user.id.clone());
            row.fullname.clone_from(&user.fullname);
            row.email.clone_from(&user.email);
            row.credential1 = Some(user.username.clone());
            tags = crate::json::from_json(&user.tags)?;
        }
        (Person::User(_) | Person::Unread, _) => {
            return Err(Failure::internal("a user was not found and not reported"));
        }
    }
    row.credential1_exclusive = place.is_entered_with_credentials() && row.credential1.is_some();
    tags.extend(new.tags.clone());
    Ok(tags)
}

fn own_dates(new: &NewCandidate) -> BTreeMap<StepId, StepOverride> {
    let own = |date: Option<Timestamp>| date.map_or(Own::Default, |date| Own::Value(Some(date)));
    let mut steps = BTreeMap::new();
    for dates in &new.steps {
        let overriding = StepOverride { after: own(dates.after), before: own(dates.before), ..StepOverride::default() };
        if !overriding.is_empty() {
            steps.insert(dates.step.clone(), overriding);
        }
    }
    steps
}

fn price_text(price: &super::Price) -> String {
    format!("{{\"amount\":{},\"currency\":\"{}\"}}", price.amount, price.currency)
}

fn callback_text(callback: &super::Callback) -> Result<String, Failure> {
    to_json(&serde_json::json!({
        "url": callback.url, "params": callback.params, "resource": callback.resource.as_str(),
    }))
}

/// The members of a list that acts as a set, in the order sent.
pub(crate) fn distinct<T: PartialEq + Clone>(list: &[T]) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for member in list {
        if !kept.contains(member) {
            kept.push(member.clone());
        }
    }
    kept
}
