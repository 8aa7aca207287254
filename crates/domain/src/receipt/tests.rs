use super::*;
use crate::delivery::write::{StoredWrite, WriteVerdict, judge_write};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn sha256(parts: &[&[u8]]) -> ReceiptDigest {
    Sha256::digest(parts.concat()).into()
}

#[test]
fn the_chain_is_made_of_the_published_bytes() {
    let instance = InstanceId::from("Ti1");
    let start = first(&instance);
    assert_eq!(start, sha256(&[b"assay-receipt-1Ti1"]));
    let link = next(&start, 1, 3, 7, r#"["a","d"]"#);
    assert_eq!(link, sha256(&[&start, br#"{"n":1,"response":["a","d"],"seq":7,"slot":3}"#]));
}

#[test]
fn the_completion_receipt_names_the_last_link_and_no_score() {
    let bytes = completion(&InstanceId::from("Ti1"), Timestamp(1_767_225_600_999), 4, &[0xab; 32]);
    let digest = "ab".repeat(32);
    assert_eq!(
        bytes,
        format!(r#"{{"completedAt":1767225600,"digest":"{digest}","instanceId":"Ti1","n":4}}"#)
    );
}

/// (slot, seq); the response follows from both, so that no two writes conflict.
type ChainedWrite = (u32, u64);

fn response_of((slot, seq): ChainedWrite) -> String {
    format!("\"{slot}/{seq}\"")
}

/// What is kept after writes arrive in an order, and the receipts of that.
fn replay(writes: &[ChainedWrite]) -> (BTreeMap<u32, (u64, String)>, Vec<ChainedWrite>) {
    let mut stored: BTreeMap<u32, (u64, String)> = BTreeMap::new();
    let mut receipts = Vec::new();
    for write in writes {
        let (slot, seq) = *write;
        let existing =
            stored.get(&slot).map(|(seq, canonical)| StoredWrite { seq: *seq, canonical });
        if judge_write(existing, seq, &response_of(*write)) == WriteVerdict::Keep {
            receipts.push(*write);
            stored.insert(slot, (seq, response_of(*write)));
        }
    }
    (stored, receipts)
}

proptest! {
    #[test]
    fn repeating_and_reordering_writes_gives_the_same_kept_answers(
        (writes, shuffled) in proptest::collection::vec((1u32..5, 1u64..9), 0..40)
            .prop_flat_map(|writes| {
                let twice = [writes.clone(), writes.clone()].concat();
                (Just(writes), Just(twice).prop_shuffle())
            })
    ) {
        prop_assert_eq!(replay(&writes).0, replay(&shuffled).0);
    }

    #[test]
    fn receipts_are_numbered_without_gap_and_any_change_shows(
        writes in proptest::collection::vec((1u32..5, 1u64..9), 1..20), changed in any::<proptest::sample::Index>(),
    ) {
        let receipts = replay(&writes).1;
        let chain = |receipts: &[(u32, u64, String)]| {
            let links = receipts.iter().zip(1u64..);
            links.fold(first(&InstanceId::from("Ti1")), |digest, ((slot, seq, response), n)| {
                next(&digest, n, *slot, *seq, response)
            })
        };
        let receipt: Vec<_> = receipts.iter().map(|write| (write.0, write.1, response_of(*write))).collect();
        prop_assert_eq!(chain(&receipt), chain(&receipt.clone()));
        let mut forged = receipt.clone();
        let place = changed.index(forged.len());
        forged[place].2 = "\"forged\"".to_owned();
        prop_assert_ne!(chain(&receipt), chain(&forged));
        let mut gap = receipt.clone();
        gap.remove(place);
        prop_assert_ne!(chain(&receipt), chain(&gap));
    }
}
