//! The last moment at which a clock of this installation was trusted.

use crate::{StorageError, Transaction, values};
use domain::time::Timestamp;

record! {
    /// There is at most one.
    pub struct ClockMarkRow: "clock_mark" {
        trusted_at: Timestamp,
        /// When the operator last confirmed the clock, by that clock.
        confirmed_at: Option<Timestamp>,
    }
}

/// The mark as it stands; none before a clock was trusted for the first time.
pub fn find(tx: &mut dyn Transaction) -> Result<Option<ClockMarkRow>, StorageError> {
    let sql = format!("SELECT {} FROM clock_mark WHERE id = 1", ClockMarkRow::columns());
    tx.find(&sql, &[], ClockMarkRow::read)
}

/// Moves the mark on, never back: another server may be ahead.
pub fn advance(tx: &mut dyn Transaction, at: Timestamp) -> Result<(), StorageError> {
    let sql = "INSERT INTO clock_mark (id, trusted_at) VALUES (1, $1) \
        ON CONFLICT (id) DO UPDATE SET trusted_at = $1 WHERE clock_mark.trusted_at < $1";
    tx.execute(sql, values![at]).map(|_| ())
}

/// Sets the mark to what the operator says the time is, also back.
pub fn confirm(tx: &mut dyn Transaction, at: Timestamp) -> Result<(), StorageError> {
    let sql = "INSERT INTO clock_mark (id, trusted_at, confirmed_at) VALUES (1, $1, $1) \
        ON CONFLICT (id) DO UPDATE SET trusted_at = $1, confirmed_at = $1";
    tx.execute(sql, values![at]).map(|_| ())
}

/// The moment of the newest change there is: what stands for a mark in a database that has none
/// yet.
pub fn newest_change(tx: &mut dyn Transaction) -> Result<Option<Timestamp>, StorageError> {
    let sql = "SELECT max(at) FROM ( \
        SELECT created_at AS at FROM installation \
        UNION ALL SELECT revised_at FROM task \
        UNION ALL SELECT (SELECT e.at FROM event e WHERE e.chain = 'organization/' || o.id ORDER BY e.n DESC LIMIT 1) \
        FROM organization o) changes";
    tx.find(sql, &[], |row| row.get(0)).map(Option::flatten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    #[test]
    fn a_mark_goes_back_only_when_it_is_confirmed() {
        let fixture = StorageFixture::new();
        assert_eq!(fixture.read(find), None);
        fixture.write(|tx| advance(tx, NOW));
        fixture.write(|tx| advance(tx, NOW.plus_seconds(-9)));
        assert_eq!(fixture.read(find), Some(ClockMarkRow { trusted_at: NOW, confirmed_at: None }));
        let earlier = NOW.plus_seconds(-9);
        fixture.write(move |tx| confirm(tx, earlier));
        assert_eq!(
            fixture.read(find),
            Some(ClockMarkRow { trusted_at: earlier, confirmed_at: Some(earlier) })
        );
    }

    #[test]
    fn the_newest_change_is_a_tasks_or_an_organizations_event() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| {
            tx.execute("UPDATE task SET revised_at = $1", values![NOW.plus_seconds(5)]).map(|_| ())
        });
        assert_eq!(fixture.read(newest_change), Some(NOW.plus_seconds(5)));
    }
}
