//! The epochs of the database's history, and where they ended for each task.

use crate::{StorageError, Transaction, values};
use domain::history::{Epoch, EpochHistory};
use domain::id::TaskId;
use domain::time::Timestamp;

/// What stands for the place of a copy that serves nobody yet.
pub const COPY: &str = "copy";

record! {
    /// An epoch of the database as a whole.
    pub struct EpochRow: "history_epoch" {
        number: i64,
        epoch: String,
        /// Which file or server holds the database; none until it was asked.
        place: Option<String>,
        begun_at: Timestamp,
    }
}

/// All epochs, oldest first.
pub fn list(tx: &mut dyn Transaction) -> Result<Vec<EpochRow>, StorageError> {
    tx.list(
        &format!("SELECT {} FROM history_epoch ORDER BY number", EpochRow::columns()),
        &[],
        EpochRow::read,
    )
}

/// The epoch that goes on; none before there is an installation.
pub fn current(tx: &mut dyn Transaction) -> Result<Option<EpochRow>, StorageError> {
    let sql =
        format!("SELECT {} FROM history_epoch ORDER BY number DESC LIMIT 1", EpochRow::columns());
    tx.find(&sql, &[], EpochRow::read)
}

/// The history as a task saw it; none before there is an installation, or when the rows do not
/// follow each other.
pub fn of_task(
    tx: &mut dyn Transaction,
    task: &TaskId,
) -> Result<Option<EpochHistory>, StorageError> {
    // The two halves are one statement, so that both are of one state of the database also at READ
    // COMMITTED.
    let sql = "SELECT h.number, h.epoch, e.revision FROM history_end e JOIN history_epoch h ON h.number = e.number \
        WHERE e.task_id = $1 UNION ALL SELECT number, epoch, NULL FROM history_epoch \
        WHERE number = (SELECT max(number) FROM history_epoch) ORDER BY 1";
    let read = |row: &dyn crate::SqlRow| {
        Ok(Epoch { number: row.get(0)?, secret: row.get(1)?, end: row.get(2)? })
    };
    Ok(EpochHistory::of(tx.list(sql, values![task], read)?))
}

/// Keeps the first epoch of a new installation.
pub(crate) fn insert_first(
    tx: &mut dyn Transaction,
    epoch: &str,
    at: Timestamp,
) -> Result<(), StorageError> {
    EpochRow { number: 1, epoch: epoch.to_owned(), place: None, begun_at: at }.insert_row(tx)
}

/// Says where the epoch that goes on is kept.
pub fn set_place(tx: &mut dyn Transaction, place: &str) -> Result<(), StorageError> {
    let sql = "UPDATE history_epoch SET place = $1 WHERE number = (SELECT max(number) FROM history_epoch)";
    tx.execute(sql, values![place]).map(|_| ())
}

/// Ends the epoch that goes on at every task's present revision, and begins another. Gives its
/// number; none when there is no installation.
pub fn begin(
    tx: &mut dyn Transaction,
    epoch: &str,
    place: Option<&str>,
    at: Timestamp,
) -> Result<Option<i64>, StorageError> {
    take_turn(tx)?;
    let Some(before) = current(tx)? else { return Ok(None) };
    // Only tasks that changed in it get a row, or were made in it: so restarts in new places cost
    // next to nothing.
    let ends = "INSERT INTO history_end (task_id, number, revision) SELECT t.id, $1, t.revision FROM task t \
        WHERE t.revision > COALESCE((SELECT max(e.revision) FROM history_end e WHERE e.task_id = t.id), -1)";
    tx.execute(ends, values![before.number])?;
    let number = before.number + 1;
    EpochRow { number, epoch: epoch.to_owned(), place: place.map(str::to_owned), begun_at: at }
        .insert_row(tx)?;
    Ok(Some(number))
}

/// Begins an epoch if the database is found in another place than the one it was left in, and
/// remembers the place. True when an epoch began.
pub(crate) fn begin_if_moved(
    tx: &mut dyn Transaction,
    place: &str,
    fresh: impl FnOnce() -> (String, Timestamp),
) -> Result<bool, StorageError> {
    let existing =
        |tx: &mut dyn Transaction| Ok::<_, StorageError>(current(tx)?.map(|row| row.place));
    match existing(tx)? {
        None => return Ok(false),
        Some(Some(existing)) if existing == place => return Ok(false),
        Some(_) => take_turn(tx)?,
    }
    // Another server may have done it while this one waited for its turn.
    match existing(tx)?.flatten() {
        None => set_place(tx, place).map(|()| false),
        Some(existing) if existing == place => Ok(false),
        Some(_) => {
            let (epoch, at) = fresh();
            Ok(begin(tx, &epoch, Some(place), at)?.is_some())
        }
    }
}

/// Where many write at once, an epoch ends when nobody is about to change a task: whoever waits for
/// its task's row reads the new epoch afterwards. So no change is numbered in one epoch and
/// announced in another.
fn take_turn(tx: &mut dyn Transaction) -> Result<(), StorageError> {
    let clause = tx.lock_clause();
    if clause.is_empty() {
        return Ok(());
    }
    tx.find(&format!("SELECT 1 FROM installation WHERE id = 1{clause}"), &[], |_| Ok(()))?;
    tx.query(&format!("SELECT id FROM task ORDER BY id{clause}"), &[], &mut |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn fresh(text: &str) -> impl FnOnce() -> (String, Timestamp) + use<'_> {
        move || (text.to_owned(), NOW)
    }

    fn installed() -> StorageFixture {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| {
            tx.execute("DELETE FROM history_epoch", &[])?;
            insert_first(tx, "first", NOW)
        });
        fixture
    }

    #[test]
    fn a_database_without_an_installation_has_no_history() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| tx.execute("DELETE FROM history_epoch", &[]));
        assert_eq!(fixture.read(|tx| of_task(tx, &"Tk1".into())), None);
        assert_eq!(fixture.write(|tx| begin(tx, "second", None, NOW)), None);
        assert!(!fixture.write(|tx| begin_if_moved(tx, "here", fresh("second"))));
    }

    #[test]
    fn an_epoch_begins_once_in_each_new_place_and_never_where_the_place_was_not_known() {
        let fixture = installed();
        let arrive_at =
            |place: &'static str| fixture.write(move |tx| begin_if_moved(tx, place, fresh(place)));
        assert!(!arrive_at("here"), "a place that is learnt is no new one");
        assert!(!arrive_at("here"));
        assert!(arrive_at("there"));
        assert!(!arrive_at("there"));
        fixture.write(|tx| set_place(tx, COPY));
        assert!(arrive_at("there"), "a copy put back into its place");
        let epochs: Vec<_> =
            fixture.read(list).into_iter().map(|row| (row.number, row.epoch)).collect();
        assert_eq!(
            epochs,
            [(1, "first".to_owned()), (2, "there".to_owned()), (3, "there".to_owned())]
        );
    }

    #[test]
    fn a_task_keeps_the_ends_of_the_epochs_in_which_it_was_made_or_changed() {
        let fixture = installed();
        let revise = |to: i64| {
            fixture.write(move |tx| {
                tx.execute("UPDATE task SET revision = $1 WHERE id = 'Tk1'", values![to])
            });
        };
        let begin_one = || fixture.write(|tx| begin(tx, "next", None, NOW));
        let ends = || {
            let sql =
                "SELECT number, revision FROM history_end WHERE task_id = 'Tk1' ORDER BY number";
            fixture.read(|tx| tx.list(sql, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?))))
        };
        revise(0);
        begin_one();
        assert_eq!(
            ends(),
            [(1, 0)],
            "a reader of the untouched task has a cursor for its beginning"
        );
        begin_one();
        assert_eq!(ends(), [(1, 0)]);
        revise(7);
        assert_eq!(begin_one(), Some(4));
        assert_eq!(ends(), [(1, 0), (3, 7)]);
        assert!(fixture.read(|tx| of_task(tx, &"Tk1".into())).is_some());
    }
}
