//! Writes of answers as they are sent, and what is said of each.

use crate::body::{Field, Object};
use app::delivery::answers::{Write, Written};
use serde::Serialize;
use utoipa::ToSchema;

/// Writes in one request.
const MOST: usize = 1000;
/// Beyond it a JSON number is not exact everywhere.
const LARGEST_SEQ: i64 = (1 << 53) - 1;

/// One write of an answer.
#[derive(ToSchema)]
#[schema(as = AnswerWrite)]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct WriteBody {
    /// The question's number, from 1.
    #[schema(minimum = 1, maximum = 1000)]
    slot: u32,
    /// Chosen by the client, rising per slot, so that a delayed retry never overwrites newer work.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    seq: i64,
    /// A list of choice keys, an object of item to option, a text, an object of row to object of column to text, or a
    /// list of upload ids, after the kind of the question. An empty one clears the answer.
    #[schema(value_type = Value)]
    response: (),
}

/// What became of one write.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Acknowledgement {
    slot: u32,
    seq: u64,
    /// `kept`, `repeated` or `superseded`; absent when it was refused. Any of them means durable.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    outcome: Option<&'static str>,
    /// Of the newer work that superseded this write.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    kept_seq: Option<u64>,
    /// The receipt's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    n: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    received_at: Option<i64>,
    /// The link of the receipts' chain, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refused: Option<RefusedWrite>,
}

/// Why a write was not kept.
#[derive(Serialize, ToSchema)]
pub(super) struct RefusedWrite {
    code: &'static str,
}

/// `writes` of a request about answers alone.
pub(super) fn required(object: &Object<'_>) -> Option<Vec<Write>> {
    object.required("writes").list(1..=MOST, |field| write(&field))
}

/// `writes` that ride with another request.
pub(super) fn riding(object: &Object<'_>) -> Option<Vec<Write>> {
    let field = object.optional("writes");
    if field.is_given() { field.list(0..=MOST, |field| write(&field)) } else { Some(Vec::new()) }
}

fn write(field: &Field<'_>) -> Option<Write> {
    field
        .object(|object| {
            let slot = object.required("slot").integer(1..=1000);
            let seq = object.required("seq").integer(1..=LARGEST_SEQ);
            let response = object.required("response").any().cloned();
            Some(Write { slot: u32::try_from(slot?).ok()?, seq: seq?.unsigned_abs(), response: response? })
        })
        .flatten()
}

/// What is said of all writes of a request, in their order.
pub(super) fn acknowledgements(written: &[Written]) -> Vec<Acknowledgement> {
    written.iter().map(Acknowledgement::from).collect()
}

impl From<&Written> for Acknowledgement {
    fn from(written: &Written) -> Self {
        match written {
            Written::Acknowledged(kept) => Self {
                slot: kept.slot,
                seq: kept.seq,
                outcome: Some(kept.outcome.as_str()),
                kept_seq: Some(kept.kept_seq).filter(|seq| *seq != kept.seq),
                n: Some(kept.n),
                received_at: Some(kept.received_at.seconds()),
                digest: Some(hex::encode(kept.digest)),
                refused: None,
            },
            Written::Refused { slot, seq, code } => Self {
                slot: *slot,
                seq: *seq,
                outcome: None,
                kept_seq: None,
                n: None,
                received_at: None,
                digest: None,
                refused: Some(RefusedWrite { code: code.as_str() }),
            },
        }
    }
}
