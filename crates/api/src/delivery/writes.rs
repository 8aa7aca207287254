//! Writes of answers as they are sent, and what is said of each.

use super::understanding::{CellReadingItem, cell_readings, read_as, reason};
use crate::body::{BodyField, FaultyItem};
use crate::error_codes::MALFORMED_WRITE;
use crate::integer;
use crate::request::request;
use crate::request::value::{ValueReader, any_value, integer, list, object};
use app::delivery::answers::{SentWrite, WriteResult};
use domain::fault::Fault;
use domain::json::JsonNode;
use serde::Serialize;
use std::ops::RangeInclusive;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// Writes in one request.
const MOST: usize = 1000;
const LARGEST_SLOT: i64 = 1000;
/// Faults told of one write that cannot be read.
const MAX_WRITE_FAULTS: usize = 10;
/// Beyond it a JSON number is not exact everywhere.
const LARGEST_SEQ: i64 = (1 << 53) - 1;

request! {
    /// One write of an answer.
    struct AnswerWriteRequest as "AnswerWrite" for SentWrite {
        /// The question's number, from 1.
        slot = integer::<u32>(1..=LARGEST_SLOT),
        /// Chosen by the client, rising per slot, so that a delayed retry never overwrites newer
        /// work.
        seq = integer::<u64>(1..=LARGEST_SEQ),
        /// A list of choice keys, an object of item to option, a text, an object of row to object
        /// of column to text, or a list of upload ids, after the kind of the question. An empty one
        /// clears the answer.
        response = any_value(),
    }
}

/// What became of one write.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WriteAcknowledgement {
    /// As sent; absent when the write has no readable one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    slot: Option<u32>,
    /// As sent; absent when the write has no readable one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    seq: Option<u64>,
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
    /// When the server had it, in seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    received_at: Option<i64>,
    /// The link of the receipts' chain, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    digest: Option<String>,
    /// Why it was not kept; absent when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refused: Option<RefusedWrite>,
    /// Whether the kept answer follows the question's rules; one that does not earns nothing and
    /// does not satisfy a required question. An empty one is valid. Absent when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    valid: Option<bool>,
    /// Why it is not valid: `not_a_number`, `ambiguous_number`, `too_few_selections` or
    /// `too_few_matches`; absent when it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<&'static str>,
    /// The number that was read, as a plain decimal; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    read_as: Option<String>,
    /// How the filled cells of a table's columns of numbers were read; absent without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false)]
    cells: Vec<CellReadingItem>,
}

/// Why a write was not kept.
#[derive(Serialize, ToSchema)]
pub(super) struct RefusedWrite {
    /// Stable, snake_case, such as `page_locked` or `time_over`.
    code: &'static str,
    /// Of a write that cannot be read (`malformed_write`), at most ten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    errors: Vec<Fault>,
}

/// The writes of a request that can be read, and where those stood that cannot.
#[derive(Default)]
pub(super) struct ParsedWrites {
    pub readable: Vec<SentWrite>,
    pub places: UnreadableWrites,
}

/// For each write in the order sent: what is said of it when it cannot be read, nothing when it
/// can.
#[derive(Default)]
pub(super) struct UnreadableWrites(Vec<Option<WriteAcknowledgement>>);

/// A list of writes, at least so many.
pub(super) const fn write_list(least: usize) -> WriteList {
    WriteList { length: least..=MOST }
}

/// Writes, each judged by itself (domain rules, 5.5): one that cannot be read is refused alone.
pub(super) struct WriteList {
    length: RangeInclusive<usize>,
}

impl ValueReader for WriteList {
    type Value = ParsedWrites;

    fn read(&self, field: &BodyField<'_>) -> Option<ParsedWrites> {
        let mut all = ParsedWrites::default();
        let write = object::<AnswerWriteRequest>();
        for read in field.list_per_item(self.length.clone(), |item| write.read(item))? {
            match read {
                Ok(write) => {
                    all.readable.push(write);
                    all.places.0.push(None);
                }
                Err(spoiled) => all.places.0.push(Some(unreadable(spoiled))),
            }
        }
        Some(all)
    }

    fn schema(&self) -> RefOr<Schema> {
        list(self.length.clone(), object::<AnswerWriteRequest>()).schema()
    }

    fn components(&self, components: &mut Vec<(String, RefOr<Schema>)>) {
        object::<AnswerWriteRequest>().components(components);
    }
}

fn unreadable(spoiled: FaultyItem<'_>) -> WriteAcknowledgement {
    let number = |name, largest| match spoiled.node.member(name) {
        Some(JsonNode::Number(literal)) => integer::within(literal, &(1..=largest)).ok(),
        _ => None,
    };
    let slot = number("slot", LARGEST_SLOT).and_then(|slot| u32::try_from(slot).ok());
    let seq = number("seq", LARGEST_SEQ).map(i64::unsigned_abs);
    let refused =
        RefusedWrite { code: MALFORMED_WRITE, errors: spoiled.into_faults(MAX_WRITE_FAULTS) };
    WriteAcknowledgement { refused: Some(refused), ..WriteAcknowledgement::of(slot, seq) }
}

impl UnreadableWrites {
    /// What is said of all writes of a request, in their order, when this became of those that can
    /// be read. Nothing is said when nothing became of any: the request is a repeated one.
    pub(super) fn acknowledgements(self, written: &[WriteResult]) -> Vec<WriteAcknowledgement> {
        if written.is_empty() {
            return Vec::new();
        }
        let mut written = written.iter().map(WriteAcknowledgement::from);
        self.0.into_iter().filter_map(|unreadable| unreadable.or_else(|| written.next())).collect()
    }
}

impl WriteAcknowledgement {
    const fn of(slot: Option<u32>, seq: Option<u64>) -> Self {
        Self {
            slot,
            seq,
            outcome: None,
            kept_seq: None,
            n: None,
            received_at: None,
            digest: None,
            refused: None,
            valid: None,
            reason: None,
            read_as: None,
            cells: Vec::new(),
        }
    }
}

impl From<&WriteResult> for WriteAcknowledgement {
    fn from(written: &WriteResult) -> Self {
        match written {
            WriteResult::Acknowledged(acknowledgement) => Self {
                outcome: Some(acknowledgement.outcome.as_str()),
                kept_seq: Some(acknowledgement.kept_seq).filter(|seq| *seq != acknowledgement.seq),
                n: Some(acknowledgement.n),
                received_at: Some(acknowledgement.received_at.seconds()),
                digest: Some(hex::encode(acknowledgement.digest)),
                valid: Some(acknowledgement.understanding.is_valid()),
                reason: reason(&acknowledgement.understanding),
                read_as: read_as(&acknowledgement.understanding),
                cells: cell_readings(&acknowledgement.understanding),
                ..Self::of(Some(acknowledgement.slot), Some(acknowledgement.seq))
            },
            WriteResult::Refused { slot, seq, code } => Self {
                refused: Some(RefusedWrite { code: code.as_str(), errors: Vec::new() }),
                ..Self::of(Some(*slot), Some(*seq))
            },
        }
    }
}
