//! The threads that hold connections to PostgreSQL: some that write, some that commit small writes
//! together, some that read.
//!
//! A request that met another transaction or lost its connection runs again, a bounded number of
//! times. One thing is never repeated: a commit whose answer did not come, because it may have been
//! done; the caller is told 503 and asks again with what makes asking again harmless.

use super::connection::PostgresConnection;
use super::statement_error::{RetryDecision, StatementError};
use super::transaction::PostgresTransaction;
use crate::error::StorageError;
use crate::meters::measure_commit;
use crate::request::{RequestQueue, StorageRequest};
use std::time::Duration;

/// Together they wait about 3 seconds, longer than a database's own failing over inside one machine
/// and shorter than a caller's patience.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1000),
    Duration::from_millis(1500),
];

const CONFLICT_TRIES: usize = 3;

/// A connection may have ended since it was last used, no more: what a replica does not do the
/// primary does.
const REPLICA_PAUSES: [Duration; 1] = [Duration::from_millis(5)];

enum RequestEnd {
    /// Over; a failure is the transaction's, not the closure's own.
    Settled(Option<StorageError>),
    /// Nothing was kept and the same again may succeed.
    Again(StorageError),
}

/// Serves writes, each in a transaction of its own, until every sender is gone.
pub(crate) fn serve_writes(line: &mut PostgresConnection, queue: &RequestQueue) {
    while let Ok(request) = queue.recv() {
        measure_commit(1, || insist(line, request, write_once, &PAUSES));
    }
}

/// Serves writes that lock nothing but one instance, many in one transaction, until every sender is
/// gone.
pub(crate) fn serve_groups(
    line: &mut PostgresConnection,
    queue: &RequestQueue,
    group_limit: usize,
) {
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        group.extend(queue.try_iter().take(group_limit.saturating_sub(1)));
        let together = if group.len() > 1 {
            measure_commit(group.len(), || write_together(line, &mut group))
        } else {
            GroupOutcome::Apart
        };
        match together {
            GroupOutcome::Settled(failure) => {
                group.into_iter().for_each(|request| request.reply(failure.clone()))
            }
            GroupOutcome::Apart => {
                group.into_iter().for_each(|request| {
                    measure_commit(1, || insist(line, request, write_once, &PAUSES))
                });
            }
        }
    }
}

/// Serves reads until every sender is gone.
pub(crate) fn serve_reads(line: &mut PostgresConnection, queue: &RequestQueue) {
    serve_reads_within(line, queue, &PAUSES);
}

/// Serves reads from a replica, which is given up sooner, until every sender is gone.
pub(crate) fn serve_replica_reads(line: &mut PostgresConnection, queue: &RequestQueue) {
    serve_reads_within(line, queue, &REPLICA_PAUSES);
}

fn serve_reads_within(line: &mut PostgresConnection, queue: &RequestQueue, pauses: &[Duration]) {
    while let Ok(request) = queue.recv() {
        insist(line, request, read_once, pauses);
        // While others wait, the transaction is closed on the way of the next one's first
        // statement.
        if line.is_left_open() && queue.is_empty() {
            let _ = line.run_script("COMMIT");
        }
    }
}

/// Runs a request until it is settled or has been tried again after every pause, and replies.
fn insist(
    line: &mut PostgresConnection,
    mut request: Box<dyn StorageRequest>,
    once: fn(&mut PostgresConnection, &mut Box<dyn StorageRequest>) -> RequestEnd,
    pauses: &[Duration],
) {
    for tried in 0.. {
        let error = match once(line, &mut request) {
            RequestEnd::Settled(failure) => return request.reply(failure),
            RequestEnd::Again(error) => error,
        };
        // A number that was taken a moment ago is free the next time, or it never is.
        let tries =
            if matches!(error, StorageError::Conflict(_)) { CONFLICT_TRIES } else { pauses.len() };
        match pauses.iter().take(tries).nth(tried) {
            Some(pause) => line.pause(*pause),
            None => {
                tracing::warn!(%error, "a transaction was given up");
                return request.reply(Some(error));
            }
        }
    }
}

fn write_once(line: &mut PostgresConnection, request: &mut Box<dyn StorageRequest>) -> RequestEnd {
    let mut tx = match PostgresTransaction::new(line) {
        Ok(tx) => tx,
        Err(broken) => return undo(line, false, broken),
    };
    let keep = request.run(&mut tx);
    let (broken, begun, is_unchanged) = (tx.statement_error(), tx.has_begun(), tx.changes() == 0);
    match broken {
        Some(broken) => match undo(line, begun, broken.clone()) {
            // What the closure made of it is the caller's answer, unless it took no notice.
            RequestEnd::Settled(_) if !keep => RequestEnd::Settled(None),
            ended => ended,
        },
        None if !begun => RequestEnd::Settled(None),
        None if keep => commit(line, is_unchanged),
        None => {
            let _ = line.run_script("ROLLBACK");
            RequestEnd::Settled(None)
        }
    }
}

fn commit(line: &mut PostgresConnection, is_unchanged: bool) -> RequestEnd {
    match line.commit(is_unchanged) {
        Ok(()) => RequestEnd::Settled(None),
        Err(StatementError { error, fate: RetryDecision::Met }) => RequestEnd::Again(error),
        Err(StatementError { error, .. }) => {
            // Never `Again`: a commit whose answer was lost may have been done, and a write that
            // runs twice is a second receipt or a second message.
            line.disconnect();
            RequestEnd::Settled(Some(error))
        }
    }
}

/// Ends a transaction in which a statement failed.
fn undo(line: &mut PostgresConnection, begun: bool, broken: StatementError) -> RequestEnd {
    match broken.fate {
        RetryDecision::Lost => line.disconnect(),
        _ if begun => drop(line.run_script("ROLLBACK")),
        _ => {}
    }
    match broken.fate {
        RetryDecision::Refused => RequestEnd::Settled(Some(broken.error)),
        RetryDecision::Met | RetryDecision::Lost => RequestEnd::Again(broken.error),
    }
}

enum GroupOutcome {
    Settled(Option<StorageError>),
    /// Nothing was kept; each is to run alone.
    Apart,
}

fn write_together(
    line: &mut PostgresConnection,
    group: &mut [Box<dyn StorageRequest>],
) -> GroupOutcome {
    let Ok(mut tx) = PostgresTransaction::new(line) else { return GroupOutcome::Apart };
    for request in group {
        let before = tx.changes();
        let keep = request.run(&mut tx);
        let broken = tx.statement_error();
        if broken.is_none() && (keep || tx.changes() == before) {
            continue;
        }
        let begun = tx.has_begun();
        undo(
            line,
            begun,
            broken.unwrap_or(StatementError {
                error: StorageError::Closed,
                fate: RetryDecision::Refused,
            }),
        );
        return GroupOutcome::Apart;
    }
    if !tx.has_begun() {
        return GroupOutcome::Settled(None);
    }
    let is_unchanged = tx.changes() == 0;
    match commit(line, is_unchanged) {
        RequestEnd::Settled(failure) => GroupOutcome::Settled(failure),
        RequestEnd::Again(_) => GroupOutcome::Apart,
    }
}

/// Runs a read. Its transaction is closed later: it has nothing to say that the caller should wait
/// for.
fn read_once(line: &mut PostgresConnection, request: &mut Box<dyn StorageRequest>) -> RequestEnd {
    let mut tx = match PostgresTransaction::new(line) {
        Ok(tx) => tx,
        Err(broken) => return undo(line, false, broken),
    };
    let read = request.run(&mut tx);
    let (broken, begun) = (tx.statement_error(), tx.has_begun());
    match broken {
        Some(broken) => match undo(line, begun, broken) {
            RequestEnd::Settled(_) if !read => RequestEnd::Settled(None),
            ended => ended,
        },
        None => {
            line.leave_open(begun);
            RequestEnd::Settled(None)
        }
    }
}
