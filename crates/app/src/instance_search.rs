//! Searching a task's instances: runs behind a position, in creation order.

use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::results::{InstanceSerializer, ListedInstance, ListingDetail, authorized_head};
use crate::services::ResultService;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;
pub use storage::candidate::ExactCandidateFilter;
use storage::search;
pub use storage::search::InstanceMetaFilter;
use storage::{ReadPool, Transaction};

/// Rows looked through at once where SQL cannot tell whether they fit.
const STRIDE: i64 = 1000;

/// Which run of which instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSearchQuery {
    pub mode: ListingDetail,
    /// 1 to 1000.
    pub limit: i64,
    /// The run begins behind this instance; none is the beginning.
    pub after: Option<InstanceId>,
    pub filter: InstanceSearchFilter,
}

/// What all instances of a run have; absent is any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceSearchFilter {
    /// What they are themselves. The label is one of their own.
    Meta { meta: InstanceMetaFilter, label: Option<String> },
    /// What their candidates have now, exactly.
    Candidate(ExactCandidateFilter),
}

/// The rows of a run as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstanceSearchPage {
    pub rows: String,
    /// The last row, when more follow.
    pub last: Option<String>,
}

impl ResultService {
    /// A run of a task's instances in creation order.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task;
    /// `unknown_cursor`.
    pub async fn search_instances(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: InstanceSearchQuery,
        print: InstanceSerializer,
    ) -> Result<InstanceSearchPage, Failure> {
        caller.require(Right::ReadResults)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (reader, of) = (caller.clone(), task.clone());
        let is_revised = matches!(query.filter, InstanceSearchFilter::Meta { .. });
        let read = move |tx: &mut dyn Transaction| {
            let Some(after) = position(tx, &of, query.after.as_ref())? else {
                return Err(unknown_position().into());
            };
            let mut found = InstanceSearch {
                caller: &reader,
                task: &of,
                query: &query,
                print,
                run: SearchProgress::default(),
            };
            found.run.reached = after;
            found.look(tx)?;
            Ok(found.run.finish())
        };
        if is_revised {
            return self
                .read_replica_or_primary(ReadPool::Requests, caller, task, None, move |tx, _| {
                    read(tx)
                })
                .await;
        }
        // What a candidate has now is no part of the task's revision.
        let task = task.clone();
        self.read_for(caller, move |work| {
            authorized_head(work.tx, work.caller, &task)?;
            read(work.tx)
        })
        .await
    }

    /// Whether a run can begin behind an instance, for reporting an unknown one beside other
    /// faults.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task.
    pub async fn position_exists(
        &self,
        caller: &Caller,
        task: &TaskId,
        after: &InstanceId,
    ) -> Result<bool, Failure> {
        let (task, after) = (task.clone(), after.clone());
        self.read_as(caller, Right::ReadResults, move |work| {
            authorized_head(work.tx, work.caller, &task)?;
            Ok(position(work.tx, &task, Some(&after))?.is_some())
        })
        .await
    }
}

fn position(
    tx: &mut dyn Transaction,
    task: &TaskId,
    after: Option<&InstanceId>,
) -> Result<Option<i64>, Failure> {
    match after {
        None => Ok(Some(0)),
        Some(after) => Ok(search::ordinal(tx, task, after)?),
    }
}

fn unknown_position() -> Fault {
    Fault::new(
        FaultLocation::query("lastDocId"),
        ErrorCode::UnknownCursor,
        "must be a test instance of this task",
    )
}

struct InstanceSearch<'query> {
    caller: &'query Caller,
    task: &'query TaskId,
    query: &'query InstanceSearchQuery,
    print: InstanceSerializer,
    run: SearchProgress,
}

/// What was found so far.
#[derive(Default)]
struct SearchProgress {
    rows: String,
    taken: i64,
    last: String,
    has_more: bool,
    /// The ordinal looked at last.
    reached: i64,
    failed: Option<Failure>,
}

impl SearchProgress {
    fn finish(self) -> InstanceSearchPage {
        InstanceSearchPage { rows: self.rows, last: self.has_more.then_some(self.last) }
    }
}

impl InstanceSearch<'_> {
    /// Looks until the run is full and it is known whether more follow.
    fn look(&mut self, tx: &mut dyn Transaction) -> Result<(), Failure> {
        let label = match &self.query.filter {
            InstanceSearchFilter::Meta { label, .. } => label.as_deref(),
            InstanceSearchFilter::Candidate(_) => None,
        };
        let stride = if label.is_some() { STRIDE } else { self.query.limit + 1 };
        loop {
            let seen = self.look_at(tx, stride, label)?;
            if let Some(failure) = self.run.failed.take() {
                return Err(failure);
            }
            if seen < stride || self.run.has_more {
                return Ok(());
            }
        }
    }

    /// Looks at so many rows; gives how many there were.
    fn look_at(
        &mut self,
        tx: &mut dyn Transaction,
        stride: i64,
        label: Option<&str>,
    ) -> Result<i64, Failure> {
        let Self { caller, task, query, print, run } = self;
        // Labels are read with the details only.
        let mode = if label.is_some() { ListingDetail::Detailed } else { query.mode };
        let (after, mut seen) = (run.reached, 0);
        let mut each = |listed: ListedInstance<'_>| {
            seen += 1;
            run.take(&listed, label, query, |listed, out| print(caller, task, listed, out));
            Ok(())
        };
        match &query.filter {
            InstanceSearchFilter::Meta { meta, .. } => {
                search::by_meta(tx, task, after, meta, stride, mode, &mut each)?
            }
            InstanceSearchFilter::Candidate(whose) => {
                search::by_candidate(
                    tx,
                    &caller.organization,
                    task,
                    after,
                    whose,
                    stride,
                    mode,
                    &mut each,
                )?;
            }
        }
        Ok(seen)
    }
}

impl SearchProgress {
    fn take(
        &mut self,
        listed: &ListedInstance<'_>,
        label: Option<&str>,
        query: &InstanceSearchQuery,
        print: impl FnOnce(&ListedInstance<'_>, &mut String),
    ) {
        self.reached = listed.ordinal;
        let fits = label.is_none_or(|label| {
            has_label(listed, label).unwrap_or_else(|failure| {
                self.failed = Some(failure);
                false
            })
        });
        if !fits || self.has_more {
            return;
        }
        if self.taken == query.limit {
            self.has_more = true;
            return;
        }
        if self.taken > 0 {
            self.rows.push(',');
        }
        let details = listed.details.filter(|_| query.mode == ListingDetail::Detailed);
        print(&ListedInstance { details, ..*listed }, &mut self.rows);
        self.taken += 1;
        self.last.clear();
        self.last.push_str(listed.id);
    }
}

pub(crate) fn has_label(listed: &ListedInstance<'_>, label: &str) -> Result<bool, Failure> {
    let Some(details) = &listed.details else { return Ok(false) };
    let labels: Vec<String> = from_json(details.labels)?;
    Ok(labels.iter().any(|own| own == label))
}
