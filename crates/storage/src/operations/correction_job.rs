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

/// How far a correction's job is; none when there is nothing to do.
pub fn find(
    tx: &mut dyn Transaction,
    correction: &CorrectionId,
) -> Result<Option<CorrectionJobRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM correction_job WHERE correction_id = $1",
        CorrectionJobRow::columns()
    );
    tx.find(&sql, values![correction], CorrectionJobRow::read)
}

/// The same with its row locked, before the task and instances.
pub fn lock(
    tx: &mut dyn Transaction,
    correction: &CorrectionId,
) -> Result<Option<CorrectionJobRow>, StorageError> {
    let (columns, lock) = (CorrectionJobRow::columns(), tx.lock_clause());
    let sql = format!("SELECT {columns} FROM correction_job WHERE correction_id = $1{lock}");
    tx.find(&sql, values![correction], CorrectionJobRow::read)
}

/// A job that is not finished and that nobody else is at, locked.
pub fn claim(
    tx: &mut dyn Transaction,
    correction: &CorrectionId,
) -> Result<Option<CorrectionJobRow>, StorageError> {
    let lock = match tx.lock_clause() {
        "" => String::new(),
        lock => format!("{lock} SKIP LOCKED"),
    };
    let columns = CorrectionJobRow::columns();
    let sql = format!(
        "SELECT {columns} FROM correction_job WHERE correction_id = $1 AND finished_at IS NULL{lock}"
    );
    tx.find(&sql, values![correction], CorrectionJobRow::read)
}

/// Writes down how far a claimed job has got.
pub fn save(tx: &mut dyn Transaction, job: &CorrectionJobRow) -> Result<(), StorageError> {
    let sql = "UPDATE correction_job SET position = $2, versions = $3, open = $4, unchanged = $5, failed = $6, \
        finished_at = $7 WHERE correction_id = $1";
    let CorrectionJobRow {
        correction_id,
        position,
        versions,
        open,
        unchanged,
        failed,
        finished_at,
        ..
    } = job;
    tx.execute(
        sql,
        values![correction_id, position, versions, open, unchanged, failed, finished_at],
    )
    .map(|_| ())
}

/// Jobs that began at a moment or before it and are not finished, the oldest first: of each
/// organization its oldest.
pub fn list_unfinished(
    tx: &mut dyn Transaction,
    begun_by: Timestamp,
    limit: i64,
) -> Result<Vec<CorrectionId>, StorageError> {
    let sql = "SELECT j.correction_id FROM correction_job j WHERE j.finished_at IS NULL AND j.begun_at <= $1 \
        AND NOT EXISTS (SELECT 1 FROM correction_job o WHERE o.finished_at IS NULL \
            AND o.organization_id = j.organization_id \
            AND (o.begun_at, o.correction_id) < (j.begun_at, j.correction_id)) \
        ORDER BY j.begun_at, j.correction_id LIMIT $2";
    tx.list(sql, values![begun_by, limit], |row| row.get(0))
}

/// The unfinished jobs of a task, the oldest first.
pub fn list_unfinished_of_task(
    tx: &mut dyn Transaction,
    task: &TaskId,
) -> Result<Vec<CorrectionJobRow>, StorageError> {
    let columns = CorrectionJobRow::columns();
    let sql = format!(
        "SELECT {columns} FROM correction_job WHERE finished_at IS NULL AND task_id = $1 ORDER BY begun_at, correction_id"
    );
    tx.list(&sql, values![task], CorrectionJobRow::read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correction;
    use crate::fixture::{NOW, StorageFixture};

    fn job(organization: &str, id: &str, begun_at: Timestamp) -> CorrectionJobRow {
        CorrectionJobRow {
            correction_id: id.into(),
            organization_id: organization.into(),
            task_id: "Tk1".into(),
            step_id: "St1".into(),
            withdrawal: false,
            position: 0,
            last_ordinal: 9,
            versions: 0,
            open: 0,
            unchanged: 0,
            failed: 0,
            actor_kind: ActorKind::Key,
            actor_id: None,
            request_id: None,
            begun_at,
            finished_at: None,
        }
    }

    fn correction(number: i64) -> correction::CorrectionRow {
        correction::CorrectionRow {
            id: format!("Co{number}").into(),
            organization_id: "Og1".into(),
            task_id: "Tk1".into(),
            step_id: "St1".into(),
            number,
            instance_id: None,
            question_key: "q1".into(),
            change: "{}".into(),
            reason: String::new(),
            actor_kind: ActorKind::Key,
            actor_id: None,
            at: NOW,
            withdrawn_at: None,
        }
    }

    #[test]
    fn an_organization_with_many_corrections_takes_no_turn_of_another() {
        let fixture = StorageFixture::with_task();
        let later = NOW.plus_seconds(9);
        fixture.write(move |tx| {
            for (number, (organization, begun_at)) in
                [("Og1", NOW), ("Og1", NOW), ("Og1", NOW), ("Og2", later), ("Og2", later)]
                    .into_iter()
                    .enumerate()
            {
                let number = i64::try_from(number).unwrap() + 1;
                correction::insert(tx, &correction(number))?;
                replace(tx, &job(organization, &format!("Co{number}"), begun_at))?;
            }
            Ok(())
        });
        let unfinished = |by, limit| fixture.read(move |tx| list_unfinished(tx, by, limit));
        assert_eq!(unfinished(later, 9), ["Co1".into(), "Co4".into()], "the oldest of each");
        assert_eq!(unfinished(NOW, 9), ["Co1".into()]);
        fixture.write(move |tx| {
            save(tx, &CorrectionJobRow { finished_at: Some(NOW), ..job("Og1", "Co1", NOW) })
        });
        assert_eq!(unfinished(later, 9), ["Co2".into(), "Co4".into()]);
    }
}
