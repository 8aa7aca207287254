//! Receipts: a chain of digests that shows any gap or change among an instance's kept writes
//! (domain rules, 5.5).
//!
//! Knows no keys: signing is done by whoever holds them.

use crate::id::InstanceId;
use crate::json::quote;
use crate::time::Timestamp;
use sha2::{Digest as _, Sha256};

/// One link of the chain.
pub type ReceiptDigest = [u8; 32];

/// digest(0): SHA-256 of `assay-receipt-1` and the instance id.
#[must_use]
pub fn first(instance: &InstanceId) -> ReceiptDigest {
    let mut hasher = Sha256::new();
    hasher.update(b"assay-receipt-1");
    hasher.update(instance.as_str().as_bytes());
    hasher.finalize().into()
}

/// digest(n): SHA-256 of digest(n-1) and the RFC 8785 form of `{n, slot, seq, response}`.
/// `response` is the canonical text that is kept ([`crate::response::canonical`]). `n` and `seq`
/// stay below 2^53, where JSON numbers are exact.
#[must_use]
pub fn next(before: &ReceiptDigest, n: u64, slot: u32, seq: u64, response: &str) -> ReceiptDigest {
    let mut hasher = Sha256::new();
    hasher.update(before);
    // The names stand in the order of RFC 8785 and nothing is between them: any other text is
    // another digest, and every receipt given out before would seem forged.
    hasher.update(format!("{{\"n\":{n},\"response\":{response},\"seq\":{seq},\"slot\":{slot}}}"));
    hasher.finalize().into()
}

/// What is signed on completion: the RFC 8785 form of `{instanceId, completedAt, n, digest}`,
/// completedAt in seconds, digest in lower-case hexadecimal. Holds no score.
#[must_use]
pub fn completion(
    instance: &InstanceId,
    completed_at: Timestamp,
    n: u64,
    digest: &ReceiptDigest,
) -> String {
    let (at, digest, instance) =
        (completed_at.seconds(), hex::encode(digest), quote(instance.as_str()));
    format!("{{\"completedAt\":{at},\"digest\":\"{digest}\",\"instanceId\":{instance},\"n\":{n}}}")
}

#[cfg(test)]
mod tests;
