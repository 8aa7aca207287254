//! Log-in sessions of candidates, read inside the transaction that relies on them.

use crate::audit::ActorContext;
use crate::caller::{Actor, CandidateSession};
use crate::failure::Failure;
use crate::services::DeliveryService;
use domain::id::{CandidateId, InstanceId, OrganizationId, TaskId};
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::instance::InstanceRow;

/// ExactCandidateFilter log-in session it is.
pub(super) struct SessionOwner {
    pub organization: OrganizationId,
    pub task: TaskId,
    pub candidate: CandidateId,
    /// Who is written into events.
    pub actor: ActorContext,
}

/// The session of a visitor.
///
/// # Errors
/// [`Failure::Unauthenticated`] when there is none or it has ended.
pub(super) fn load_session(
    tx: &mut dyn Transaction,
    visitor: &CandidateSession,
) -> Result<SessionOwner, Failure> {
    let session =
        storage::session::find(tx, &visitor.token_hash)?.ok_or(Failure::Unauthenticated)?;
    let doer = visitor.actor_context(session.organization_id.clone(), &session.candidate_id);
    Ok(SessionOwner {
        organization: session.organization_id,
        task: session.task_id,
        candidate: session.candidate_id,
        actor: doer,
    })
}

impl CandidateSession {
    /// Who is written into events, once it is known whose session it is.
    pub(super) fn actor_context(
        &self,
        organization: OrganizationId,
        candidate: &CandidateId,
    ) -> ActorContext {
        ActorContext {
            organization,
            actor: Actor::candidate(candidate),
            request: Some(self.request.clone()),
        }
    }
}

impl SessionOwner {
    /// The candidate's row.
    pub(super) fn candidate(&self, tx: &mut dyn Transaction) -> Result<CandidateRow, Failure> {
        let row = storage::candidate::find(tx, &self.organization, &self.task, &self.candidate)?;
        row.filter(|row| row.erased_at.is_none()).ok_or(Failure::Unauthenticated)
    }

    /// An instance of this candidate; anybody else's is not found.
    pub(super) fn own_instance(
        &self,
        tx: &mut dyn Transaction,
        instance: &InstanceId,
    ) -> Result<InstanceRow, Failure> {
        let row = storage::instance::find(tx, &self.organization, &self.task, instance)?;
        row.filter(|row| row.candidate_id == self.candidate && row.erased_at.is_none())
            .ok_or(Failure::NotFound)
    }
}

impl DeliveryService {
    /// Ends a log-in session. Repeating it is harmless.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_candidate_session(&self, visitor: &CandidateSession) -> Result<(), Failure> {
        let (now, hash) = (self.now(), visitor.token_hash);
        let write = move |tx: &mut dyn Transaction| -> Result<(), Failure> {
            storage::session::end(tx, &hash, now)?;
            Ok(())
        };
        self.storage().write(write).await
    }
}
