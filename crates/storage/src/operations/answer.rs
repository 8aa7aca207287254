//! Kept writes of answers: receipts, and for each slot which receipt counts.

use crate::{Sha256Digest, SqlRow, SqlValue, StorageError, Transaction, values};
use domain::id::InstanceId;
use domain::time::Timestamp;

/// One write to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewReceipt<'a> {
    /// The receipt's number in its instance, from 1.
    pub n: i64,
    pub slot: i64,
    pub seq: i64,
    /// JSON.
    pub response: &'a str,
    pub received_at: Timestamp,
    /// Chained over the instance's receipts.
    pub digest: Sha256Digest,
    /// Bytes of this response and of all before it.
    pub total_bytes: i64,
}

/// One kept write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRow {
    pub n: i64,
    pub slot: i64,
    pub seq: i64,
    /// JSON; none once erased.
    pub response: Option<String>,
    pub received_at: Timestamp,
    /// None once erased.
    pub digest: Option<Sha256Digest>,
}

const RECEIPT: &str = "r.n, r.slot, r.seq, r.response, r.received_at, r.digest";

fn read(row: &dyn SqlRow) -> Result<ReceiptRow, StorageError> {
    read_from(row, 0)
}

/// A receipt whose columns begin at `first`.
pub(super) fn read_from(row: &dyn SqlRow, first: usize) -> Result<ReceiptRow, StorageError> {
    Ok(ReceiptRow {
        n: row.get(first)?,
        slot: row.get(first + 1)?,
        seq: row.get(first + 2)?,
        response: row.get(first + 3)?,
        received_at: row.get(first + 4)?,
        digest: row.get(first + 5)?,
    })
}

/// The receipt that counts for a slot; none when nothing was ever kept there.
pub fn find(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    slot: i64,
) -> Result<Option<ReceiptRow>, StorageError> {
    let sql = "SELECT r.n, r.slot, r.seq, r.response, r.received_at, r.digest FROM answer a \
        JOIN receipt r ON r.instance_id = a.instance_id AND r.n = a.n WHERE a.instance_id = $1 AND a.slot = $2";
    tx.find(sql, values![instance, slot], read)
}

/// Keeps a write: its receipt, and that its slot now goes by it.
///
/// # Errors
/// [`StorageError::Conflict`] when the receipt's number is taken.
pub fn insert(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    new_receipt: &NewReceipt<'_>,
) -> Result<(), StorageError> {
    let receipt = "INSERT INTO receipt (instance_id, n, slot, seq, response, received_at, digest, total_bytes) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let answer = "INSERT INTO answer (instance_id, slot, seq, n) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (instance_id, slot) DO UPDATE SET seq = excluded.seq, n = excluded.n";
    let whole: &[SqlValue<'_>] = values![
        instance,
        new_receipt.n,
        new_receipt.slot,
        new_receipt.seq,
        new_receipt.response,
        new_receipt.received_at,
        new_receipt.digest,
        new_receipt.total_bytes
    ];
    tx.execute_all(&[
        (receipt, whole),
        (answer, values![instance, new_receipt.slot, new_receipt.seq, new_receipt.n]),
    ])
}

/// The receipts that count, by slot.
pub fn list(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Vec<ReceiptRow>, StorageError> {
    let sql = format!(
        "SELECT {RECEIPT} FROM answer a JOIN receipt r ON r.instance_id = a.instance_id AND r.n = a.n \
        WHERE a.instance_id = $1 ORDER BY a.slot"
    );
    tx.list(&sql, values![instance], read)
}

/// How many slots hold an answer that is not blank, and when the last write was received.
pub fn progress(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<(i64, Option<Timestamp>), StorageError> {
    let answered = tx.integer(
        "SELECT count(*) FROM answer a JOIN receipt r ON r.instance_id = a.instance_id AND r.n = a.n \
        WHERE a.instance_id = $1 AND r.response IS NOT NULL AND r.response NOT IN ('[]', '{}', '\"\"')",
        values![instance],
    )?;
    let last = "SELECT received_at FROM receipt WHERE instance_id = $1 ORDER BY n DESC LIMIT 1";
    Ok((answered, tx.find(last, values![instance], |row| row.get(0))?))
}

/// Every receipt of an instance, by number.
pub fn receipts(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Vec<ReceiptRow>, StorageError> {
    let sql = format!("SELECT {RECEIPT} FROM receipt r WHERE r.instance_id = $1 ORDER BY r.n");
    tx.list(&sql, values![instance], read)
}

/// Characters of all responses that are kept, for receipts from before their bytes were counted.
pub fn count_characters(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<i64, StorageError> {
    let sql = "SELECT CAST(coalesce(sum(length(response)), 0) AS bigint) FROM receipt WHERE instance_id = $1";
    tx.integer(sql, values![instance])
}

/// Removes what a person wrote and the digests over it; which slots were answered, when and how
/// often stays. Gives how many responses there were.
pub fn erase(tx: &mut dyn Transaction, instance: &InstanceId) -> Result<u64, StorageError> {
    let sql = "UPDATE receipt SET response = NULL, digest = NULL, total_bytes = NULL WHERE instance_id = $1 AND response IS NOT NULL";
    tx.execute(sql, values![instance])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn stored(n: i64, slot: i64, seq: i64) -> NewReceipt<'static> {
        NewReceipt {
            n,
            slot,
            seq,
            response: "[\"a\"]",
            received_at: NOW,
            digest: [3; 32],
            total_bytes: 5 * n,
        }
    }

    #[test]
    fn a_receipt_number_is_used_once_and_the_failed_write_leaves_nothing() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| insert(tx, &"Ti1".into(), &stored(1, 1, 1)));
        let refused = fixture.try_write(|tx| insert(tx, &"Ti1".into(), &stored(1, 2, 1)));
        assert!(matches!(refused, Err(StorageError::Conflict(_))));
        assert_eq!(fixture.read(|tx| find(tx, &"Ti1".into(), 2)), None);
    }

    #[test]
    fn a_receipt_needs_an_instance() {
        let fixture = StorageFixture::with_instance();
        let refused = fixture.try_write(|tx| insert(tx, &"Ti-none".into(), &stored(1, 1, 1)));
        assert!(matches!(refused, Err(StorageError::Statement(_))));
    }

    #[test]
    fn the_newest_write_of_a_slot_counts_and_every_receipt_stays() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| {
            [stored(1, 2, 1), stored(2, 1, 1), stored(3, 2, 5)]
                .iter()
                .try_for_each(|stored| insert(tx, &"Ti1".into(), stored))
        });
        let seqs: Vec<(i64, i64)> = fixture
            .read(|tx| list(tx, &"Ti1".into()))
            .iter()
            .map(|receipt| (receipt.slot, receipt.seq))
            .collect();
        assert_eq!(seqs, [(1, 1), (2, 5)]);
        assert_eq!(fixture.read(|tx| receipts(tx, &"Ti1".into())).len(), 3);
        assert_eq!(fixture.read(|tx| find(tx, &"Ti1".into(), 2)).unwrap().n, 3);
    }

    #[test]
    fn erasing_removes_what_was_written_and_keeps_that_it_was() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| insert(tx, &"Ti1".into(), &stored(1, 1, 1)));
        assert_eq!(fixture.write(|tx| erase(tx, &"Ti1".into())), 1);
        assert_eq!(fixture.write(|tx| erase(tx, &"Ti1".into())), 0);
        let left = fixture.read(|tx| find(tx, &"Ti1".into(), 1)).unwrap();
        assert_eq!((left.seq, left.response, left.digest), (1, None, None));
    }
}
