//! How far corrections of steps have got through the steps' instances.

use crate::{StorageError, Transaction, values};
use domain::id::{CorrectionId, OrganizationId, RequestId, StepId, TaskId};
use domain::instance::ActorKind;
use domain::time::Timestamp;

record! {
    /// A correction of a step, or its withdrawal, at work.
    pub struct CorrectionJobRow: "correction_job" {
        correction_id: CorrectionId,
        organization_id: OrganizationId,
        task_id: TaskId,
        step_id: StepId,
        withdrawal: bool,
        /// The ordinal behind which it goes on.
        position: i64,
        /// The last ordinal it looks at.
        last_ordinal: i64,
        versions: i64,
        open: i64,
        unchanged: i64,
        /// Instances that could not be computed.
        failed: i64,
        actor_kind: ActorKind,
        actor_id: Option<String>,
        request_id: Option<RequestId>,
        begun_at: Timestamp,
        finished_at: Option<Timestamp>,
    }
}

/// Puts a job in the place of the correction's earlier one.
pub fn replace(tx: &mut dyn Transaction, job: &CorrectionJobRow) -> Result<(), StorageError> {
    tx.execute("DELETE FROM correction_job WHERE correction_id = $1", values![job.correction_id])?;
    job.insert_row(tx)
}

pub fn find(tx: &mut dyn Transaction, correction: &CorrectionId) -> Result<Option<CorrectionJobRow>, StorageError> {
    let sql = format!("SELECT {} FROM correction_job WHERE correction_id = $1", CorrectionJobRow::columns());
    tx.find(&sql, values![correction], CorrectionJobRow::read)
}

/// The same with its row locked, before the task and instances.
pub fn lock(tx: &mut dyn Transaction, correction: &CorrectionId) -> Result<Option<CorrectionJobRow>, StorageError> {
    let (columns, lock) = (CorrectionJobRow::columns(), tx.lock_clause());
    let sql = format!("SELECT {columns} FROM correction_job WHERE correction_id = $1{lock}");
    tx.find(&sql, values![correction], CorrectionJobRow::read)
}

/// A job that is not finished and that nobody else is at, locked.
pub fn claim(tx: &mut dyn Transaction, correction: &CorrectionId) -> Result<Option<CorrectionJobRow>, StorageError> {
    let lock = match tx.lock_clause() {
        "" => String::new(),
        lock => format!("{lock} SKIP LOCKED"),
    };
    let columns = CorrectionJobRow::columns();
    let sql = format!("SELECT {columns} FROM correction_job WHERE correction_id = $1 AND finished_at IS NULL{lock}");
    tx.find(&sql, values![correction], CorrectionJobRow::read)
}

/// Writes down how far a claimed job has got.
pub fn save(tx: &mut dyn Transaction, job: &CorrectionJobRow) -> Result<(), StorageError> {
    let sql = "UPDATE correction_job SET position = $2, versions = $3, open = $4, unchanged = $5, failed = $6, \
        finished_at = $7 WHERE correction_id = $1";
    let CorrectionJobRow { correction_id, position, versions, open, unchanged, failed, finished_at, .. } = job;
    tx.execute(sql, values![correction_id, position, versions, open, unchanged, failed, finished_at]).map(|_| ())
}

/// Jobs that began at a moment or before it and are not finished, the oldest first.
pub fn list_unfinished(
    tx: &mut dyn Transaction,
    begun_by: Timestamp,
    limit: i64,
) -> Result<Vec<CorrectionId>, StorageError> {
    let sql = "SELECT correction_id FROM correction_job WHERE finished_at IS NULL AND begun_at <= $1 \
        ORDER BY begun_at, correction_id LIMIT $2";
    tx.list(sql, values![begun_by, limit], |row| row.get(0))
}

/// The unfinished jobs of a task, the oldest first.
pub fn list_unfinished_of_task(tx: &mut dyn Transaction, task: &TaskId) -> Result<Vec<CorrectionJobRow>, StorageError> {
    let columns = CorrectionJobRow::columns();
    let sql = format!(
        "SELECT {columns} FROM correction_job WHERE finished_at IS NULL AND task_id = $1 ORDER BY begun_at, correction_id"
    );
    tx.list(&sql, values![task], CorrectionJobRow::read)
}
