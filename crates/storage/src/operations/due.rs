//! Instances that complete by themselves: which are due, and when the next one is.

use crate::{StorageError, Transaction, values};
use domain::id::InstanceId;
use domain::time::Timestamp;

/// The instances due at an instant or before it, earliest first. For all organizations: the clock
/// knows no tenants.
pub fn overdue(
    tx: &mut dyn Transaction,
    at: Timestamp,
    limit: i64,
) -> Result<Vec<(InstanceId, Timestamp)>, StorageError> {
    let sql = "SELECT id, due_at FROM instance WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $2";
    tx.list(sql, values![at, limit], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The instances that are due next, overdue ones too, earliest first.
pub fn list_earliest(
    tx: &mut dyn Transaction,
    limit: i64,
) -> Result<Vec<(InstanceId, Timestamp)>, StorageError> {
    let sql = "SELECT id, due_at FROM instance WHERE due_at IS NOT NULL ORDER BY due_at LIMIT $1";
    tx.list(sql, values![limit], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// When the next instance is due; none when no clock runs.
pub fn earliest(tx: &mut dyn Transaction) -> Result<Option<Timestamp>, StorageError> {
    let sql = "SELECT due_at FROM instance WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1";
    tx.find(sql, &[], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture, instance};
    use crate::instance::{self, InstanceRow};
    use domain::instance::InstanceState;

    #[test]
    fn without_clocks_nothing_is_due() {
        let fixture = StorageFixture::with_instance();
        assert_eq!(fixture.read(earliest), None);
        assert_eq!(fixture.read(|tx| overdue(tx, Timestamp(i64::MAX), 10)), []);
    }

    #[test]
    fn the_earliest_is_first_and_later_ones_are_left() {
        let fixture = StorageFixture::with_two_candidates();
        fixture.write(|tx| {
            [(1, 30), (2, 10), (3, 20)].into_iter().try_for_each(|(n, seconds)| {
                let due_at = Some(NOW.plus_seconds(seconds));
                let row = InstanceRow {
                    due_at,
                    state: InstanceState::Complete,
                    ..instance(&format!("Ti{n}"), "Ca1", n)
                };
                instance::insert(tx, &row)
            })
        });
        let due = fixture.read(|tx| overdue(tx, NOW.plus_seconds(20), 10));
        assert_eq!(
            due,
            [("Ti2".into(), NOW.plus_seconds(10)), ("Ti3".into(), NOW.plus_seconds(20))]
        );
        assert_eq!(fixture.read(earliest), Some(NOW.plus_seconds(10)));
    }
}
