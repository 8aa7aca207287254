//! Visitors of a task without authentication become candidates.

use super::enter::{Entered, Knock};
use crate::App;
use crate::audit::{Event, Kind, Named};
use crate::caller::Actor;
use crate::failure::Failure;
use crate::ports::Draw;
use crate::throttle::Door;
use domain::access::admission;
use domain::access::settings::Switch;
use domain::candidate::code::InvitationCode;
use domain::id::{CandidateId, TaskId};
use domain::instance::{AccessMethod, CandidateKind};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use storage::candidate::Candidate;
use storage::task::Task;
use storage::{StorageError, Transaction, Unique};

/// Codes are 50 random bits: a second one in a row that is taken does not happen.
const CODES: usize = 3;

impl App {
    pub(super) async fn register_and_enter(
        &self,
        knock: &Knock,
        task: &TaskId,
        now: Timestamp,
    ) -> Result<Entered, Failure> {
        let id: CandidateId = self.mint(now);
        let token = self.new_token();
        let codes: Vec<_> = (0..CODES).map(|_| InvitationCode::from_bits(self.chance().bits())).collect();
        let (app, wanted, request) = (self.clone(), task.clone(), knock.request.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<Entered, Failure> {
            let task = storage::task::find_public(tx, &wanted)?.ok_or(Refusal::AccessDenied)?;
            let task = storage::task::lock(tx, &task.organization_id, &task.id)?.ok_or(Refusal::AccessDenied)?;
            if task.access_method != AccessMethod::NoAuth {
                return Err(Refusal::AccessDenied.into());
            }
            // A task that is switched off takes nobody in.
            let off = Switch { active: task.active, ..Switch::default() };
            admission::switches(&off, &Switch::default(), &Switch::default())?;
            let candidate = register(tx, &task, &id, &codes, now)?;
            let doer = Named {
                organization: task.organization_id.clone(),
                actor: Actor::candidate(&candidate.id),
                request: Some(request.clone()),
            };
            let event = Event::of_organization(Kind::CandidateCreated)
                .about("taskId", &task.id)
                .about("candidateId", &candidate.id)
                .with("source", &candidate.source);
            app.record(tx, now, &doer, event)?;
            app.begin_session(tx, &task, &candidate, &token, &request, now)
        };
        let entered = self.storage().write(write).await?;
        self.throttles().candidates.remember_success(knock.address, Door::Task(task.clone()), now);
        Ok(entered)
    }
}

fn register(
    tx: &mut dyn Transaction,
    task: &Task,
    id: &CandidateId,
    codes: &[InvitationCode],
    now: Timestamp,
) -> Result<Candidate, Failure> {
    let ordinal = storage::task::next_candidate_ordinal(tx, &task.id)?.ok_or(Refusal::AccessDenied)?;
    let free = codes.iter().find_map(|code| match storage::candidate::find_by_code(tx, code.as_str()) {
        Ok(None) => Some(Ok(code.to_string())),
        Ok(Some(_)) => None,
        Err(error) => Some(Err(error)),
    });
    let code = free.unwrap_or(Err(StorageError::Conflict(Unique::InvitationCode)))?;
    let candidate = blank(task, id, ordinal, code, now);
    storage::candidate::insert(tx, &candidate)?;
    Ok(candidate)
}

fn blank(task: &Task, id: &CandidateId, ordinal: i64, code: String, now: Timestamp) -> Candidate {
    Candidate {
        id: id.clone(),
        organization_id: task.organization_id.clone(),
        task_id: task.id.clone(),
        ordinal,
        kind: CandidateKind::Temp,
        user_id: None,
        source: "self-registration".to_owned(),
        fullname: None,
        email: None,
        uniq_id: None,
        uniq_scope: None,
        credential1: None,
        credential1_exclusive: false,
        credential2_hash: None,
        invitation_code: Some(code),
        external_id: None,
        external_data: None,
        lang: None,
        active: true,
        active_after: None,
        active_before: None,
        time_factor: "1".to_owned(),
        group_name: "default".to_owned(),
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
