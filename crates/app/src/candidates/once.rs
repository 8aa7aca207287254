//! Registering a candidate so that a repeated request makes no second one (REST specification, 10.3).

use super::check::Place;
use super::{CandidateView, NewCandidate};
use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use domain::fault::{Code, Fault, Place as FaultPlace};
use domain::id::TaskId;
use domain::instance::Scope;
use domain::json::Pointer;
use domain::time::Timestamp;
use storage::token::ClientToken;
use storage::{Digest, StorageError, Transaction, Unique};

/// All idempotency keys of an organization are one set.
const SCOPE: &str = "idempotency";
const REMEMBERED_SECONDS: i64 = 24 * 60 * 60;

/// A caller's own key for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    pub key: String,
    /// Of path and body: what the key stands for.
    pub digest: Digest,
}

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub body: String,
    /// It is the answer to an earlier request.
    pub is_replayed: bool,
}

/// How a candidate is printed.
pub type PrintCandidate = fn(CandidateView) -> Result<String, Failure>;

/// Why a registration was not kept.
enum Attempt {
    /// Another request with the key was answered meanwhile.
    Taken,
    Failed(Failure),
}

impl From<StorageError> for Attempt {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict(Unique::ClientToken) => Self::Taken,
            other => Self::Failed(other.into()),
        }
    }
}

impl From<Failure> for Attempt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl App {
    /// The first answer to a request with this key, if there was one within the last 24 hours and its task lies within
    /// the reach of whoever asks now.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; `idempotency_key_reused` when the key stands for another request.
    pub async fn first_answer(
        &self,
        caller: &Caller,
        task: &TaskId,
        key: &IdempotencyKey,
    ) -> Result<Option<String>, Failure> {
        caller.require(Scope::CandidatesWrite)?;
        let (caller, task, key, since) = (caller.clone(), task.clone(), key.clone(), remembered_since(self.now()));
        let read = move |tx: &mut dyn Transaction| {
            let known = known(tx, &caller, &key, since)?;
            if known.is_some() {
                // The answer tells of a candidate: whoever asks now must reach the task now.
                let row = storage::task::find(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
                caller.reach(&row.id, &row.folder)?;
            }
            Ok(known)
        };
        self.storage().read(read).await
    }

    /// Registers one candidate and remembers the printed answer under the key, in one transaction. With a key that was
    /// answered meanwhile nothing is registered.
    ///
    /// # Errors
    /// As [`App::create_candidate`] and [`App::first_answer`].
    pub async fn create_candidate_once(
        &self,
        caller: &Caller,
        task: &TaskId,
        new: NewCandidate,
        key: Option<IdempotencyKey>,
        print: PrintCandidate,
    ) -> Result<Answered, Failure> {
        caller.require(Scope::CandidatesWrite)?;
        let (prepared, faults) = self.prepared(vec![(Pointer::root(), new)]).await?;
        let now = self.now();
        let (app, asked, asker, again) = (self.clone(), key.clone(), caller.clone(), task.clone());
        let task = task.clone();
        let write = move |tx: &mut dyn Transaction| -> Result<Answered, Attempt> {
            let row = storage::task::lock(tx, &asker.organization, &task)?.ok_or(Failure::NotFound)?;
            asker.reach(&row.id, &row.folder)?;
            if let Some(key) = &asked
                && let Some(body) = known(tx, &asker, key, remembered_since(now))?
            {
                return Ok(Answered { body, is_replayed: true });
            }
            let place = Place::of(tx, row)?;
            let made = app.register_all(tx, &asker, &place, &prepared, faults.clone(), now)?;
            let view = made.into_iter().next().ok_or_else(|| Failure::internal("nobody was registered"))?;
            let body = print(view)?;
            if let Some(key) = &asked {
                keep(tx, &asker, key, &body, now)?;
            }
            Ok(Answered { body, is_replayed: false })
        };
        match (self.storage().write(write).await, key) {
            (Ok(answered), _) => Ok(answered),
            (Err(Attempt::Taken), Some(key)) => {
                let body = self.first_answer(caller, &again, &key).await?.ok_or(Failure::Busy)?;
                Ok(Answered { body, is_replayed: true })
            }
            (Err(Attempt::Taken), None) => Err(Failure::internal("a token was taken that was not sent")),
            (Err(Attempt::Failed(failure)), _) => Err(failure),
        }
    }
}

const fn remembered_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-REMEMBERED_SECONDS)
}

fn known(
    tx: &mut dyn Transaction,
    caller: &Caller,
    key: &IdempotencyKey,
    since: Timestamp,
) -> Result<Option<String>, Failure> {
    let known = storage::token::find(tx, &caller.organization, SCOPE, &key.key)?;
    match known.filter(|known| known.at >= since) {
        None => Ok(None),
        Some(known) if known.request_digest == Some(key.digest) => Ok(Some(known.response)),
        Some(_) => {
            let should = "was used for another request; take a new one";
            Err(Fault::new(FaultPlace::header("Idempotency-Key"), Code::IdempotencyKeyReused, should).into())
        }
    }
}

fn keep(
    tx: &mut dyn Transaction,
    caller: &Caller,
    key: &IdempotencyKey,
    body: &str,
    now: Timestamp,
) -> Result<(), StorageError> {
    storage::token::forget_compared(tx, SCOPE, remembered_since(now))?;
    let token = ClientToken {
        organization_id: caller.organization.clone(),
        scope: SCOPE.to_owned(),
        token: key.key.clone(),
        request_digest: Some(key.digest),
        response: body.to_owned(),
        at: now,
    };
    storage::token::keep(tx, &token)
}
