//! How a kept answer is understood, as candidates are told: nothing of it tells the key.

use domain::decimal::Decimal;
use domain::response::{CellReading, InvalidReason, Understanding};
use serde::Serialize;
use utoipa::ToSchema;

/// How a filled cell in a column of numbers was read. One that is no number earns nothing; the
/// table is valid nevertheless.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CellReading)]
pub(super) struct CellReadingItem {
    /// The key of the row.
    row: String,
    /// The key of the column.
    column: String,
    /// Whether it is a number.
    valid: bool,
    /// Why it is none: `not_a_number` or `ambiguous_number`; absent when it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<&'static str>,
    /// The number that was read, as a plain decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    read_as: Option<String>,
}

impl From<&CellReading> for CellReadingItem {
    fn from(cell: &CellReading) -> Self {
        Self {
            row: cell.row.to_string(),
            column: cell.column.to_string(),
            valid: cell.reason.is_none(),
            reason: cell.reason.map(InvalidReason::as_str),
            read_as: cell.read_as.map(plain),
        }
    }
}

/// Why an answer is not valid.
pub(super) fn reason(understanding: &Understanding) -> Option<&'static str> {
    understanding.reason.map(InvalidReason::as_str)
}

/// The number that was read.
pub(super) fn read_as(understanding: &Understanding) -> Option<String> {
    understanding.read_as.map(plain)
}

/// The numbers that were read in a table.
pub(super) fn cell_readings(understanding: &Understanding) -> Vec<CellReadingItem> {
    understanding.cells.iter().map(CellReadingItem::from).collect()
}

fn plain(number: Decimal) -> String {
    number.to_string()
}
