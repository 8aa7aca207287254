//! Getting in: by invitation code, by credentials, or without either.
//!
//! A refused entry never tells which part was wrong, and costs the same whether or not there is
//! such a candidate. Each try is counted before its work begins (`throttle`).

use super::sessions::initial_expiry;
use crate::services::DeliveryService;

pub use crate::caller::ClientContext;

use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::{Actor, session_hash};
use crate::failure::Failure;
use crate::ports::RngExt;
use crate::throttle::{
    ClientNetwork, LoginAttempt, OverLimitAction, SecretVerifier, ThrottleKey, ThrottleLimits,
    ThrottleRequest,
};
use argon2::{Argon2, PasswordHasher};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::access::admission;
use domain::access::settings::AccessSwitch;
use domain::candidate::code::InvitationCode;
use domain::id::{CandidateId, OrganizationId, RequestId, TaskId};
use domain::instance::{AccessMethod, CandidateKind};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::session::SessionRow;
use storage::task::TaskRow;

/// What is entered at a task's log-in; nothing where the task asks for nothing.
#[derive(Clone, Default)]
pub struct EntryCredentials {
    pub credential1: Option<String>,
    pub credential2: Option<String>,
}

/// A new log-in session.
#[derive(Clone, Debug)]
pub struct NewCandidateSession {
    /// 256 random bits, told this once.
    pub token: String,
    pub organization: OrganizationId,
    pub task: TaskId,
    pub candidate: CandidateId,
}

/// What was shown to be right outside the transaction, to be looked at again inside.
#[derive(Clone)]
enum Proof {
    Code(InvitationCode),
    Credentials { task: TaskId, credential1: String, hash: Option<String> },
}

impl DeliveryService {
    /// Enters by an invitation code in any spelling.
    ///
    /// # Errors
    /// `access_denied`; `too_many_tries`; `task_inactive`, `candidate_inactive`.
    pub async fn enter_by_code(
        &self,
        knock: &ClientContext,
        spelling: &str,
    ) -> Result<NewCandidateSession, Failure> {
        let beyond = OverLimitAction::Pace(self.settings().paced_try);
        let attempt = self.begin_entry_attempt(knock, None, beyond).await?;
        // After the wait for a turn.
        let now = self.now();
        let entered = match InvitationCode::parse_entered(spelling) {
            Ok(code) => self.admit(knock, Proof::Code(code), now).await,
            Err(_) => Err(Refusal::AccessDenied.into()),
        };
        attempt.settle(&entered, |entered| ThrottleKey::Task(entered.task.clone()));
        entered
    }

    /// Enters a task with what its access method asks for. Without authentication each visitor
    /// becomes a candidate.
    ///
    /// # Errors
    /// `access_denied`, also for an unknown task; `too_many_tries`; `task_inactive`,
    /// `candidate_inactive`.
    pub async fn enter_task(
        &self,
        knock: &ClientContext,
        task: &TaskId,
        credentials: EntryCredentials,
    ) -> Result<NewCandidateSession, Failure> {
        let wanted = task.clone();
        let found = self
            .storage()
            .read(move |tx: &mut dyn Transaction| storage::task::find_public(tx, &wanted))
            .await?;
        let method = found.map(|task| task.access_method);
        if method == Some(AccessMethod::NoAuth) {
            self.admit_registration(knock.address).await?;
            return self.register_and_enter(knock, task, self.now()).await;
        }
        let attempt = self
            .begin_entry_attempt(
                knock,
                Some(ThrottleKey::Task(task.clone())),
                OverLimitAction::Refuse,
            )
            .await?;
        let now = self.now();
        let entered = match method {
            Some(AccessMethod::SingleCredential) => {
                self.enter_with_one(knock, task, credentials, now).await
            }
            Some(AccessMethod::InvitationCode) => Err(Refusal::AccessDenied.into()),
            _ => self.enter_with_two(knock, task, credentials, now).await,
        };
        attempt.settle(&entered, |entered| ThrottleKey::Task(entered.task.clone()));
        entered
    }

    async fn begin_entry_attempt(
        &self,
        knock: &ClientContext,
        door: Option<ThrottleKey>,
        beyond: OverLimitAction,
    ) -> Result<LoginAttempt, Failure> {
        self.admit_entry(knock.address)?;
        let network = ClientNetwork::of(knock.address);
        let knocking = ThrottleRequest { limits: self.throttle_limits(), network, door, beyond };
        self.throttles().candidates.begin_attempt(knocking, self.now()).await
    }

    async fn enter_with_one(
        &self,
        knock: &ClientContext,
        task: &TaskId,
        credentials: EntryCredentials,
        now: Timestamp,
    ) -> Result<NewCandidateSession, Failure> {
        let credential1 = credentials.credential1.ok_or(Refusal::AccessDenied)?;
        self.admit(knock, Proof::Credentials { task: task.clone(), credential1, hash: None }, now)
            .await
    }

    async fn enter_with_two(
        &self,
        knock: &ClientContext,
        task: &TaskId,
        credentials: EntryCredentials,
        now: Timestamp,
    ) -> Result<NewCandidateSession, Failure> {
        let credential1 = credentials.credential1.unwrap_or_default();
        let secret = credentials.credential2.unwrap_or_default();
        let (wanted, name) = (task.clone(), credential1.clone());
        let read = move |tx: &mut dyn Transaction| {
            storage::candidate::find_by_credential(tx, &wanted, &name)
        };
        let existing =
            self.storage().read(read).await?.and_then(|candidate| candidate.credential2_hash);
        let hash = self
            .throttles()
            .candidates_verifier
            .verify(existing, secret)
            .await?
            .ok_or(Refusal::AccessDenied)?;
        self.admit(
            knock,
            Proof::Credentials { task: task.clone(), credential1, hash: Some(hash) },
            now,
        )
        .await
    }

    /// What a secret that people choose is kept as. Takes a while: never on a thread that others
    /// wait for.
    pub(crate) fn hash_secret(&self, secret: &str) -> Result<String, Failure> {
        let salt: [u8; 16] = self.rng().bytes();
        let hash = Argon2::default().hash_password_with_salt(secret.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(Failure::internal)
    }

    /// The same on a thread of its own and in turn with those who are let in: however many are
    /// registered at once, a sign-in waits for one of them and not for all.
    pub(crate) async fn hash_secret_queued(
        &self,
        verifier: &SecretVerifier,
        secret: String,
    ) -> Result<String, Failure> {
        let (app, turn) = (self.clone(), verifier.acquire().await?);
        let hash = move || {
            // The turn ends with the work, not with the request.
            let _turn = turn;
            app.hash_secret(&secret)
        };
        tokio::task::spawn_blocking(hash).await.map_err(Failure::internal)?
    }

    async fn admit(
        &self,
        knock: &ClientContext,
        proof: Proof,
        now: Timestamp,
    ) -> Result<NewCandidateSession, Failure> {
        let token = self.new_token();
        let (app, request) = (self.clone(), knock.request.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<NewCandidateSession, Failure> {
            let (candidate, task) = proof.holder(tx)?;
            app.begin_session(tx, &task, &candidate, &token, &request, now)
        };
        self.storage().write(write).await
    }

    /// Begins a log-in session of a candidate that was let in.
    pub(super) fn begin_session(
        &self,
        tx: &mut dyn Transaction,
        task: &TaskRow,
        candidate: &CandidateRow,
        token: &str,
        request: &RequestId,
        now: Timestamp,
    ) -> Result<NewCandidateSession, Failure> {
        let switch = |active: bool| AccessSwitch { active, ..AccessSwitch::default() };
        admission::check_switches(
            &switch(task.active),
            &switch(candidate.active),
            &AccessSwitch::default(),
        )?;
        let session = SessionRow {
            token_hash: session_hash(token),
            organization_id: task.organization_id.clone(),
            task_id: task.id.clone(),
            candidate_id: candidate.id.clone(),
            created_at: now,
            ended_at: None,
            ends_at: initial_expiry(now, task.active_before),
        };
        storage::session::insert(tx, &session)?;
        storage::candidate::enter(tx, &candidate.id, now)?;
        let doer = ActorContext {
            organization: task.organization_id.clone(),
            actor: Actor::candidate(&candidate.id),
            request: Some(request.clone()),
        };
        let event = AuditEvent::of_organization(AuditEventKind::CandidateEntered)
            .about("taskId", &task.id)
            .about("candidateId", &candidate.id)
            .with("method", task.access_method);
        self.record_event(tx, now, &doer, event)?;
        Ok(NewCandidateSession {
            token: token.to_owned(),
            organization: session.organization_id,
            task: session.task_id,
            candidate: session.candidate_id,
        })
    }

    pub(crate) fn new_token(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.rng().bytes::<32>())
    }

    pub(crate) fn throttle_limits(&self) -> ThrottleLimits {
        let settings = self.settings();
        let number = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        ThrottleLimits {
            per_network: number(settings.entry_failures_per_address),
            per_door: number(settings.entry_failures_per_task),
        }
    }
}

impl Proof {
    /// Whom the proof lets in, as things are in this transaction.
    fn holder(&self, tx: &mut dyn Transaction) -> Result<(CandidateRow, TaskRow), Failure> {
        let (found, method) = match self {
            Self::Code(code) => {
                (storage::candidate::find_by_code(tx, code.as_str())?, AccessMethod::InvitationCode)
            }
            Self::Credentials { task, credential1, hash } => {
                let found = storage::candidate::find_by_credential(tx, task, credential1)?;
                let is_same = |candidate: &CandidateRow| {
                    hash.is_none() || candidate.credential2_hash == *hash
                };
                let method = if hash.is_some() {
                    AccessMethod::DoubleCredential
                } else {
                    AccessMethod::SingleCredential
                };
                (found.filter(is_same), method)
            }
        };
        let is_usable = |candidate: &CandidateRow| {
            candidate.kind == CandidateKind::Temp && candidate.erased_at.is_none()
        };
        let candidate = found.filter(is_usable).ok_or(Refusal::AccessDenied)?;
        let task = storage::task::find(tx, &candidate.organization_id, &candidate.task_id)?;
        let task = task.filter(|task| task.access_method == method).ok_or(Refusal::AccessDenied)?;
        Ok((candidate, task))
    }
}
