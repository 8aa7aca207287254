//! Undoing a mistaken registration, and renewing a candidate's access.

use super::CandidateView;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::CandidateService;
use domain::id::{CandidateId, TaskId};
use domain::refusal::Refusal;
use domain::role::Right;
use storage::Transaction;
use storage::candidate::CandidateRow;

impl CandidateService {
    /// Deletes a candidate who never took part; frees uniqId and credentials, and cancels mail not
    /// yet sent.
    ///
    /// # Errors
    /// `candidate_already_participated` when the candidate entered or has an instance, an ignored
    /// one too; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn delete_candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
    ) -> Result<(), Failure> {
        caller.require(Right::WriteCandidates)?;
        let now = self.now();
        let (app, caller) = (self.clone(), caller.clone());
        let (task, candidate) = (task.clone(), candidate.clone());
        let write = move |tx: &mut dyn Transaction| {
            let row = lock_candidate(tx, &caller, &task, &candidate)?;
            if row.logged_in || !storage::instance::list_by_candidate(tx, &row.id)?.is_empty() {
                return Err(Refusal::CandidateAlreadyParticipated.into());
            }
            storage::mail::forget(tx, &candidate, now)?;
            // The answer to the registration tells of the person; a repeated request must not bring
            // it back.
            storage::erasure::answers(tx, &caller.organization, &candidate, &[])?;
            storage::candidate::delete(tx, &caller.organization, &task, &candidate)?;
            app.record_event(
                tx,
                now,
                &caller,
                candidate_event(AuditEventKind::CandidateDeleted, &row),
            )
        };
        self.storage().write(write).await
    }

    /// Gives a candidate a new invitation code; the old code, its link and all log-in sessions are
    /// dead at once.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn renew_access(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
    ) -> Result<CandidateView, Failure> {
        caller.require(Right::WriteCandidates)?;
        let now = self.now();
        let (app, caller) = (self.clone(), caller.clone());
        let (task, candidate) = (task.clone(), candidate.clone());
        let write = move |tx: &mut dyn Transaction| {
            let mut row = lock_candidate(tx, &caller, &task, &candidate)?;
            row.invitation_code = Some(app.new_invitation_code(tx)?.into());
            storage::candidate::update(tx, &row)?;
            let ended = storage::session::end_all(tx, &row.id, now)?;
            let renewed = candidate_event(AuditEventKind::CandidateAccessRenewed, &row)
                .with("sessionsEnded", ended);
            app.record_event(tx, now, &caller, renewed)?;
            app.candidate_view(row)
        };
        self.storage().write(write).await
    }
}

/// A candidate who was not erased.
pub(super) fn find_candidate(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    candidate: &CandidateId,
) -> Result<CandidateRow, Failure> {
    let row = storage::candidate::find(tx, &caller.organization, task, candidate)?;
    row.filter(|row| row.erased_at.is_none()).ok_or(Failure::NotFound)
}

/// The same, with the task locked.
pub(super) fn lock_candidate(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    candidate: &CandidateId,
) -> Result<CandidateRow, Failure> {
    let row = storage::task::lock(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
    caller.require_task_access(&row.id, &row.folder)?;
    find_candidate(tx, caller, task, candidate)
}

pub(super) fn candidate_event(kind: AuditEventKind, row: &CandidateRow) -> AuditEvent {
    AuditEvent::of_organization(kind).about("candidateId", &row.id).about("taskId", &row.task_id)
}
