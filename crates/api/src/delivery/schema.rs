//! Where an instance stands, as it is sent.

use super::understanding::{CellReadingItem, cell_readings, read_as, reason};
use app::delivery::receipt::SignedReceipt;
use app::delivery::show::{InstanceView, KeptWrite};
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Where an instance stands at `serverTimeMillis`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceState)]
pub(super) struct DeliveryInstance {
    /// Id of the test instance.
    instance_id: String,
    /// Id of the step.
    step_id: String,
    /// `STARTED`, `COMPLETE` or `RESETUP`.
    state: &'static str,
    /// `submitted`, `time-over`, `force-closed` or `terminated`; null while open.
    closing: Option<&'static str>,
    /// The test's words for afterwards (`closing` of its document), Markdown; null while the
    /// instance is open.
    closing_text: Option<String>,
    /// When it was started, in seconds since the epoch.
    started_at: i64,
    /// When it was completed, in seconds since the epoch; null while open.
    completed_at: Option<i64>,
    /// The server's clock, in milliseconds since the epoch; a page counts its clocks from it.
    server_time_millis: i64,
    /// Reinstated and not opened since: clocks stand still until `open`.
    is_standing: bool,
    /// Number of the page the candidate is on; null before the first is entered.
    current_page: Option<usize>,
    /// All pages in order: which are visited, locked, and may be entered.
    pages: Vec<DeliveryPageState>,
    /// What is left of the time limits.
    clocks: RunningClocks,
    /// Slot and sequence number of every kept answer, and whether it is valid.
    answers: Vec<SlotSequence>,
    /// Slots that files are on their way to at this moment, from whichever device.
    uploads: Vec<u32>,
}

/// One page of the overview.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PageState)]
struct DeliveryPageState {
    /// The page's number in the test, from 1.
    page_no: usize,
    /// Number of its section, from 1.
    section_no: usize,
    /// Whether the candidate is on it.
    is_current: bool,
    /// Whether it was entered.
    visited: bool,
    /// Whether it is closed for good: it takes no answers.
    locked: bool,
    /// Whether it may be entered from where the candidate is.
    can_enter: bool,
}

/// What is left of the running clocks; null is no limit, or a clock that does not run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RunningClocks)]
struct RunningClocks {
    /// Milliseconds left of the test.
    test_millis: Option<i64>,
    /// Milliseconds left of the section the candidate is in.
    section_millis: Option<i64>,
    /// Milliseconds left of the page the candidate is on.
    page_millis: Option<i64>,
}

/// Which write of a slot is kept, and how it was understood.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeptSequenceNumber)]
struct SlotSequence {
    /// The question's number, from 1.
    slot: u32,
    /// The sequence number of its kept answer.
    seq: u64,
    /// Whether it follows the question's rules; one that does not earns nothing and does not
    /// satisfy a required question. An empty one is valid.
    valid: bool,
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

impl From<&KeptWrite> for SlotSequence {
    fn from(write: &KeptWrite) -> Self {
        Self {
            slot: write.slot,
            seq: write.seq,
            valid: write.understanding.is_valid(),
            reason: reason(&write.understanding),
            read_as: read_as(&write.understanding),
            cells: cell_readings(&write.understanding),
        }
    }
}

impl From<InstanceView> for DeliveryInstance {
    fn from(view: InstanceView) -> Self {
        let left = |end: Option<Timestamp>| end.map(|end| end.0.saturating_sub(view.now.0).max(0));
        Self {
            instance_id: view.instance.to_string(),
            step_id: view.step.to_string(),
            state: view.state.as_str(),
            closing: view.closing.map(domain::instance::ClosingReason::as_str),
            closing_text: view.closing_text,
            started_at: view.started_at.seconds(),
            completed_at: view.completed_at.map(Timestamp::seconds),
            server_time_millis: view.now.0,
            is_standing: view.is_standing,
            current_page: view.current.map(|page| page + 1),
            clocks: RunningClocks {
                test_millis: left(view.clocks.test),
                section_millis: left(view.clocks.section),
                page_millis: left(view.clocks.page),
            },
            uploads: view.uploads,
            pages: view.pages.iter().map(DeliveryPageState::from).collect(),
            answers: view.stored.iter().map(SlotSequence::from).collect(),
        }
    }
}

impl From<&domain::delivery::navigation::PageStatus> for DeliveryPageState {
    fn from(page: &domain::delivery::navigation::PageStatus) -> Self {
        Self {
            page_no: page.page + 1,
            section_no: page.section + 1,
            is_current: page.is_current,
            visited: page.visited,
            locked: page.locked,
            can_enter: page.can_enter,
        }
    }
}

/// A signed receipt: what was handed in, without a score.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceiptResponse {
    /// Id of the test instance.
    instance_id: String,
    /// When it was handed in, in seconds since the epoch.
    completed_at: i64,
    /// Number of kept writes.
    n: u64,
    /// The last link of their chain, in hexadecimal.
    digest: String,
    /// Exactly the text that is signed.
    signed_text: String,
    /// Ed25519, in hexadecimal.
    signature: String,
    /// The server's key to check it with, in hexadecimal.
    public_key: String,
}

impl From<&SignedReceipt> for ReceiptResponse {
    fn from(receipt: &SignedReceipt) -> Self {
        Self {
            instance_id: receipt.instance.to_string(),
            completed_at: receipt.completed_at.seconds(),
            n: receipt.n,
            digest: hex::encode(receipt.digest),
            signed_text: receipt.text(),
            signature: hex::encode(receipt.signature),
            public_key: hex::encode(receipt.public_key),
        }
    }
}
