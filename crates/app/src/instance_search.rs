//! Searching a task's instances: runs behind a position, in creation order.

use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::results::{Listed, Mode, Print, head_for};
use domain::fault::{Code, Fault, Place};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;
pub use storage::candidate::Filter as Whose;
use storage::search;
pub use storage::search::Meta;
use storage::{ReadPool, Transaction};

/// Rows looked through at once where SQL cannot tell whether they fit.
const STRIDE: i64 = 1000;

/// Which run of which instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    pub mode: Mode,
    /// 1 to 1000.
    pub limit: i64,
    /// The run begins behind this instance; none is the beginning.
    pub after: Option<InstanceId>,
    pub sought: Sought,
}

/// What all instances of a run have; absent is any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// What they are themselves. The label is one of their own.
    Meta { meta: Meta, label: Option<String> },
    /// What their candidates have now, exactly.
    Candidate(Whose),
}

/// The rows of a run as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRun {
    pub rows: String,
    /// The last row, when more follow.
    pub last: Option<String>,
}

impl App {
    /// A run of a task's instances in creation order.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task; `unknown_cursor`.
    pub async fn search_instances(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: SearchQuery,
        print: Print,
    ) -> Result<SearchRun, Failure> {
        caller.require(Scope::ResultsRead)?;
        self.settled().await?;
        let (reader, of) = (caller.clone(), task.clone());
        let is_revised = matches!(query.sought, Sought::Meta { .. });
        let read = move |tx: &mut dyn Transaction| {
            let Some(after) = position(tx, &of, query.after.as_ref())? else {
                return Err(unknown_position().into());
            };
            let mut found = Found { caller: &reader, task: &of, query: &query, print, run: Run::default() };
            found.run.reached = after;
            found.look(tx)?;
            Ok(found.run.finish())
        };
        if is_revised {
            return self.read_results(ReadPool::Requests, caller, task, None, move |tx, _| read(tx)).await;
        }
        // What a candidate has now is no part of the task's revision.
        let (caller, task) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            head_for(tx, &caller, &task)?;
            read(tx)
        };
        self.storage().read(read).await
    }

    /// Whether a run can begin behind an instance, for reporting an unknown one beside other faults.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task.
    pub async fn check_position(&self, caller: &Caller, task: &TaskId, after: &InstanceId) -> Result<bool, Failure> {
        caller.require(Scope::ResultsRead)?;
        let (caller, task, after) = (caller.clone(), task.clone(), after.clone());
        let read = move |tx: &mut dyn Transaction| {
            head_for(tx, &caller, &task)?;
            Ok(position(tx, &task, Some(&after))?.is_some())
        };
        self.storage().read(read).await
    }
}

fn position(tx: &mut dyn Transaction, task: &TaskId, after: Option<&InstanceId>) -> Result<Option<i64>, Failure> {
    match after {
        None => Ok(Some(0)),
        Some(after) => Ok(search::ordinal(tx, task, after)?),
    }
}

fn unknown_position() -> Fault {
    Fault::new(Place::query("lastDocId"), Code::UnknownCursor, "must be a test instance of this task")
}

struct Found<'query> {
    caller: &'query Caller,
    task: &'query TaskId,
    query: &'query SearchQuery,
    print: Print,
    run: Run,
}

/// What was found so far.
#[derive(Default)]
struct Run {
    rows: String,
    taken: i64,
    last: String,
    has_more: bool,
    /// The ordinal looked at last.
    reached: i64,
    failed: Option<Failure>,
}

impl Run {
    fn finish(self) -> SearchRun {
        SearchRun { rows: self.rows, last: self.has_more.then_some(self.last) }
    }
}

impl Found<'_> {
    /// Looks until the run is full and it is known whether more follow.
    fn look(&mut self, tx: &mut dyn Transaction) -> Result<(), Failure> {
        let label = match &self.query.sought {
            Sought::Meta { label, .. } => label.as_deref(),
            Sought::Candidate(_) => None,
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
    fn look_at(&mut self, tx: &mut dyn Transaction, stride: i64, label: Option<&str>) -> Result<i64, Failure> {
        let Self { caller, task, query, print, run } = self;
        // Labels are read with the details only.
        let mode = if label.is_some() { Mode::Detailed } else { query.mode };
        let (after, mut seen) = (run.reached, 0);
        let mut each = |listed: Listed<'_>| {
            seen += 1;
            run.take(&listed, label, query, |listed, out| print(caller, task, listed, out));
            Ok(())
        };
        match &query.sought {
            Sought::Meta { meta, .. } => search::by_meta(tx, task, after, meta, stride, mode, &mut each)?,
            Sought::Candidate(whose) => {
                search::by_candidate(tx, &caller.organization, task, after, whose, stride, mode, &mut each)?;
            }
        }
        Ok(seen)
    }
}

impl Run {
    fn take(
        &mut self,
        listed: &Listed<'_>,
        label: Option<&str>,
        query: &SearchQuery,
        print: impl FnOnce(&Listed<'_>, &mut String),
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
        let details = listed.details.filter(|_| query.mode == Mode::Detailed);
        print(&Listed { details, ..*listed }, &mut self.rows);
        self.taken += 1;
        self.last.clear();
        self.last.push_str(listed.id);
    }
}

pub(crate) fn has_label(listed: &Listed<'_>, label: &str) -> Result<bool, Failure> {
    let Some(details) = &listed.details else { return Ok(false) };
    let labels: Vec<String> = from_json(details.labels)?;
    Ok(labels.iter().any(|own| own == label))
}
