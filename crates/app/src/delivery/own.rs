//! Users of the organization as candidates: the tasks they are registered in, which they enter by
//! being signed in.

use super::candidate_facts::CandidateFacts;
use super::enter::NewCandidateSession;
use super::steps::{self, CandidateStepView};
use crate::failure::Failure;
use crate::services::DeliveryService;
use crate::staff::StaffUser;
use domain::id::{CandidateId, TaskId};
use domain::instance::CandidateKind;
use storage::Transaction;
use storage::candidate::CandidateRow;

/// A task the user is registered in.
#[derive(Clone, Debug)]
pub struct OwnTask {
    pub task: TaskId,
    pub title: String,
    pub candidate: CandidateId,
    /// Task and registration are switched on.
    pub is_active: bool,
    pub steps: Vec<CandidateStepView>,
}

impl DeliveryService {
    /// The tasks that a signed-in user is registered in, in the order of registration.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn own_tasks(&self, staff: &StaffUser) -> Result<Vec<OwnTask>, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let (organization, user) = (staff.caller.organization.clone(), staff.user.id.clone());
        let read = move |tx: &mut dyn Transaction| {
            let mut tasks = Vec::new();
            for candidate in storage::candidate::list_by_user(tx, &organization, &user)?
                .into_iter()
                .filter(is_own)
            {
                let task = storage::task::find(tx, &organization, &candidate.task_id)?
                    .ok_or(Failure::NotFound)?;
                let rows = storage::step::list(tx, &organization, &task.id)?;
                let standing = CandidateFacts::load(tx, task, candidate)?;
                let views = rows
                    .iter()
                    .map(|row| steps::step_view(&standing, row, now))
                    .collect::<Result<_, _>>()?;
                tasks.push(OwnTask {
                    task: standing.task.id.clone(),
                    title: standing.task.title.clone(),
                    candidate: standing.candidate.id.clone(),
                    is_active: standing.task.active && standing.candidate.active,
                    steps: views,
                });
            }
            Ok::<_, Failure>(tasks)
        };
        self.storage().read(read).await
    }

    /// Begins a log-in session of the signed-in user's own registration in a task.
    ///
    /// # Errors
    /// [`Failure::NotFound`] when the user is not registered there; `task_inactive`,
    /// `candidate_inactive`.
    pub async fn enter_own_task(
        &self,
        staff: &StaffUser,
        task: &TaskId,
    ) -> Result<NewCandidateSession, Failure> {
        let (now, token) = (self.now(), self.new_token());
        let (app, staff, task) = (self.clone(), staff.clone(), task.clone());
        let write = move |tx: &mut dyn Transaction| -> Result<NewCandidateSession, Failure> {
            let organization = &staff.caller.organization;
            // Read here again: a user who was switched off meanwhile is not let in.
            let user =
                storage::user::find(tx, organization, &staff.user.id)?.filter(|user| user.active);
            let user = user.ok_or(Failure::Unauthenticated)?;
            let registered = storage::candidate::list_by_user(tx, organization, &user.id)?;
            let own =
                registered.into_iter().filter(is_own).find(|candidate| candidate.task_id == task);
            let own = own.ok_or(Failure::NotFound)?;
            let task = storage::task::find(tx, organization, &task)?.ok_or(Failure::NotFound)?;
            app.begin_session(tx, &task, &own, &token, &staff.caller.request, now)
        };
        self.storage().write(write).await
    }
}

fn is_own(candidate: &CandidateRow) -> bool {
    candidate.kind == CandidateKind::User && candidate.erased_at.is_none()
}
