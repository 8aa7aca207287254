//! Reading candidates.

use super::CandidateView;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::CandidateService;
use crate::stored_number::unsigned;
use crate::unit_of_work::task_of;
use domain::id::{CandidateId, TaskId};
use domain::role::Right;
use storage::Transaction;
use storage::candidate::ExactCandidateFilter;

/// Values that all candidates of a list have, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateFilter {
    pub fullname: Option<String>,
    pub email: Option<String>,
    pub code: Option<String>,
}

impl CandidateService {
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
        caller.require(Right::ReadCandidates)?;
        let (app, caller, task) = (self.clone(), caller.clone(), task.clone());
        let CandidateFilter { fullname, email, code } = filter;
        let filter =
            ExactCandidateFilter { fullname, email, code, ..ExactCandidateFilter::default() };
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let read = move |tx: &mut dyn Transaction| {
            task_of(tx, &caller, &task)?;
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
        caller.require(Right::ReadCandidates)?;
        let (app, caller) = (self.clone(), caller.clone());
        let (task, candidate) = (task.clone(), candidate.clone());
        let read = move |tx: &mut dyn Transaction| {
            task_of(tx, &caller, &task)?;
            app.candidate_view(super::remove::find_candidate(tx, &caller, &task, &candidate)?)
        };
        self.storage().read(read).await
    }
}
