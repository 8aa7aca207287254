//! Letting a candidate in on the word of the operator: for users of the organization, who have no
//! code of their own, and only from the command line.

use super::enter::NewCandidateSession;
use crate::caller::Caller;
use crate::failure::{Failure, MissingRight};
use crate::services::DeliveryService;
use domain::id::{CandidateId, TaskId};
use storage::Transaction;

impl DeliveryService {
    /// Begins a log-in session of a candidate who is known to be the one.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] for whoever is not the operator; [`Failure::NotFound`];
    /// `task_inactive`, `candidate_inactive`.
    pub async fn impersonate_candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
    ) -> Result<NewCandidateSession, Failure> {
        if !caller.is_operator() {
            return Err(MissingRight::Operator.into());
        }
        let (now, token) = (self.now(), self.new_token());
        let (app, caller, task, candidate) =
            (self.clone(), caller.clone(), task.clone(), candidate.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<NewCandidateSession, Failure> {
            let task =
                storage::task::find(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
            let found = storage::candidate::find(tx, &caller.organization, &task.id, &candidate)?;
            let found = found.filter(|row| row.erased_at.is_none()).ok_or(Failure::NotFound)?;
            app.begin_session(tx, &task, &found, &token, &caller.request, now)
        };
        self.storage().write(write).await
    }
}
