//! The change feed of a task: every instance that changed since a cursor, in the order of commits.
//!
//! A task's revision rises under its lock with every change, so whoever has read up to a revision
//! never later meets a change numbered below it (domain rules, 5.9).

use crate::caller::Caller;
use crate::failure::Failure;
use crate::results::{InstanceSerializer, ListingDetail, TaskHead, authorized_head};
use crate::services::ResultService;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::history::EpochHistory;
use domain::id::TaskId;
use domain::instance::InstanceChange;
use domain::role::Right;
use domain::time::Timestamp;
use storage::listing::{self, ListedInstance};
use storage::{ReadPool, Transaction};

/// What of a feed is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFeedQuery {
    pub mode: ListingDetail,
    /// 1 to 1000.
    pub limit: i64,
    /// None is the beginning.
    pub since: Option<String>,
}

/// A run of changes and the state it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFeed {
    pub head: TaskHead,
    /// `None` when the caller knows this state of the feed.
    pub run: Option<ChangeFeedPage>,
}

/// Changes in the order of their commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFeedPage {
    pub changes: Vec<ChangedInstance>,
    /// Where to go on.
    pub cursor: String,
    pub has_more: bool,
}

/// The latest change of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedInstance {
    pub cursor: String,
    pub kind: InstanceChange,
    pub at: Timestamp,
    pub instance: String,
    /// The instance as the list prints it, at the time of reading.
    pub printed: String,
}

impl ResultService {
    /// The changes of a task's instances after a cursor, each instance once, with its latest
    /// change.
    ///
    /// `is_known` is asked with the task's revision before any change is read.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task;
    /// `unknown_cursor`.
    pub async fn change_feed(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: ChangeFeedQuery,
        print: InstanceSerializer,
        is_known: impl Fn(&TaskHead) -> bool + Send + Sync + 'static,
    ) -> Result<ChangeFeed, Failure> {
        caller.require(Right::ReadResults)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (reader, of) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction, head: TaskHead| {
            let history = task_history(tx, &of)?;
            let Some(since) = position(&history, &of, &head, query.since.as_deref()) else {
                return Err(unknown_cursor().into());
            };
            if is_known(&head) {
                return Ok(ChangeFeed { head, run: None });
            }
            let run = run(tx, &history, &reader, (&of, &head), (since, &query), print)?;
            Ok(ChangeFeed { head, run: Some(run) })
        };
        self.read_replica_or_primary(ReadPool::Requests, caller, task, None, read).await
    }

    /// Whether a cursor is good for a task, for reporting a bad one beside other faults.
    ///
    /// # Errors
    /// As [`ResultService::change_feed`].
    pub async fn cursor_exists(
        &self,
        caller: &Caller,
        task: &TaskId,
        since: &str,
    ) -> Result<bool, Failure> {
        let (task, since) = (task.clone(), since.to_owned());
        self.read_as(caller, Right::ReadResults, move |work| {
            let head = authorized_head(work.tx, work.caller, &task)?;
            Ok(position(&task_history(work.tx, &task)?, &task, &head, Some(&since)).is_some())
        })
        .await
    }
}

/// The epochs in which a task changed.
pub(crate) fn task_history(
    tx: &mut dyn Transaction,
    task: &TaskId,
) -> Result<EpochHistory, Failure> {
    let history = storage::history::of_task(tx, task)?;
    history.ok_or_else(|| Failure::internal("the database's history does not read"))
}

/// The revision a cursor stands for, if the feed has got that far in this history.
fn position(
    history: &EpochHistory,
    task: &TaskId,
    head: &TaskHead,
    since: Option<&str>,
) -> Option<i64> {
    let Some(since) = since else { return Some(0) };
    history.read(task, since).filter(|revision| *revision <= head.revision)
}

fn unknown_cursor() -> Fault {
    Fault::new(
        FaultLocation::query("since"),
        ErrorCode::UnknownCursor,
        "must be a cursor of this task's feed",
    )
}

fn run(
    tx: &mut dyn Transaction,
    history: &EpochHistory,
    caller: &Caller,
    (task, head): (&TaskId, &TaskHead),
    (since, query): (i64, &ChangeFeedQuery),
    print: InstanceSerializer,
) -> Result<ChangeFeedPage, Failure> {
    let mut changes: Vec<ChangedInstance> = Vec::new();
    let (mut reached, mut has_more) = (since, false);
    // One row more than asked for tells whether there is more.
    listing::changes(
        tx,
        task,
        since,
        query.limit + 1,
        query.mode,
        &mut |listed: ListedInstance<'_>| {
            has_more = changes.len() as i64 == query.limit;
            if !has_more {
                let mut printed = String::new();
                print(caller, task, &listed, &mut printed);
                reached = listed.revision;
                changes.push(ChangedInstance {
                    cursor: history.issue(task, listed.revision),
                    kind: listed.change_kind,
                    at: listed.changed_at,
                    instance: listed.id.to_owned(),
                    printed,
                });
            }
            Ok(())
        },
    )?;
    // In the middle of a run the cursor tells how far the task is: what is ahead may be lost before
    // it is read.
    let cursor = if has_more {
        history.issue_midway(task, reached, head.revision)
    } else {
        history.issue(task, reached)
    };
    if let Some(last) = changes.last_mut() {
        last.cursor.clone_from(&cursor);
    }
    Ok(ChangeFeedPage { changes, cursor, has_more })
}
