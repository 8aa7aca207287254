//! Getting in: by invitation code, by credentials, or without either.
//!
//! A refused entry never tells which part was wrong, and costs the same whether or not there is such a candidate.
//! Argon2id runs on a thread of its own, never on the storage threads, and never more than a few times at once.

use super::tries::{Door, Limits};
use super::visit::hash_of;
use crate::App;
use crate::audit::{Event, Kind, Named};
use crate::caller::Actor;
use crate::failure::Failure;
use crate::ports::Draw;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::access::admission;
use domain::access::settings::Switch;
use domain::candidate::code::InvitationCode;
use domain::id::{CandidateId, OrganizationId, RequestId, TaskId};
use domain::instance::{AccessMethod, CandidateKind};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use std::net::IpAddr;
use std::sync::LazyLock;
use storage::Transaction;
use storage::candidate::Candidate;
use storage::session::Session;
use storage::task::Task;

/// Where somebody knocks from.
#[derive(Clone, Debug)]
pub struct Knock {
    /// The client's address, where the connection tells it.
    pub address: Option<IpAddr>,
    pub request: RequestId,
}

/// What is entered at a task's log-in; nothing where the task asks for nothing.
#[derive(Clone, Default)]
pub struct Credentials {
    pub credential1: Option<String>,
    pub credential2: Option<String>,
}

/// A new log-in session.
#[derive(Clone, Debug)]
pub struct Entered {
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

impl App {
    /// Enters by an invitation code in any spelling.
    ///
    /// # Errors
    /// `access_denied`; `too_many_tries`; `task_inactive`, `candidate_inactive`.
    pub async fn enter_by_code(&self, knock: &Knock, spelling: &str) -> Result<Entered, Failure> {
        let now = self.now();
        self.tries().demand(self.limits(), knock.address, None, now)?;
        let entered = match InvitationCode::entered(spelling) {
            Ok(code) => self.admit(knock, Proof::Code(code), now).await,
            Err(_) => Err(Refusal::AccessDenied.into()),
        };
        self.remember(knock, None, entered, now)
    }

    /// Enters a task with what its access method asks for. Without authentication each visitor becomes a candidate.
    ///
    /// # Errors
    /// `access_denied`, also for an unknown task; `too_many_tries`; `task_inactive`, `candidate_inactive`.
    pub async fn enter_task(&self, knock: &Knock, task: &TaskId, given: Credentials) -> Result<Entered, Failure> {
        let now = self.now();
        self.tries().demand(self.limits(), knock.address, Some(&Door::Task(task.clone())), now)?;
        let wanted = task.clone();
        let found =
            self.storage().read(move |tx: &mut dyn Transaction| storage::task::find_public(tx, &wanted)).await?;
        let entered = match found.as_ref().map(|task| task.access_method) {
            Some(AccessMethod::NoAuth) => return self.register_and_enter(knock, task, now).await,
            Some(AccessMethod::SingleCredential) => self.enter_with_one(knock, task, given, now).await,
            Some(AccessMethod::InvitationCode) => Err(Refusal::AccessDenied.into()),
            Some(AccessMethod::DoubleCredential) | None => self.enter_with_two(knock, task, given, now).await,
        };
        self.remember(knock, found.as_ref().map(|task| &task.id), entered, now)
    }

    async fn enter_with_one(
        &self,
        knock: &Knock,
        task: &TaskId,
        given: Credentials,
        now: Timestamp,
    ) -> Result<Entered, Failure> {
        let credential1 = given.credential1.ok_or(Refusal::AccessDenied)?;
        self.admit(knock, Proof::Credentials { task: task.clone(), credential1, hash: None }, now).await
    }

    async fn enter_with_two(
        &self,
        knock: &Knock,
        task: &TaskId,
        given: Credentials,
        now: Timestamp,
    ) -> Result<Entered, Failure> {
        let credential1 = given.credential1.unwrap_or_default();
        let secret = given.credential2.unwrap_or_default();
        let (wanted, name) = (task.clone(), credential1.clone());
        let read = move |tx: &mut dyn Transaction| storage::candidate::find_by_credential(tx, &wanted, &name);
        let known = self.storage().read(read).await?.and_then(|candidate| candidate.credential2_hash);
        let hash = self.verified(known, secret).await?.ok_or(Refusal::AccessDenied)?;
        self.admit(knock, Proof::Credentials { task: task.clone(), credential1, hash: Some(hash) }, now).await
    }

    /// The hash, if it is of this secret. Without one the same work is done for nothing.
    pub(crate) async fn verified(&self, hash: Option<String>, secret: String) -> Result<Option<String>, Failure> {
        let _turn = self.inner.verifying.acquire().await.map_err(Failure::internal)?;
        let verify = move || {
            let is_right =
                Argon2::default().verify_password(secret.as_bytes(), hash.as_deref().unwrap_or(&NOBODY)).is_ok();
            hash.filter(|_| is_right)
        };
        tokio::task::spawn_blocking(verify).await.map_err(Failure::internal)
    }

    /// What a secret that people choose is kept as. Takes a while: never on a thread that others wait for.
    pub(crate) fn secret_hash(&self, secret: &str) -> Result<String, Failure> {
        let salt: [u8; 16] = self.chance().bytes();
        let hash = Argon2::default().hash_password_with_salt(secret.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(Failure::internal)
    }

    async fn admit(&self, knock: &Knock, proof: Proof, now: Timestamp) -> Result<Entered, Failure> {
        let token = self.new_token();
        let (app, request) = (self.clone(), knock.request.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<Entered, Failure> {
            let (candidate, task) = proof.holder(tx)?;
            app.begin_session(tx, &task, &candidate, &token, &request, now)
        };
        self.storage().write(write).await
    }

    /// Begins a log-in session of a candidate that was let in.
    pub(super) fn begin_session(
        &self,
        tx: &mut dyn Transaction,
        task: &Task,
        candidate: &Candidate,
        token: &str,
        request: &RequestId,
        now: Timestamp,
    ) -> Result<Entered, Failure> {
        let switch = |active: bool| Switch { active, ..Switch::default() };
        admission::switches(&switch(task.active), &switch(candidate.active), &Switch::default())?;
        let session = Session {
            token_hash: hash_of(token),
            organization_id: task.organization_id.clone(),
            task_id: task.id.clone(),
            candidate_id: candidate.id.clone(),
            created_at: now,
            ended_at: None,
        };
        storage::session::insert(tx, &session)?;
        storage::candidate::enter(tx, &candidate.id, now)?;
        let doer = Named {
            organization: task.organization_id.clone(),
            actor: Actor::candidate(&candidate.id),
            request: Some(request.clone()),
        };
        let event = Event::of_organization(Kind::CandidateEntered)
            .about("taskId", &task.id)
            .about("candidateId", &candidate.id)
            .with("method", task.access_method);
        self.record(tx, now, &doer, event)?;
        Ok(Entered {
            token: token.to_owned(),
            organization: session.organization_id,
            task: session.task_id,
            candidate: session.candidate_id,
        })
    }

    pub(crate) fn new_token(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.chance().bytes::<32>())
    }

    fn remember(
        &self,
        knock: &Knock,
        task: Option<&TaskId>,
        entered: Result<Entered, Failure>,
        now: Timestamp,
    ) -> Result<Entered, Failure> {
        match &entered {
            Ok(entered) => self.tries().succeeded(knock.address, &Door::Task(entered.task.clone()), now),
            Err(Failure::Refused(refused)) if refused.code == Refusal::AccessDenied => {
                self.tries().failed(knock.address, task.cloned().map(Door::Task).as_ref(), now);
            }
            Err(_) => {}
        }
        entered
    }

    pub(crate) fn limits(&self) -> Limits {
        let Self { inner } = self;
        let number = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        Limits {
            per_address: number(inner.settings.entry_failures_per_address),
            per_door: number(inner.settings.entry_failures_per_task),
        }
    }
}

impl Proof {
    /// Whom the proof lets in, as things are in this transaction.
    fn holder(&self, tx: &mut dyn Transaction) -> Result<(Candidate, Task), Failure> {
        let (found, method) = match self {
            Self::Code(code) => (storage::candidate::find_by_code(tx, code.as_str())?, AccessMethod::InvitationCode),
            Self::Credentials { task, credential1, hash } => {
                let found = storage::candidate::find_by_credential(tx, task, credential1)?;
                let is_same = |candidate: &Candidate| hash.is_none() || candidate.credential2_hash == *hash;
                let method =
                    if hash.is_some() { AccessMethod::DoubleCredential } else { AccessMethod::SingleCredential };
                (found.filter(is_same), method)
            }
        };
        let is_usable = |candidate: &Candidate| candidate.kind == CandidateKind::Temp && candidate.erased_at.is_none();
        let candidate = found.filter(is_usable).ok_or(Refusal::AccessDenied)?;
        let task = storage::task::find(tx, &candidate.organization_id, &candidate.task_id)?;
        let task = task.filter(|task| task.access_method == method).ok_or(Refusal::AccessDenied)?;
        Ok((candidate, task))
    }
}

/// A hash of nobody's secret, to be checked where there is no candidate.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let hash = Argon2::default().hash_password_with_salt(b"", b"nobody in here!!");
    hash.expect("the default parameters and a salt of 16 bytes are valid").to_string()
});
