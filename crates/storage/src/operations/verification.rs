//! What a verification reads: everything that is kept, in order, in slices that end soon.

use super::answer::{ReceiptRow, read_from};
use super::instance::InstanceRow;
use super::organization::OrganizationRow;
use crate::{Sha256Digest, StorageError, Transaction, values};
use domain::id::{InstanceId, MediaId, OrganizationId, TaskId};

/// How far a task says that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskPosition {
    pub id: TaskId,
    /// In its organization.
    pub ordinal: i64,
    pub revision: i64,
    pub instance_count: i64,
}

/// The organization whose id follows; the first one behind the empty text.
pub fn next_organization(
    tx: &mut dyn Transaction,
    after: &str,
) -> Result<Option<OrganizationRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM organization WHERE id > $1 ORDER BY id LIMIT 1",
        OrganizationRow::columns()
    );
    tx.find(&sql, values![after], OrganizationRow::read)
}

/// An organization's task whose ordinal is the next one from `from` on.
pub fn next_task(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    from: i64,
) -> Result<Option<TaskPosition>, StorageError> {
    let sql = "SELECT id, ordinal, revision, instance_count FROM task WHERE organization_id = $1 AND ordinal >= $2 \
        ORDER BY ordinal LIMIT 1";
    tx.find(sql, values![organization, from], |row| {
        Ok(TaskPosition {
            id: row.get(0)?,
            ordinal: row.get(1)?,
            revision: row.get(2)?,
            instance_count: row.get(3)?,
        })
    })
}

/// How many instances an organization has had, or all have had together.
pub fn count_instances(
    tx: &mut dyn Transaction,
    organization: Option<&OrganizationId>,
) -> Result<i64, StorageError> {
    let sum = "SELECT CAST(COALESCE(sum(instance_count), 0) AS BIGINT) FROM task";
    match organization {
        Some(id) => tx.integer(&format!("{sum} WHERE organization_id = $1"), values![id]),
        None => tx.integer(sum, &[]),
    }
}

/// A task's instances behind an ordinal.
pub fn instances_behind(
    tx: &mut dyn Transaction,
    task: &TaskId,
    ordinal: i64,
    limit: i64,
) -> Result<Vec<InstanceRow>, StorageError> {
    let columns = InstanceRow::columns();
    let sql = format!(
        "SELECT {columns} FROM instance WHERE task_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3"
    );
    tx.list(&sql, values![task, ordinal, limit], InstanceRow::read)
}

/// Which receipt counts for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedAnswer {
    pub slot: i64,
    pub seq: i64,
    /// The receipt's number.
    pub n: i64,
}

/// Which receipt each slot's answer stands for, by slot; compared with the chain.
pub fn counted_answers(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Vec<CountedAnswer>, StorageError> {
    let sql = "SELECT slot, seq, n FROM answer WHERE instance_id = $1 ORDER BY slot";
    tx.list(sql, values![instance], |row| {
        Ok(CountedAnswer { slot: row.get(0)?, seq: row.get(1)?, n: row.get(2)? })
    })
}

/// Hands over an instance's receipts one by one, by number: they may be more than anybody wants to
/// hold.
pub fn each_receipt(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    each: &mut dyn FnMut(ReceiptRow),
) -> Result<(), StorageError> {
    let sql = "SELECT n, slot, seq, response, received_at, digest FROM receipt WHERE instance_id = $1 ORDER BY n";
    tx.query(sql, values![instance], &mut |row| {
        each(read_from(row, 0)?);
        Ok(())
    })
}

/// What is known of a file, a candidate's or an author's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    pub id: MediaId,
    pub organization: OrganizationId,
    /// None for an author's.
    pub task: Option<TaskId>,
    pub bytes: i64,
    pub sha256: Option<Sha256Digest>,
    /// Whether the file is still to be there.
    pub is_expected: bool,
}

/// Rows about files behind an id.
pub fn files_behind(
    tx: &mut dyn Transaction,
    after: &str,
    limit: i64,
) -> Result<Vec<FileRow>, StorageError> {
    let sql = "SELECT id, organization_id, task_id, bytes, sha256, state = 'kept' AND NOT file_gone FROM media \
        WHERE id > $1 UNION ALL \
        SELECT id, organization_id, NULL, bytes, sha256, state = 'kept' FROM asset WHERE id > $1 \
        ORDER BY id LIMIT $2";
    tx.list(sql, values![after, limit], |row| {
        Ok(FileRow {
            id: row.get(0)?,
            organization: row.get(1)?,
            task: row.get(2)?,
            bytes: row.get(3)?,
            sha256: row.get(4)?,
            is_expected: row.get(5)?,
        })
    })
}

/// The highest revision among a task's instances, 0 without any.
pub fn highest_revision(tx: &mut dyn Transaction, task: &TaskId) -> Result<i64, StorageError> {
    // By the index: the last row, not all of them.
    let sql = "SELECT revision FROM instance WHERE task_id = $1 ORDER BY revision DESC LIMIT 1";
    tx.integer(sql, values![task])
}

/// The instances of a step behind an ordinal, by their ids and ordinals.
pub fn step_behind(
    tx: &mut dyn Transaction,
    task: &TaskId,
    step: Option<&str>,
    ordinal: i64,
    limit: i64,
) -> Result<Vec<(InstanceId, i64)>, StorageError> {
    let sql = "SELECT id, ordinal FROM instance WHERE task_id = $1 AND ordinal > $2 \
        AND (CAST($3 AS TEXT) = '' OR step_id = $3) ORDER BY ordinal LIMIT $4";
    tx.list(sql, values![task, ordinal, step.unwrap_or_default(), limit], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}
