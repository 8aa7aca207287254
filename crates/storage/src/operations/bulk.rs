//! Large acts done in batches: how far each has got and what its batches came to.

use crate::{StorageError, Transaction, values};
use domain::id::OrganizationId;
use domain::time::Timestamp;

record! {
    /// An act at work, or done a while ago.
    pub struct BulkAct: "bulk_act" {
        organization_id: OrganizationId,
        /// What is done to what.
        name: String,
        /// Of one time that it is done.
        run: String,
        begun_at: Timestamp,
        finished_at: Option<Timestamp>,
    }
}

record! {
    /// What one batch of an act came to.
    pub struct BulkBatch: "bulk_batch" {
        run: String,
        /// From 1.
        n: i64,
        /// JSON of ids, places and numbers.
        outcome: String,
    }
}

/// The act of this name, finished or not.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    name: &str,
) -> Result<Option<BulkAct>, StorageError> {
    let sql = format!(
        "SELECT {} FROM bulk_act WHERE organization_id = $1 AND name = $2",
        BulkAct::columns()
    );
    tx.find(&sql, values![organization, name], BulkAct::read)
}

/// An act with its row locked, before everything it is about.
pub fn lock(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    name: &str,
) -> Result<Option<BulkAct>, StorageError> {
    let (columns, lock) = (BulkAct::columns(), tx.lock_clause());
    let sql =
        format!("SELECT {columns} FROM bulk_act WHERE organization_id = $1 AND name = $2{lock}");
    tx.find(&sql, values![organization, name], BulkAct::read)
}

/// Puts an act in the place of an earlier one of its name. What the organization began before a
/// moment is forgotten.
pub fn begin(
    tx: &mut dyn Transaction,
    act: &BulkAct,
    forgotten_before: Timestamp,
) -> Result<(), StorageError> {
    let old = "organization_id = $1 AND (name = $2 OR begun_at < $3)";
    let values = values![act.organization_id, act.name, forgotten_before];
    let batches =
        format!("DELETE FROM bulk_batch WHERE run IN (SELECT run FROM bulk_act WHERE {old})");
    tx.execute(&batches, values)?;
    tx.execute(&format!("DELETE FROM bulk_act WHERE {old}"), values)?;
    act.insert_row(tx)
}

/// Notes that every batch of a run is done.
pub fn finish(tx: &mut dyn Transaction, run: &str, now: Timestamp) -> Result<(), StorageError> {
    tx.execute("UPDATE bulk_act SET finished_at = $2 WHERE run = $1", values![run, now]).map(|_| ())
}

/// Keeps what a batch came to, in the transaction that did it: a run after a crash goes on behind it.
pub fn keep_batch(tx: &mut dyn Transaction, batch: &BulkBatch) -> Result<(), StorageError> {
    batch.insert_row(tx)
}

/// The batch that was done last.
pub fn last_batch(tx: &mut dyn Transaction, run: &str) -> Result<Option<BulkBatch>, StorageError> {
    let sql = format!(
        "SELECT {} FROM bulk_batch WHERE run = $1 ORDER BY n DESC LIMIT 1",
        BulkBatch::columns()
    );
    tx.find(&sql, values![run], BulkBatch::read)
}

/// What all batches came to, in their order.
pub fn outcomes(tx: &mut dyn Transaction, run: &str) -> Result<Vec<String>, StorageError> {
    tx.list("SELECT outcome FROM bulk_batch WHERE run = $1 ORDER BY n", values![run], |row| {
        row.get(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn act(name: &str, run: &str) -> BulkAct {
        let name = name.to_owned();
        BulkAct {
            organization_id: "Og1".into(),
            name,
            run: run.to_owned(),
            begun_at: NOW,
            finished_at: None,
        }
    }

    fn batch(run: &str, n: i64) -> BulkBatch {
        BulkBatch { run: run.to_owned(), n, outcome: format!("[{n}]") }
    }

    #[test]
    fn an_act_goes_on_behind_its_last_batch_until_another_takes_its_place() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            begin(tx, &act("a", "one"), NOW)?;
            keep_batch(tx, &batch("one", 1))?;
            keep_batch(tx, &batch("one", 2))
        });
        let found = fixture.write(|tx| Ok((lock(tx, &"Og1".into(), "a")?, last_batch(tx, "one")?)));
        assert_eq!(found, (Some(act("a", "one")), Some(batch("one", 2))));
        fixture.write(|tx| finish(tx, "one", NOW));
        let finished = fixture.write(|tx| lock(tx, &"Og1".into(), "a")).unwrap();
        assert_eq!(finished.finished_at, Some(NOW));
        fixture.write(|tx| begin(tx, &act("a", "two"), NOW));
        assert_eq!(fixture.write(|tx| lock(tx, &"Og1".into(), "a")), Some(act("a", "two")));
        assert_eq!(fixture.read(|tx| outcomes(tx, "one")), Vec::<String>::new());
        assert_eq!(fixture.read(|tx| find(tx, &"Og1".into(), "a")), Some(act("a", "two")));
        assert_eq!(
            fixture.read(|tx| find(tx, &"Og2".into(), "a")),
            None,
            "of another organization"
        );
    }

    #[test]
    fn old_acts_are_forgotten_when_another_begins() {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            begin(tx, &act("old", "one"), NOW)?;
            keep_batch(tx, &batch("one", 1))?;
            begin(tx, &BulkAct { begun_at: NOW.plus_seconds(9), ..act("new", "two") }, NOW)?;
            keep_batch(tx, &batch("two", 1))?;
            keep_batch(tx, &batch("two", 2))
        });
        assert_eq!(fixture.read(|tx| outcomes(tx, "one")).len(), 1, "it began no earlier");
        fixture.write(|tx| begin(tx, &act("other", "three"), NOW.plus_seconds(9)));
        assert_eq!(fixture.read(|tx| outcomes(tx, "one")), Vec::<String>::new());
        assert_eq!(fixture.read(|tx| outcomes(tx, "two")), ["[1]", "[2]"]);
    }
}
