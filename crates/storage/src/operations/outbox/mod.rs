//! The outbox: messages about changed instances, written by the transaction that changed them, and
//! what became of them.
//!
//! A message is claimed by moving `due_at` behind a lease: whoever claimed it and went away is
//! followed by somebody else when the lease is over, and the number of the try tells a late one
//! from the present one.

use crate::{SqlRow, SqlValue, StorageError, Transaction, values};
use domain::callback::{CallbackOutcome, CallbackResource, MessageState};
use domain::id::{CandidateId, InstanceId, OrganizationId, TaskId};
use domain::instance::InstanceChange;
use domain::time::Timestamp;

/// The target of candidates' own callbacks; no webhook has this id.
pub const CALLBACK: &str = "callback";

record! {
    /// One event for one receiver.
    pub struct OutboxRow: "outbox" {
        /// A webhook's id or [`CALLBACK`].
        target: String,
        /// The cursor of the change.
        event_id: String,
        organization_id: OrganizationId,
        task_id: TaskId,
        instance_id: InstanceId,
        candidate_id: CandidateId,
        kind: InstanceChange,
        at: Timestamp,
        /// What goes to one receiver goes by one lane.
        lane: String,
        /// Of a candidate's own callback; a webhook's is read when it is sent.
        url: Option<String>,
        /// The bytes that are sent; none once the person was erased.
        body: Option<String>,
        state: MessageState,
        tries: i64,
        /// Tries before the last replay.
        tries_before: i64,
        /// Of the next try; while one is under way, when another may be made.
        due_at: Option<Timestamp>,
        finished_at: Option<Timestamp>,
    }
}

record! {
    /// One try of a message.
    pub struct OutboxAttemptRow: "outbox_try" {
        target: String,
        event_id: String,
        /// From 1.
        n: i64,
        at: Timestamp,
        outcome: CallbackOutcome,
        /// Of the answer.
        status: Option<i64>,
        millis: i64,
    }
}

/// Who is told of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageRecipient {
    /// The candidate's own callback, a JSON object.
    Callback(String),
    Webhook {
        id: String,
        resource: CallbackResource,
    },
}

/// The receivers of a change of a candidate's instance. One statement, because it runs with every
/// change.
pub fn recipients(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    candidate: &CandidateId,
    kind: InstanceChange,
) -> Result<Vec<MessageRecipient>, StorageError> {
    tx.list(RECIPIENTS, values![candidate, organization, kind], |row| {
        let callback: Option<String> = row.get(1)?;
        Ok(match callback {
            Some(callback) => MessageRecipient::Callback(callback),
            None => MessageRecipient::Webhook { id: row.get(0)?, resource: row.get(2)? },
        })
    })
}

const RECIPIENTS: &str = "SELECT c.id, c.callback, c.callback FROM candidate c \
    WHERE c.id = $1 AND c.callback IS NOT NULL \
    UNION ALL \
    SELECT w.id, NULL, w.resource FROM webhook w JOIN webhook_event e ON e.webhook_id = w.id AND e.kind = $3 \
    WHERE w.organization_id = $2 AND w.active AND w.deleted_at IS NULL";

/// Puts a message into the outbox, in the transaction that causes it.
pub fn insert(tx: &mut dyn Transaction, message: &OutboxRow) -> Result<(), StorageError> {
    message.insert_row(tx)
}

/// Every lane in which something waits, and when its next message is due. Costs a look into the
/// index for each.
pub fn lanes(tx: &mut dyn Transaction) -> Result<Vec<(String, Timestamp)>, StorageError> {
    tx.list(LANES, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

const LANES: &str = "WITH RECURSIVE known (lane) AS ( \
    SELECT min(lane) FROM outbox WHERE due_at IS NOT NULL \
    UNION ALL \
    SELECT (SELECT min(o.lane) FROM outbox o WHERE o.due_at IS NOT NULL AND o.lane > known.lane) \
    FROM known WHERE known.lane IS NOT NULL) \
    SELECT lane, (SELECT min(o.due_at) FROM outbox o WHERE o.lane = known.lane AND o.due_at IS NOT NULL) \
    FROM known WHERE lane IS NOT NULL";

/// Claims messages of a lane that are due: each counts one more try and belongs to the caller until
/// `lease_end`. What another server is claiming at this moment is passed by.
pub fn claim(
    tx: &mut dyn Transaction,
    lane: &str,
    now: Timestamp,
    lease_end: Timestamp,
    limit: i64,
) -> Result<Vec<OutboxRow>, StorageError> {
    let lock = match tx.lock_clause() {
        "" => String::new(),
        lock => format!("{lock} SKIP LOCKED"),
    };
    let columns = OutboxRow::columns();
    let sql = format!(
        "SELECT {columns} FROM outbox WHERE lane = $1 AND due_at IS NOT NULL AND due_at <= $2 \
        ORDER BY due_at LIMIT $3{lock}"
    );
    let mut claimed = tx.list(&sql, values![lane, now, limit], OutboxRow::read)?;
    for message in &mut claimed {
        message.tries += 1;
        message.due_at = Some(lease_end);
        let sql = "UPDATE outbox SET tries = $3, due_at = $4 WHERE target = $1 AND event_id = $2";
        tx.execute(sql, values![message.target, message.event_id, message.tries, lease_end])?;
    }
    Ok(claimed)
}

/// Writes down where a claimed message stands after its try. False when the lease was over and
/// somebody else has it, or it was dropped meanwhile.
pub fn record_attempt(
    tx: &mut dyn Transaction,
    message: &OutboxRow,
    state: MessageState,
    due_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
) -> Result<bool, StorageError> {
    let sql = "UPDATE outbox SET state = $4, due_at = $5, finished_at = $6 \
        WHERE target = $1 AND event_id = $2 AND tries = $3 AND state = 'pending'";
    let values =
        values![message.target, message.event_id, message.tries, state, due_at, finished_at];
    Ok(tx.execute(sql, values)? > 0)
}

/// Makes messages of a lane due now that wait for a moment behind `after`, those first that wait
/// the shortest: messages that have failed at most so often since their last replay, at most so
/// many. Gives how many.
pub fn bring_forward(
    tx: &mut dyn Transaction,
    lane: &str,
    now: Timestamp,
    after: Timestamp,
    most_failures: i64,
    limit: i64,
) -> Result<u64, StorageError> {
    let sql = "UPDATE outbox SET due_at = $2 WHERE lane = $1 AND due_at > $3 AND (target, event_id) IN ( \
        SELECT target, event_id FROM outbox WHERE lane = $1 AND due_at > $3 AND tries - tries_before <= $4 \
        ORDER BY due_at LIMIT $5)";
    tx.execute(sql, values![lane, now, after, most_failures, limit])
}

/// Keeps how an attempt to deliver a message went.
pub fn log(tx: &mut dyn Transaction, entry: &OutboxAttemptRow) -> Result<(), StorageError> {
    entry.insert_row(tx)
}

/// Which messages of a target a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFilter {
    pub state: Option<MessageState>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

impl OutboxFilter {
    /// The condition and its parameters, numbered behind organization and target.
    fn condition(&self) -> (String, Vec<SqlValue<'_>>) {
        let mut sql = "organization_id = $1 AND target = $2".to_owned();
        let mut parameters = Vec::new();
        let mut and = |condition: &str, value| {
            parameters.push(value);
            sql.push_str(&format!(" AND {condition} ${}", parameters.len() + 2));
        };
        if let Some(state) = &self.state {
            and("state =", crate::Encode::encode(state));
        }
        if let Some(since) = &self.since {
            and("at >=", crate::Encode::encode(since));
        }
        if let Some(until) = &self.until {
            and("at <", crate::Encode::encode(until));
        }
        (sql, parameters)
    }
}

/// Messages to a target, the newest first, behind one of them if named by moment and event.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    target: &str,
    filter: &OutboxFilter,
    behind: Option<(Timestamp, &str)>,
    limit: i64,
) -> Result<Vec<OutboxRow>, StorageError> {
    let (mut condition, parameters) = filter.condition();
    let mut values = [values![organization, target], parameters.as_slice()].concat();
    if let Some((at, event)) = behind {
        let n = values.len();
        condition.push_str(&format!(" AND (at, event_id) < (${}, ${})", n + 1, n + 2));
        values.extend([SqlValue::Integer(at.0), SqlValue::Text(event)]);
    }
    values.push(SqlValue::Integer(limit));
    let (columns, last) = (OutboxRow::columns(), values.len());
    let sql = format!(
        "SELECT {columns} FROM outbox WHERE {condition} ORDER BY at DESC, event_id DESC LIMIT ${last}"
    );
    tx.list(&sql, &values, OutboxRow::read)
}

/// The message about an event to one target of this organization.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    target: &str,
    event: &str,
) -> Result<Option<OutboxRow>, StorageError> {
    let columns = OutboxRow::columns();
    let sql = format!(
        "SELECT {columns} FROM outbox WHERE organization_id = $1 AND target = $2 AND event_id = $3"
    );
    tx.find(&sql, values![organization, target, event], OutboxRow::read)
}

/// The tries of a message, the first one first.
pub fn tries(
    tx: &mut dyn Transaction,
    target: &str,
    event: &str,
) -> Result<Vec<OutboxAttemptRow>, StorageError> {
    let columns = OutboxAttemptRow::columns();
    let sql =
        format!("SELECT {columns} FROM outbox_try WHERE target = $1 AND event_id = $2 ORDER BY n");
    tx.list(&sql, values![target, event], OutboxAttemptRow::read)
}

/// A place in a target's messages in the order of their making: behind all up to this moment and
/// event.
pub type OutboxCursor = (Timestamp, String);

/// The finished messages of a filter among the next so many of a target, and the place behind
/// those; none behind the last.
pub fn finished(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    target: &str,
    filter: &OutboxFilter,
    behind: &OutboxCursor,
    window: i64,
) -> Result<(Vec<String>, Option<OutboxCursor>), StorageError> {
    let span = OutboxFilter { state: None, ..filter.clone() };
    let (condition, parameters) = span.condition();
    let mut values = [values![organization, target], parameters.as_slice()].concat();
    let n = values.len();
    values.extend([
        SqlValue::Integer(behind.0.0),
        SqlValue::Text(&behind.1),
        SqlValue::Integer(window - 1),
    ]);
    let sql = format!(
        "SELECT at, event_id FROM outbox WHERE {condition} AND (at, event_id) > (${}, ${}) \
        ORDER BY at, event_id LIMIT 1 OFFSET ${}",
        n + 1,
        n + 2,
        n + 3
    );
    let end: Option<OutboxCursor> = tx.find(&sql, &values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (condition, parameters) = filter.condition();
    let mut values = [values![organization, target], parameters.as_slice()].concat();
    let n = values.len();
    values.extend([SqlValue::Integer(behind.0.0), SqlValue::Text(&behind.1)]);
    let mut sql = format!(
        "SELECT event_id FROM outbox WHERE {condition} AND due_at IS NULL AND body IS NOT NULL \
        AND (at, event_id) > (${}, ${})",
        n + 1,
        n + 2
    );
    if let Some((at, event)) = &end {
        sql.push_str(&format!(" AND (at, event_id) <= (${}, ${})", n + 3, n + 4));
        values.extend([SqlValue::Integer(at.0), SqlValue::Text(event)]);
    }
    let events = tx.list(&sql, &values, |row| row.get(0))?;
    Ok((events, end))
}

/// Lets a message that is finished begin anew, at once. False when it is not finished, or its
/// person was erased.
pub fn replay(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    target: &str,
    event: &str,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "UPDATE outbox SET state = 'pending', due_at = $4, finished_at = NULL, tries_before = tries \
        WHERE organization_id = $1 AND target = $2 AND event_id = $3 AND due_at IS NULL AND body IS NOT NULL";
    Ok(tx.execute(sql, values![organization, target, event, now])? > 0)
}

/// Drops what waits for a person's receivers, and removes what was sent about the person. Erasing a
/// person calls it.
pub fn forget(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let pending = "UPDATE outbox SET state = 'dropped', due_at = NULL, finished_at = $2 \
        WHERE candidate_id = $1 AND body IS NOT NULL AND state = 'pending'";
    tx.execute(pending, values![candidate, now])?;
    let sql =
        "UPDATE outbox SET url = NULL, body = NULL WHERE candidate_id = $1 AND body IS NOT NULL";
    tx.execute(sql, values![candidate])
}

/// Removes messages that were finished before a moment, with their tries, at most so many. Gives
/// how many.
pub fn prune(tx: &mut dyn Transaction, before: Timestamp, limit: i64) -> Result<u64, StorageError> {
    let sql = "SELECT target, event_id FROM outbox WHERE finished_at IS NOT NULL AND finished_at < $1 LIMIT $2";
    let read = |row: &dyn SqlRow| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
    let old = tx.list(sql, values![before, limit], read)?;
    let mut removed = 0;
    for (target, event) in &old {
        tx.execute(
            "DELETE FROM outbox_try WHERE target = $1 AND event_id = $2",
            values![target, event],
        )?;
        removed += tx.execute(
            "DELETE FROM outbox WHERE target = $1 AND event_id = $2",
            values![target, event],
        )?;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;
