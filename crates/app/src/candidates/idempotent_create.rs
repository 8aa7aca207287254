//! Registering a candidate so that a repeated request makes no second one (REST specification,
//! 10.3).

use super::check::RegistrationContext;
use super::{CandidateView, NewCandidate};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::CandidateService;
use domain::fault::{ErrorCode, Fault, FaultLocation as FaultPlace};
use domain::id::TaskId;
use domain::json::JsonPointer;
use domain::role::Right;
use domain::time::Timestamp;
use storage::token::ClientTokenRow;
use storage::{Sha256Digest, StorageError, Transaction, UniqueRule};

/// All idempotency keys of an organization are one set.
const SCOPE: &str = "idempotency";
const REMEMBERED_SECONDS: i64 = 24 * 60 * 60;

/// A caller's own key for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub key: String,
    /// Of path and body: what the key stands for.
    pub digest: Sha256Digest,
}

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotentResponse {
    pub body: String,
    /// It is the answer to an earlier request.
    pub is_replayed: bool,
}

/// How a candidate is printed.
pub type CandidateSerializer = fn(CandidateView) -> Result<String, Failure>;

/// Why a registration was not kept.
enum RegistrationError {
    /// Another request with the key was answered meanwhile.
    Taken,
    Failed(Failure),
}

impl From<StorageError> for RegistrationError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict(UniqueRule::ClientToken) => Self::Taken,
            other => Self::Failed(other.into()),
        }
    }
}

impl From<Failure> for RegistrationError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl CandidateService {
    /// The first answer to a request with this key, if there was one within the last 24 hours and
    /// its task lies within the reach of whoever asks now.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; `idempotency_key_reused` when the key stands for another
    /// request.
    pub async fn stored_idempotent_response(
        &self,
        caller: &Caller,
        task: &TaskId,
        key: &IdempotencyKey,
    ) -> Result<Option<String>, Failure> {
        let (task, key) = (task.clone(), key.clone());
        self.read_as(caller, Right::WriteCandidates, move |work| {
            let since = remembered_since(work.now);
            let response = find_response(work.tx, work.caller, &key, since)?;
            if response.is_some() {
                // The answer tells of a candidate: whoever asks now must reach the task now.
                work.task(&task)?;
            }
            Ok(response)
        })
        .await
    }

    /// Registers one candidate and remembers the printed answer under the key, in one transaction.
    /// With a key that was answered meanwhile nothing is registered.
    ///
    /// # Errors
    /// As [`CandidateService::create_candidate`] and [`CandidateService::stored_idempotent_response`].
    pub async fn create_candidate_idempotent(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: NewCandidate,
        key: Option<IdempotencyKey>,
        print: CandidateSerializer,
    ) -> Result<IdempotentResponse, Failure> {
        caller.require(Right::WriteCandidates)?;
        let (prepared, faults) = self.prepare_candidates(vec![(JsonPointer::root(), new)]).await?;
        let now = self.now();
        let (app, requested_key) = (self.clone(), key.clone());
        let (registrar, task_id) = (caller.clone(), task.clone());
        let write =
            move |tx: &mut dyn Transaction| -> Result<IdempotentResponse, RegistrationError> {
                let row = storage::task::lock(tx, &registrar.organization, &task_id)?
                    .ok_or(Failure::NotFound)?;
                registrar.require_task_access(&row.id, &row.folder)?;
                if let Some(key) = &requested_key
                    && let Some(body) = find_response(tx, &registrar, key, remembered_since(now))?
                {
                    return Ok(IdempotentResponse { body, is_replayed: true });
                }
                let place = RegistrationContext::of(tx, row)?;
                let made =
                    app.register_all(tx, &registrar, &place, &prepared, faults.clone(), now)?;
                let view = made
                    .into_iter()
                    .next()
                    .ok_or_else(|| Failure::internal("nobody was registered"))?;
                let body = print(view)?;
                if let Some(key) = &requested_key {
                    insert_response(tx, &registrar, key, &body, now)?;
                }
                Ok(IdempotentResponse { body, is_replayed: false })
            };
        match (self.storage().write(write).await, key) {
            (Ok(answered), _) => Ok(answered),
            (Err(RegistrationError::Taken), Some(key)) => {
                let body = self
                    .stored_idempotent_response(caller, task, &key)
                    .await?
                    .ok_or(Failure::Busy)?;
                Ok(IdempotentResponse { body, is_replayed: true })
            }
            (Err(RegistrationError::Taken), None) => {
                Err(Failure::internal("a token was taken that was not sent"))
            }
            (Err(RegistrationError::Failed(failure)), _) => Err(failure),
        }
    }
}

const fn remembered_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-REMEMBERED_SECONDS)
}

fn find_response(
    tx: &mut dyn Transaction,
    caller: &Caller,
    key: &IdempotencyKey,
    since: Timestamp,
) -> Result<Option<String>, Failure> {
    let stored = storage::token::find(tx, &caller.organization, SCOPE, &key.key)?;
    match stored.filter(|stored| stored.at >= since) {
        None => Ok(None),
        Some(stored) if stored.request_digest == Some(key.digest) => Ok(Some(stored.response)),
        Some(_) => {
            let should = "was used for another request; take a new one";
            Err(Fault::new(
                FaultPlace::header("Idempotency-Key"),
                ErrorCode::IdempotencyKeyReused,
                should,
            )
            .into())
        }
    }
}

fn insert_response(
    tx: &mut dyn Transaction,
    caller: &Caller,
    key: &IdempotencyKey,
    body: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    storage::token::forget_compared(tx, SCOPE, remembered_since(now))?;
    let token = ClientTokenRow {
        organization_id: caller.organization.clone(),
        scope: SCOPE.to_owned(),
        token: key.key.clone(),
        request_digest: Some(key.digest),
        response: body.to_owned(),
        at: now,
    };
    storage::token::insert(tx, &token)
}
