//! Visitors of a task without authentication become candidates.

use super::enter::{ClientContext, NewCandidateSession};
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::Actor;
use crate::failure::Failure;
use crate::ports::RngExt;
use crate::services::DeliveryService;
use crate::throttle::ThrottleKey;
use domain::access::admission;
use domain::access::settings::AccessSwitch;
use domain::candidate::code::InvitationCode;
use domain::id::{CandidateId, TaskId};
use domain::instance::{AccessMethod, CandidateKind};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use storage::candidate::CandidateRow;
use storage::task::TaskRow;
use storage::{StorageError, Transaction, UniqueRule};

/// Codes are 50 random bits: a second one in a row that is taken does not happen.
const CODES: usize = 3;

impl DeliveryService {
    pub(super) async fn register_and_enter(
        &self,
        knock: &ClientContext,
        task: &TaskId,
        now: Timestamp,
    ) -> Result<NewCandidateSession, Failure> {
        let id: CandidateId = self.new_id(now);
        let token = self.new_token();
        let codes: Vec<_> =
            (0..CODES).map(|_| InvitationCode::from_bits(self.rng().bits())).collect();
        let (app, wanted, request) = (self.clone(), task.clone(), knock.request.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<NewCandidateSession, Failure> {
            let task = storage::task::find_public(tx, &wanted)?.ok_or(Refusal::AccessDenied)?;
            let task = storage::task::lock(tx, &task.organization_id, &task.id)?
                .ok_or(Refusal::AccessDenied)?;
            if task.access_method != AccessMethod::NoAuth {
                return Err(Refusal::AccessDenied.into());
            }
            // A task that is switched off takes nobody in.
            let off = AccessSwitch { active: task.active, ..AccessSwitch::default() };
            admission::check_switches(&off, &AccessSwitch::default(), &AccessSwitch::default())?;
            let candidate = register(tx, &task, &id, &codes, now)?;
            let doer = ActorContext {
                organization: task.organization_id.clone(),
                actor: Actor::candidate(&candidate.id),
                request: Some(request.clone()),
            };
            let event = AuditEvent::of_organization(AuditEventKind::CandidateCreated)
                .about("taskId", &task.id)
                .about("candidateId", &candidate.id)
                .with("source", &candidate.source);
            app.record_event(tx, now, &doer, event)?;
            app.begin_session(tx, &task, &candidate, &token, &request, now)
        };
        let entered = self.storage().write(write).await?;
        self.throttles().candidates.remember_success(
            knock.address,
            ThrottleKey::Task(task.clone()),
            now,
        );
        Ok(entered)
    }
}

fn register(
    tx: &mut dyn Transaction,
    task: &TaskRow,
    id: &CandidateId,
    codes: &[InvitationCode],
    now: Timestamp,
) -> Result<CandidateRow, Failure> {
    let ordinal =
        storage::task::next_candidate_ordinal(tx, &task.id)?.ok_or(Refusal::AccessDenied)?;
    let free =
        codes.iter().find_map(|code| match storage::candidate::find_by_code(tx, code.as_str()) {
            Ok(None) => Some(Ok(code.to_string())),
            Ok(Some(_)) => None,
            Err(error) => Some(Err(error)),
        });
    let code = free.unwrap_or(Err(StorageError::Conflict(UniqueRule::InvitationCode)))?;
    let candidate = blank(task, id, ordinal, code, now);
    storage::candidate::insert(tx, &candidate)?;
    Ok(candidate)
}

fn blank(
    task: &TaskRow,
    id: &CandidateId,
    ordinal: i64,
    code: String,
    now: Timestamp,
) -> CandidateRow {
    CandidateRow {
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
