//! What was promised, held against what the database holds.

use crate::fixture::FaultFixture;
use domain::id::InstanceId;
use domain::receipt;
use std::collections::{BTreeMap, BTreeSet};
use storage::answer::{self, ReceiptRow};

/// One acknowledgement as a client has it.
#[derive(Clone, Debug)]
pub struct AcknowledgedWrite {
    pub slot: u64,
    pub seq: u64,
    pub n: u64,
    /// Hexadecimal.
    pub digest: String,
}

/// Reads an instance's receipts and holds its acknowledgements against them. Gives the number of
/// receipts.
pub async fn audit(
    fixture: &FaultFixture,
    books: Vec<(InstanceId, Vec<AcknowledgedWrite>)>,
) -> usize {
    fixture
        .read(move |tx| {
            let mut total = 0;
            for (instance, promises) in &books {
                let receipts = answer::receipts(tx, instance)?;
                let stored = answer::list(tx, instance)?;
                check_chain(instance, &receipts);
                check_stored(&receipts, &stored);
                promises.iter().for_each(|promise| check_promise(promise, &receipts, &stored));
                total += receipts.len();
            }
            Ok(total)
        })
        .await
}

/// None twice, none missing, none altered: numbers are dense, every (slot, seq) is there once,
/// digests recompute.
fn check_chain(instance: &InstanceId, receipts: &[ReceiptRow]) {
    let mut digest = receipt::first(instance);
    let mut seen = BTreeSet::new();
    for (n, stored) in (1..).zip(receipts) {
        assert_eq!(stored.n, n, "numbers are dense");
        assert!(seen.insert((stored.slot, stored.seq)), "kept twice: {stored:?}");
        let slot = u32::try_from(stored.slot).unwrap();
        let (seq, response) = (stored.seq.unsigned_abs(), stored.response.as_deref().unwrap());
        digest = receipt::next(&digest, n.unsigned_abs(), slot, seq, response);
        assert_eq!(stored.digest, Some(digest), "{instance} {n}");
    }
}

/// A slot goes by its newest receipt.
fn check_stored(receipts: &[ReceiptRow], stored: &[ReceiptRow]) {
    let mut newest: BTreeMap<i64, &ReceiptRow> = BTreeMap::new();
    for receipt in receipts {
        let before = newest.insert(receipt.slot, receipt);
        assert!(
            before.is_none_or(|before| before.seq < receipt.seq),
            "older work won: {receipt:?}"
        );
    }
    assert!(stored.iter().eq(newest.into_values()), "{stored:?}");
}

fn check_promise(promise: &AcknowledgedWrite, receipts: &[ReceiptRow], stored: &[ReceiptRow]) {
    let receipt = receipts.get(usize::try_from(promise.n).unwrap() - 1);
    let receipt = receipt.unwrap_or_else(|| panic!("acknowledged and lost: {promise:?}"));
    let found = (receipt.slot.unsigned_abs(), receipt.seq.unsigned_abs(), receipt.digest.map(hex));
    assert_eq!(
        found,
        (promise.slot, promise.seq, Some(promise.digest.clone())),
        "another than was acknowledged"
    );
    let current = stored.iter().find(|stored| stored.slot.unsigned_abs() == promise.slot);
    assert!(
        current.is_some_and(|current| current.seq.unsigned_abs() >= promise.seq),
        "{promise:?}"
    );
}

fn hex(digest: storage::Sha256Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
