//! The threads that hold connections: one that writes, a few that read.
//!
//! The writer takes all waiting requests (up to a limit), runs them in one transaction, commits
//! once and only then replies. Small writes, as the saving of an answer, come first, and large ones
//! share a commit with few others: when everybody hands in, nobody's answer waits behind all that.
//! A failed request is undone alone: if it had changed anything, the group runs again with a
//! savepoint for each. The writer never replies before the commit and never stops because of a
//! failed one.

use super::{Checkpointer, OpenFiles, SqliteTransaction, checkpoint, translate};
use crate::error::StorageError;
use crate::meters::measure_commit;
use crate::request::{RequestQueue, StorageRequest};
use crossbeam_channel::Select;
use rusqlite::Connection;
use std::time::Duration;

/// Large writes that share a commit at most, of each so many that may: a hand-in costs as much as
/// ten answers.
const LARGE_PART: usize = 4;

/// How long a server that ends waits for others to let go of the log.
const AT_THE_END: Duration = Duration::from_secs(2);

/// Counts the writes that were kept. What is older has the smaller number, also when its log was
/// lost.
const COUNT: &str =
    "INSERT INTO write_count (id, n) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = n + 1";

/// The two queues of the one writer.
pub(crate) struct WriteQueues {
    pub small: RequestQueue,
    pub large: RequestQueue,
}

impl WriteQueues {
    /// Waits for a request and takes all that may share its commit; none when nobody can send any
    /// more.
    fn group(&self, limit: usize) -> Option<Vec<Box<dyn StorageRequest>>> {
        let mut group = vec![self.first()?];
        let small = limit.saturating_sub(1);
        group.extend(self.small.try_iter().take(small));
        let large = limit.div_ceil(LARGE_PART).min(limit - group.len());
        group.extend(self.large.try_iter().take(large));
        Some(group)
    }

    fn first(&self) -> Option<Box<dyn StorageRequest>> {
        let mut either = Select::new();
        let small = either.recv(&self.small);
        either.recv(&self.large);
        let ready = either.select();
        // A queue that is given up is ready for ever; the other may still have something.
        if ready.index() == small {
            ready.recv(&self.small).or_else(|_| self.large.recv()).ok()
        } else {
            ready.recv(&self.large).or_else(|_| self.small.recv()).ok()
        }
    }
}

/// The one writing connection, and what goes with it.
pub(crate) struct SqliteWriter {
    pub connection: Connection,
    pub folding: Checkpointer,
    pub files: OpenFiles,
    /// Requests that share a commit at most.
    pub group: usize,
    /// Whether the log is emptied at the end: only by a server, never beside one.
    pub owns_log: bool,
}

/// Serves writes until every sender is gone and the queues are empty, then folds the log into the
/// database file.
pub(crate) fn serve_writes(writer: SqliteWriter, writes: &WriteQueues) {
    let SqliteWriter { connection, mut folding, files, group: group_limit, owns_log } = writer;
    let connection = &connection;
    while let Some(mut group) = writes.group(group_limit) {
        // Looked at after the commit: what was written to a file that nobody will find again was
        // not kept.
        let length = group.len();
        let commit = || commit_group(connection, &mut group).and_then(|()| files.are_in_place());
        let failure = measure_commit(length, commit).err();
        if let Some(failure) = &failure {
            tracing::error!(%failure, requests = group.len(), "a group of writes was not kept");
        }
        for request in group {
            request.reply(failure.clone());
        }
        folding.checkpoint_if_long(connection);
    }
    drop(folding);
    // A command that did this beside a server would hold the write lock while it waits for whoever
    // reads.
    if owns_log && let Err(error) = checkpoint::truncate_log(connection, AT_THE_END) {
        tracing::warn!(%error, "the log was not folded into the database; the next start does it");
    }
}

/// Runs all requests of a group in one transaction. An error means that nothing of it was kept.
fn commit_group(
    connection: &Connection,
    group: &mut [Box<dyn StorageRequest>],
) -> Result<(), StorageError> {
    // Were the last rollback to fail, every later group would find its transaction still open.
    roll_back(connection);
    // IMMEDIATE: one that reads before it writes fails at once, however long it may wait for locks,
    // when the command line has written in between.
    send(connection, "BEGIN IMMEDIATE")?;
    let counted = |changed| if changed { send(connection, COUNT) } else { Ok(()) };
    let outcome =
        run_group(connection, group).and_then(counted).and_then(|()| send(connection, "COMMIT"));
    if outcome.is_err() {
        roll_back(connection);
    }
    outcome
}

/// Most groups have no failure that needs undoing, and savepoints cost each save a tenth: so it is
/// tried without. True when something was changed.
fn run_group(
    connection: &Connection,
    group: &mut [Box<dyn StorageRequest>],
) -> Result<bool, StorageError> {
    let before = connection.total_changes();
    if run_together(connection, group)? {
        return Ok(connection.total_changes() != before);
    }
    send(connection, "ROLLBACK")?;
    send(connection, "BEGIN IMMEDIATE")?;
    // A request that was alone has its outcome, and is undone.
    if group.len() > 1 { run_apart(connection, group) } else { Ok(false) }
}

/// Ends a transaction that failed, if one is open: a full disk may have ended it already.
fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = send(connection, "ROLLBACK")
    {
        tracing::error!(%error, "a failed transaction could not be rolled back");
    }
}

/// Runs the requests one after another. False when one failed after it had changed something: then
/// nothing of the transaction may be kept.
fn run_together(
    connection: &Connection,
    group: &mut [Box<dyn StorageRequest>],
) -> Result<bool, StorageError> {
    for request in group {
        let before = connection.total_changes();
        let keep = run(connection, request)?;
        if !keep && connection.total_changes() != before {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs the requests one after another, undoing what a failed one did. True when something was
/// changed.
fn run_apart(
    connection: &Connection,
    group: &mut [Box<dyn StorageRequest>],
) -> Result<bool, StorageError> {
    let mut changed = false;
    for request in group {
        let before = connection.total_changes();
        send(connection, "SAVEPOINT request")?;
        if run(connection, request)? {
            changed |= connection.total_changes() != before;
        } else {
            send(connection, "ROLLBACK TO request")?;
        }
        send(connection, "RELEASE request")?;
    }
    Ok(changed)
}

/// Runs a request. True when its changes may be kept; an error when the transaction is gone.
fn run(
    connection: &Connection,
    request: &mut Box<dyn StorageRequest>,
) -> Result<bool, StorageError> {
    let keep = request.run(&mut SqliteTransaction::new(connection));
    // SQLite itself ends a transaction on a full disk or a failed read. The statements of the next
    // request would then each be a commit of its own, which no rollback takes back.
    if connection.is_autocommit() {
        return Err(StorageError::Unavailable("the database gave up the transaction".to_owned()));
    }
    Ok(keep)
}

/// Serves reads, each in a transaction that sees one state, until every sender is gone.
pub(crate) fn serve_reads(connection: &Connection, queue: &RequestQueue) {
    while let Ok(mut request) = queue.recv() {
        let failure = read_once(connection, &mut request).err();
        request.reply(failure);
    }
}

fn read_once(
    connection: &Connection,
    request: &mut Box<dyn StorageRequest>,
) -> Result<(), StorageError> {
    send(connection, "BEGIN")?;
    request.run(&mut SqliteTransaction::new(connection));
    if connection.is_autocommit() { Ok(()) } else { send(connection, "COMMIT") }
}

fn send(connection: &Connection, sql: &str) -> Result<(), StorageError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.raw_execute())
        .map_err(translate)
        .map(|_| ())
}
