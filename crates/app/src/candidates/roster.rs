//! The roll of a task: candidates as staff look through them, newest first, with how far each has
//! come.

use super::CandidateView;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::CandidateService;
use domain::id::{CandidateId, InstanceId, StepId, TaskId};
use domain::instance::{ClosingReason, InstanceState};
use domain::person_search::PersonSearch;
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::roster::SearchableCandidate;
pub use storage::roster::{
    CandidateProgress, CandidateStatus, InvitationCounts, RosterFilter as RollFilter, RosterStart,
    TaskCounts,
};

/// Rows looked at between two looks at how many were found.
const STRIDE: i64 = 2000;

/// Which part of the roll.
#[derive(Clone, Debug)]
pub struct RosterQuery {
    pub filter: RollFilter,
    /// In name, address, ids or code.
    pub text: Option<PersonSearch>,
    pub label: Option<String>,
    pub from: RosterStart,
    /// 1 to 100.
    pub limit: usize,
}

/// One line of the roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEntry {
    pub candidate: CandidateView,
    pub external_id: Option<String>,
    pub progress: CandidateProgress,
}

/// A part of the roll, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RosterPage {
    pub entries: Vec<RosterEntry>,
    /// Where the part with newer ones begins, if there may be some.
    pub newer: Option<i64>,
    pub older: Option<i64>,
}

/// What else is kept about one candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateDetail {
    pub candidate: CandidateView,
    pub external_id: Option<String>,
    pub uniq_id: Option<String>,
    pub credential1: Option<String>,
    pub has_credential2: bool,
    pub lang: Option<String>,
    pub favorite: bool,
    pub extra_emails: Vec<String>,
    /// The answers to the task's form, as a JSON object.
    pub form: Option<String>,
    pub created_at: Timestamp,
    pub last_activity_at: Option<Timestamp>,
    /// In the order they were started.
    pub attempts: Vec<CandidateAttempt>,
}

/// An instance of a candidate; figures are left to those who may read results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateAttempt {
    pub id: InstanceId,
    pub step: StepId,
    pub state: InstanceState,
    pub closing: Option<ClosingReason>,
    pub ignored: bool,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub waiting: i64,
}

impl CandidateService {
    /// A part of a task's roll.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `candidates:read`; [`Failure::NotFound`].
    pub async fn roster(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: RosterQuery,
    ) -> Result<RosterPage, Failure> {
        let task = task.clone();
        self.read_as(caller, Right::ReadCandidates, move |work| {
            work.task(&task)?;
            let mut found = found(work.tx, work.caller, &task, &query)?;
            let has_more = found.len() > query.limit;
            found.truncate(query.limit);
            let is_upward = matches!(query.from, RosterStart::Above(_));
            if is_upward {
                found.reverse();
            }
            let has_newer =
                if is_upward { has_more } else { query.from != RosterStart::Below(i64::MAX) };
            let has_older = is_upward || has_more;
            Ok(RosterPage {
                newer: found.first().map(|row| row.ordinal).filter(|_| has_newer),
                older: found.last().map(|row| row.ordinal).filter(|_| has_older),
                entries: found
                    .into_iter()
                    .map(|row| work.app.candidates().entry(work.tx, row))
                    .collect::<Result<_, _>>()?,
            })
        })
        .await
    }

    /// The numbers of a task.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `tasks:read`; [`Failure::NotFound`].
    pub async fn task_counts(&self, caller: &Caller, task: &TaskId) -> Result<TaskCounts, Failure> {
        caller.require(Right::ReadTasks)?;
        self.delivery().ensure_deadlines_swept().await?;
        let task = task.clone();
        self.read_for(caller, move |work| {
            work.task(&task)?;
            Ok(storage::roster::counts(work.tx, work.organization, &task)?)
        })
        .await
    }

    /// How many candidates inviting everybody not invited yet would reach, and why not the others.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `candidates:write`; [`Failure::NotFound`].
    pub async fn invitation_counts(
        &self,
        caller: &Caller,
        task: &TaskId,
    ) -> Result<InvitationCounts, Failure> {
        let task = task.clone();
        self.read_as(caller, Right::WriteCandidates, move |work| {
            work.task(&task)?;
            Ok(storage::roster::invitation_counts(work.tx, work.organization, &task)?)
        })
        .await
    }

    /// One candidate with instances and everything staff look up.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `candidates:read`; [`Failure::NotFound`].
    pub async fn candidate_detail(
        &self,
        caller: &Caller,
        task: &TaskId,
        candidate: &CandidateId,
    ) -> Result<CandidateDetail, Failure> {
        caller.require(Right::ReadCandidates)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (task, candidate) = (task.clone(), candidate.clone());
        self.read_for(caller, move |work| {
            work.task(&task)?;
            let row = super::remove::find_candidate(work, &task, &candidate)?;
            let instances = storage::instance::list_by_candidate(work.tx, &candidate)?;
            work.app.candidates().file(row, instances)
        })
        .await
    }

    fn entry(&self, tx: &mut dyn Transaction, row: CandidateRow) -> Result<RosterEntry, Failure> {
        let progress = storage::roster::progress(tx, &row.id)?;
        Ok(RosterEntry {
            external_id: row.external_id.clone(),
            candidate: self.candidate_view(row)?,
            progress,
        })
    }

    fn file(
        &self,
        row: CandidateRow,
        instances: Vec<storage::instance::InstanceRow>,
    ) -> Result<CandidateDetail, Failure> {
        let attempt = |row: storage::instance::InstanceRow| CandidateAttempt {
            id: row.id,
            step: row.step_id,
            state: row.state,
            closing: row.closing,
            ignored: row.ignored,
            started_at: row.started_at,
            completed_at: row.completed_at,
            waiting: row.waiting,
        };
        Ok(CandidateDetail {
            external_id: row.external_id.clone(),
            uniq_id: row.uniq_id.clone(),
            credential1: row.credential1.clone(),
            has_credential2: row.credential2_hash.is_some(),
            lang: row.lang.clone(),
            favorite: row.favorite,
            extra_emails: from_json(&row.extra_emails)?,
            form: row.room_form.clone(),
            created_at: row.created_at,
            last_activity_at: row.last_activity_at,
            attempts: instances.into_iter().map(attempt).collect(),
            candidate: self.candidate_view(row)?,
        })
    }
}

/// One more than the part holds, when there is one.
fn found(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    query: &RosterQuery,
) -> Result<Vec<CandidateRow>, Failure> {
    let most = query.limit.saturating_add(1);
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let RosterQuery { filter, from, .. } = query;
    if query.text.is_none() && query.label.is_none() {
        return Ok(storage::roster::list(tx, &caller.organization, task, filter, *from, limit)?);
    }
    let mut rows = Vec::new();
    for id in find_matching(tx, caller, task, query, most)? {
        rows.extend(storage::candidate::find(tx, &caller.organization, task, &id)?);
    }
    Ok(rows)
}

/// Walks the task until so many fit.
fn find_matching(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    query: &RosterQuery,
    most: usize,
) -> Result<Vec<CandidateId>, Failure> {
    let (mut ids, mut from) = (Vec::new(), query.from);
    loop {
        let (mut seen, mut last, mut failed) = (0, 0, None);
        storage::roster::walk(
            tx,
            &caller.organization,
            task,
            &query.filter,
            from,
            STRIDE,
            &mut |row| {
                (seen, last) = (seen + 1, row.ordinal);
                match fits(query, row) {
                    Ok(true) if ids.len() < most => ids.push(CandidateId::from(row.id)),
                    Ok(_) => {}
                    Err(failure) => failed = Some(failure),
                }
                Ok(())
            },
        )?;
        if let Some(failure) = failed {
            return Err(failure);
        }
        if seen < STRIDE || ids.len() >= most {
            return Ok(ids);
        }
        from = match from {
            RosterStart::Below(_) => RosterStart::Below(last),
            RosterStart::Above(_) => RosterStart::Above(last),
        };
    }
}

fn fits(query: &RosterQuery, row: SearchableCandidate<'_>) -> Result<bool, Failure> {
    let names = [row.fullname, row.email, row.external_id, row.uniq_id, row.code];
    let has_text = |text: &PersonSearch| text.is_contained_in(names.iter().flatten().copied());
    if !query.text.as_ref().is_none_or(has_text) {
        return Ok(false);
    }
    let Some(label) = &query.label else { return Ok(true) };
    let own: Vec<String> = from_json(row.labels)?;
    Ok(own.contains(label))
}
