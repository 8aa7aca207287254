//! Reading candidates.

use super::CandidateView;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::CandidateService;
use crate::stored_number::unsigned;
use domain::id::{CandidateId, TaskId};
use domain::role::Right;
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
        let task = task.clone();
        let CandidateFilter { fullname, email, code } = filter;
        let filter =
            ExactCandidateFilter { fullname, email, code, ..ExactCandidateFilter::default() };
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        self.read_as(caller, Right::ReadCandidates, move |work| {
            work.task(&task)?;
            let organization = work.organization;
            let total = storage::candidate::count(work.tx, organization, &task, &filter)?;
            let limit = i64::from(limit);
            let rows =
                storage::candidate::page(work.tx, organization, &task, &filter, limit, skip)?;
            let candidates = work.app.candidates();
            let views = rows.into_iter().map(|row| candidates.candidate_view(row));
            Ok((unsigned(total)?, views.collect::<Result<_, Failure>>()?))
        })
        .await
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
        let (task, candidate) = (task.clone(), candidate.clone());
        self.read_as(caller, Right::ReadCandidates, move |work| {
            work.task(&task)?;
            work.app
                .candidates()
                .candidate_view(super::remove::find_candidate(work, &task, &candidate)?)
        })
        .await
    }
}
