//! Undoing a mistaken registration, and renewing a candidate's access.

use super::CandidateView;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::CandidateService;
use crate::unit_of_work::UnitOfWork;
use domain::id::{CandidateId, TaskId};
use domain::refusal::Refusal;
use domain::role::Right;
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
        let (task, candidate) = (task.clone(), candidate.clone());
        self.write_as(caller, Right::WriteCandidates, move |work| {
            let row = lock_candidate(work, &task, &candidate)?;
            if row.logged_in || !storage::instance::list_by_candidate(work.tx, &row.id)?.is_empty()
            {
                return Err(Refusal::CandidateAlreadyParticipated.into());
            }
            storage::mail::forget(work.tx, &candidate, work.now)?;
            // The answer to the registration tells of the person; a repeated request must not bring
            // it back.
            storage::erasure::answers(work.tx, work.organization, &candidate, &[])?;
            storage::candidate::delete(work.tx, work.organization, &task, &candidate)?;
            work.record_event(candidate_event(AuditEventKind::CandidateDeleted, &row))
        })
        .await
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
        let (task, candidate) = (task.clone(), candidate.clone());
        self.write_as(caller, Right::WriteCandidates, move |work| {
            let mut row = lock_candidate(work, &task, &candidate)?;
            row.invitation_code = Some(work.app.candidates().new_invitation_code(work.tx)?.into());
            storage::candidate::update(work.tx, &row)?;
            let ended = storage::session::end_all(work.tx, &row.id, work.now)?;
            let renewed = candidate_event(AuditEventKind::CandidateAccessRenewed, &row)
                .with("sessionsEnded", ended);
            work.record_event(renewed)?;
            work.app.candidates().candidate_view(row)
        })
        .await
    }
}

/// A candidate who was not erased.
pub(super) fn find_candidate(
    work: &mut UnitOfWork<'_>,
    task: &TaskId,
    candidate: &CandidateId,
) -> Result<CandidateRow, Failure> {
    let row = storage::candidate::find(work.tx, work.organization, task, candidate)?;
    row.filter(|row| row.erased_at.is_none()).ok_or(Failure::NotFound)
}

/// The same, with the task locked.
pub(super) fn lock_candidate(
    work: &mut UnitOfWork<'_>,
    task: &TaskId,
    candidate: &CandidateId,
) -> Result<CandidateRow, Failure> {
    work.lock_task(task)?;
    find_candidate(work, task, candidate)
}

pub(super) fn candidate_event(kind: AuditEventKind, row: &CandidateRow) -> AuditEvent {
    AuditEvent::of_organization(kind).about("candidateId", &row.id).about("taskId", &row.task_id)
}
