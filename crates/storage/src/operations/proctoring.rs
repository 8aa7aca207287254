//! What proctoring knows of an instance beside its evidences: the mark set by hand, a hold,
//! absences from full screen.

use crate::{StorageError, Transaction, values};
use domain::id::InstanceId;
use domain::proctoring::InstanceFlag;
use domain::time::Timestamp;

record! {
    /// A row once there is something to know.
    pub struct ProctoringRow: "proctoring" {
        instance_id: InstanceId,
        /// Set by hand.
        flag: Option<InstanceFlag>,
        /// Files stay beyond their time.
        held: bool,
        /// JSON.
        fullscreen: String,
        /// When an absence that lasts ends the instance.
        due_at: Option<Timestamp>,
    }
}

impl ProctoringRow {
    /// Of an instance about which nothing is known.
    #[must_use]
    pub fn empty_for(instance: InstanceId) -> Self {
        Self {
            instance_id: instance,
            flag: None,
            held: false,
            fullscreen: "{}".to_owned(),
            due_at: None,
        }
    }
}

/// What is known of an instance.
pub fn find(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Option<ProctoringRow>, StorageError> {
    let sql = format!("SELECT {} FROM proctoring WHERE instance_id = $1", ProctoringRow::columns());
    tx.find(&sql, values![instance], ProctoringRow::read)
}

/// Writes the row, new or not. The instance's row is locked by whoever calls.
pub fn upsert(tx: &mut dyn Transaction, row: &ProctoringRow) -> Result<(), StorageError> {
    let sql = "INSERT INTO proctoring (instance_id, flag, held, fullscreen, due_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (instance_id) DO UPDATE SET flag = excluded.flag, held = excluded.held, \
        fullscreen = excluded.fullscreen, due_at = excluded.due_at";
    let ProctoringRow { instance_id, flag, held, fullscreen, due_at } = row;
    tx.execute(sql, values![instance_id, flag, held, fullscreen, due_at]).map(|_| ())
}

/// Instances whose absence has passed a limit by now.
pub fn overdue(
    tx: &mut dyn Transaction,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<InstanceId>, StorageError> {
    let sql = "SELECT instance_id FROM proctoring WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $2";
    tx.list(sql, values![now, limit], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    #[test]
    fn a_row_is_written_over_and_found_once_it_is_due() {
        let fixture = StorageFixture::with_instance();
        assert_eq!(fixture.read(|tx| find(tx, &"Ti1".into())), None);
        let row = ProctoringRow { due_at: Some(NOW), ..ProctoringRow::empty_for("Ti1".into()) };
        fixture.write(|tx| upsert(tx, &ProctoringRow::empty_for("Ti1".into())));
        let stored = row.clone();
        fixture.write(move |tx| upsert(tx, &stored));
        assert_eq!(fixture.read(|tx| find(tx, &"Ti1".into())), Some(row));
        assert!(fixture.read(|tx| overdue(tx, NOW.plus_millis(-1), 9)).is_empty());
        assert_eq!(fixture.read(|tx| overdue(tx, NOW, 9)), ["Ti1".into()]);
    }
}
