//! Reading candidates.

use super::CandidateView;
use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::stored_number::unsigned;
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;
use storage::Transaction;
use storage::candidate::ExactCandidateFilter;

/// Values that all candidates of a list have, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateFilter {
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub code: Option<String>,
}

impl App {
    /// Candidates of a task in creation order that fit a filter, and how many there are.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn list_candidates(
        &self,
        caller: &Caller,
        task: &TaskId,
        filter: CandidateFilter,
        limit: u32,
        skip: u64,
    ) -> Result<(u64, Vec<CandidateView>), Failure> {
        caller.require_scope(Scope::CandidatesRead)?;
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let CandidateFilter { fullname, email, code } = filter;
        let filter =
            ExactCandidateFilter { fullname, email, code, ..ExactCandidateFilter::default() };
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let read = move |tx: &mut dyn Transaction| {
            let row =
                storage::task::find(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
            caller.require_task_access(&row.id, &row.folder)?;
            let total =
                unsigned(storage::candidate::count(tx, &caller.organization, &task, &filter)?)?;
            let rows = storage::candidate::page(
                tx,
                &caller.organization,
                &task,
                &filter,
                i64::from(limit),
                skip,
            )?;
            let views = rows
                .into_iter()
                .map(|row| app.candidate_view(row))
                .collect::<Result<_, Failure>>()?;
            Ok((total, views))
        };
        self.storage().read(read).await
    }

    /// One candidate; an erased one is not found.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn candidate(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
    ) -> Result<CandidateView, Failure> {
        caller.require_scope(Scope::CandidatesRead)?;
        let (app, caller) = (self.clone(), caller.clone());
        let (task, candidate) = (task.clone(), candidate.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row =
                storage::task::find(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
            caller.require_task_access(&row.id, &row.folder)?;
            app.candidate_view(super::remove::find_candidate(tx, &caller, &task, &candidate)?)
        };
        self.storage().read(read).await
    }
}
