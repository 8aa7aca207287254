//! Mail: what is to be sent to one address, written by the transaction that caused it, and what
//! became of it.
//!
//! A mail is claimed as a callback is: `due_at` moves behind a lease, and the number of the try
//! tells a late one from the present one.

use crate::{SqlValue, StorageError, Transaction, values};
use domain::id::{CandidateId, InstanceId, MailId, OrganizationId, StepId, TaskId};
use domain::mail::{MailKind, MailOutcome, MailState};
use domain::time::Timestamp;

record! {
    /// One mail to one address.
    pub struct MailRow: "mail" {
        id: MailId,
        organization_id: OrganizationId,
        task_id: TaskId,
        candidate_id: CandidateId,
        /// The name of one of the task's templates; empty for a confirmation.
        template: String,
        /// None once the person was erased.
        recipient: Option<String>,
        state: MailState,
        created_at: Timestamp,
        /// Not before this moment.
        send_at: Timestamp,
        tries: i64,
        /// Tries before it was last sent again.
        tries_before: i64,
        /// Of the next try; while one is under way, when another may be made.
        due_at: Option<Timestamp>,
        finished_at: Option<Timestamp>,
        /// As it was sent; none before that, and once the person was erased.
        subject: Option<String>,
        body: Option<String>,
        /// Of the body.
        lang: Option<String>,
        /// What was submitted, for a confirmation; none for an invitation.
        instance_id: Option<InstanceId>,
    }
}

impl MailRow {
    #[must_use]
    pub const fn kind(&self) -> MailKind {
        match self.instance_id {
            Some(_) => MailKind::Confirmation,
            None => MailKind::Invitation,
        }
    }
}

record! {
    /// One try of a mail.
    pub struct MailAttemptRow: "mail_try" {
        mail_id: MailId,
        /// From 1.
        n: i64,
        at: Timestamp,
        outcome: MailOutcome,
        /// Of the server's answer.
        status: Option<i64>,
        /// What the server said.
        reply: Option<String>,
        millis: i64,
    }
}

/// Puts a mail into the outbox, in the transaction that causes it.
pub fn insert(tx: &mut dyn Transaction, mail: &MailRow) -> Result<(), StorageError> {
    mail.insert_row(tx)
}

/// When the next mail is due.
pub fn earliest(tx: &mut dyn Transaction) -> Result<Option<Timestamp>, StorageError> {
    let sql = "SELECT due_at FROM mail WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1";
    tx.find(sql, &[], |row| row.get(0))
}

/// Claims mail that is due: each counts one more try and belongs to the caller until `lease_end`.
/// What another server is claiming at this moment is passed by.
pub fn claim(
    tx: &mut dyn Transaction,
    now: Timestamp,
    lease_end: Timestamp,
    limit: i64,
) -> Result<Vec<MailRow>, StorageError> {
    let lock = match tx.lock_clause() {
        "" => String::new(),
        lock => format!("{lock} SKIP LOCKED"),
    };
    let columns = MailRow::columns();
    let sql = format!(
        "SELECT {columns} FROM mail WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $2{lock}"
    );
    let mut claimed = tx.list(&sql, values![now, limit], MailRow::read)?;
    for mail in &mut claimed {
        mail.tries += 1;
        mail.due_at = Some(lease_end);
        let sql = "UPDATE mail SET tries = $2, due_at = $3 WHERE id = $1";
        tx.execute(sql, values![mail.id, mail.tries, lease_end])?;
    }
    Ok(claimed)
}

/// Writes down where a claimed mail stands after its try, and what it said. False when the lease
/// was over and somebody else has it, or it was cancelled meanwhile.
pub fn record_attempt(tx: &mut dyn Transaction, mail: &MailRow) -> Result<bool, StorageError> {
    let sql = "UPDATE mail SET state = $3, due_at = $4, finished_at = $5, subject = $6, body = $7, lang = $8 \
        WHERE id = $1 AND tries = $2 AND state = 'waiting'";
    let MailRow { id, tries, state, due_at, finished_at, subject, body, lang, .. } = mail;
    let values = values![id, tries, state, due_at, finished_at, subject, body, lang];
    if tx.execute(sql, values)? == 0 {
        return Ok(false);
    }
    if mail.state == MailState::Sent && mail.instance_id.is_none() {
        // The log of mail is pruned, and whoever was invited must not seem to be new after that.
        let sql = "UPDATE candidate SET invited_at = $2 WHERE id = $1";
        tx.execute(sql, values![mail.candidate_id, finished_at])?;
    }
    Ok(true)
}

/// Keeps how an attempt to send a mail went.
pub fn log(tx: &mut dyn Transaction, entry: &MailAttemptRow) -> Result<(), StorageError> {
    entry.insert_row(tx)
}

/// Which mails a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailFilter {
    pub task: Option<TaskId>,
    pub candidate: Option<CandidateId>,
    pub state: Option<MailState>,
}

/// Mails of an organization, the newest first, behind one of them if named by moment and id.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    filter: &MailFilter,
    behind: Option<(Timestamp, &MailId)>,
    limit: i64,
) -> Result<Vec<MailRow>, StorageError> {
    let mut condition = "organization_id = $1".to_owned();
    let mut values = values![organization].to_vec();
    let filters = [
        ("task_id", filter.task.as_ref().map(TaskId::as_str)),
        ("candidate_id", filter.candidate.as_ref().map(CandidateId::as_str)),
        ("state", filter.state.map(MailState::as_str)),
    ];
    for (column, text) in filters.into_iter().filter_map(|(column, text)| Some((column, text?))) {
        values.push(SqlValue::Text(text));
        condition.push_str(&format!(" AND {column} = ${}", values.len()));
    }
    if let Some((at, id)) = behind {
        let n = values.len();
        condition.push_str(&format!(" AND (created_at, id) < (${}, ${})", n + 1, n + 2));
        values.extend([SqlValue::Integer(at.0), SqlValue::Text(id.as_str())]);
    }
    values.push(SqlValue::Integer(limit));
    let (columns, last) = (MailRow::columns(), values.len());
    let sql = format!(
        "SELECT {columns} FROM mail WHERE {condition} ORDER BY created_at DESC, id DESC LIMIT ${last}"
    );
    tx.list(&sql, &values, MailRow::read)
}

/// A mail of this organization, sent or not.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    mail: &MailId,
) -> Result<Option<MailRow>, StorageError> {
    let columns = MailRow::columns();
    let sql = format!("SELECT {columns} FROM mail WHERE organization_id = $1 AND id = $2");
    tx.find(&sql, values![organization, mail], MailRow::read)
}

/// The tries of a mail, the first one first.
pub fn tries(tx: &mut dyn Transaction, mail: &MailId) -> Result<Vec<MailAttemptRow>, StorageError> {
    let sql =
        format!("SELECT {} FROM mail_try WHERE mail_id = $1 ORDER BY n", MailAttemptRow::columns());
    tx.list(&sql, values![mail], MailAttemptRow::read)
}

/// Lets a mail that is finished begin anew, at once. False when it waits, or has no address any
/// more.
pub fn resend(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    mail: &MailId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "UPDATE mail SET state = 'waiting', due_at = $3, finished_at = NULL, tries_before = tries \
        WHERE organization_id = $1 AND id = $2 AND state <> 'waiting' AND recipient IS NOT NULL";
    Ok(tx.execute(sql, values![organization, mail, now])? > 0)
}

/// Cancels a mail that waits. False when it does not.
pub fn cancel(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    mail: &MailId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "UPDATE mail SET state = 'cancelled', due_at = NULL, finished_at = $3 \
        WHERE organization_id = $1 AND id = $2 AND state = 'waiting'";
    Ok(tx.execute(sql, values![organization, mail, now])? > 0)
}

/// Cancels a confirmation that waits: its instance is open again.
pub fn cancel_confirmation(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    instance: &InstanceId,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let sql = "UPDATE mail SET state = 'cancelled', due_at = NULL, finished_at = $3 \
        WHERE candidate_id = $1 AND instance_id = $2 AND state = 'waiting'";
    tx.execute(sql, values![candidate, instance, now])
}

/// What decides whether a submission is confirmed by mail, and where to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmationFacts {
    /// JSON object, of the step.
    pub settings: String,
    /// JSON list, of the task.
    pub email_templates: String,
    pub email: Option<String>,
    /// JSON list.
    pub extra_emails: String,
}

/// The facts of a candidate's step; none when the candidate was erased.
pub fn confirmation_facts(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    step: &StepId,
) -> Result<Option<ConfirmationFacts>, StorageError> {
    let sql = "SELECT step.settings, task.email_templates, candidate.email, candidate.extra_emails \
        FROM candidate JOIN task ON task.id = candidate.task_id \
        JOIN step ON step.id = $2 AND step.task_id = task.id \
        WHERE candidate.id = $1 AND candidate.erased_at IS NULL";
    tx.find(sql, values![candidate, step], |row| {
        Ok(ConfirmationFacts {
            settings: row.get(0)?,
            email_templates: row.get(1)?,
            email: row.get(2)?,
            extra_emails: row.get(3)?,
        })
    })
}

/// Sends what still has to reach a person to another address: what waits, and what failed if it is
/// sent again.
pub fn readdress(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    before: &str,
    after: &str,
) -> Result<u64, StorageError> {
    let sql = "UPDATE mail SET recipient = $3 \
        WHERE candidate_id = $1 AND recipient = $2 AND (state = 'waiting' OR state = 'failed')";
    tx.execute(sql, values![candidate, before, after])
}

/// Cancels what waits for a person, and removes addresses and texts of what was sent. Gives how
/// many mails there were. Erasing a person calls it, and so does deleting one.
pub fn forget(
    tx: &mut dyn Transaction,
    candidate: &CandidateId,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let waiting = "UPDATE mail SET state = 'cancelled', due_at = NULL, finished_at = $2 \
        WHERE candidate_id = $1 AND state = 'waiting'";
    tx.execute(waiting, values![candidate, now])?;
    let replies = "UPDATE mail_try SET reply = NULL WHERE mail_id IN (SELECT id FROM mail WHERE candidate_id = $1)";
    tx.execute(replies, values![candidate])?;
    let sql = "UPDATE mail SET recipient = NULL, subject = NULL, body = NULL \
        WHERE candidate_id = $1 AND recipient IS NOT NULL";
    tx.execute(sql, values![candidate])
}

/// Whether a mail's text is kept here because there was no server to give it to; none when there is
/// no such mail.
pub fn is_stored_locally(
    tx: &mut dyn Transaction,
    mail: &MailId,
) -> Result<Option<bool>, StorageError> {
    let sql = "SELECT CASE WHEN state = 'kept' AND body IS NOT NULL THEN 1 ELSE 0 END FROM mail WHERE id = $1";
    tx.find(sql, values![mail], |row| row.get::<i64>(0).map(|stored| stored > 0))
}

/// Mails that were finished before a moment, at most so many.
pub fn finished_before(
    tx: &mut dyn Transaction,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<MailId>, StorageError> {
    let sql = "SELECT id FROM mail WHERE finished_at IS NOT NULL AND finished_at < $1 LIMIT $2";
    tx.list(sql, values![before, limit], |row| row.get::<MailId>(0))
}

/// Removes mails with their tries.
pub fn remove(tx: &mut dyn Transaction, mails: &[MailId]) -> Result<(), StorageError> {
    for mail in mails {
        tx.execute("DELETE FROM mail_try WHERE mail_id = $1", values![mail])?;
        tx.execute("DELETE FROM mail WHERE id = $1", values![mail])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
