//! What a version keeps per slot, and whether two versions differ in anything a reader could see.

use crate::failure::Failure;
use crate::json::{from_json, to_json};
use domain::decimal::Decimal;
use domain::scoring::{ScoringResult, SlotFigure};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use storage::version::ResultVersionRow;

/// One slot's part in a version, as it is kept.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StoredSlot {
    slot: u32,
    valid: bool,
    blank: bool,
    effective: bool,
    ignored: bool,
    waiting: bool,
    rate: Option<Decimal>,
    points: Decimal,
}

impl From<&SlotFigure> for StoredSlot {
    fn from(figure: &SlotFigure) -> Self {
        let SlotFigure { slot, valid, blank, effective, ignored, waiting, rate, points } = *figure;
        Self { slot, valid, blank, effective, ignored, waiting, rate, points }
    }
}

/// The JSON list of all slots of an outcome:
/// `{slot, valid, blank, effective, ignored, waiting, rate, points}`.
pub(super) fn slots_json(outcome: &ScoringResult) -> Result<String, Failure> {
    to_json(&outcome.slots.iter().map(StoredSlot::from).collect::<Vec<_>>())
}

/// Whether two versions of one instance differ in anything that is published: a figure, a slot's
/// rate or points, the waiting number, verdict or level (domain rules, 6.7).
///
/// What a question that never counted would have earned is no figure of a correction that ignores
/// it.
pub(crate) fn differs(
    stored: &ResultVersionRow,
    fresh: &ResultVersionRow,
) -> Result<bool, Failure> {
    let same = stored.detailed == fresh.detailed
        && stored.waiting == fresh.waiting
        && stored.passed == fresh.passed
        && stored.level == fresh.level;
    if !same {
        return Ok(true);
    }
    let (stored, fresh): (Vec<StoredSlotRef<'_>>, Vec<StoredSlotRef<'_>>) =
        (from_json(&stored.slots)?, from_json(&fresh.slots)?);
    Ok(stored.len() != fresh.len()
        || stored.iter().zip(&fresh).any(|(stored, fresh)| slot_differs(stored, fresh)))
}

fn slot_differs(stored: &StoredSlotRef<'_>, fresh: &StoredSlotRef<'_>) -> bool {
    let never_counts = !stored.effective && !fresh.effective;
    if never_counts && (stored.ignored || fresh.ignored) {
        return stored.slot != fresh.slot;
    }
    stored.earned() != fresh.earned()
}

/// A slot of a kept version, read back.
#[derive(Deserialize)]
struct StoredSlotRef<'text> {
    slot: u32,
    valid: bool,
    blank: bool,
    effective: bool,
    ignored: bool,
    waiting: bool,
    #[serde(borrow)]
    rate: Option<&'text RawValue>,
    #[serde(borrow)]
    points: &'text RawValue,
}

impl StoredSlotRef<'_> {
    /// Slot, rate and points, as literals.
    fn earned(&self) -> (u32, Option<&str>, &str) {
        (self.slot, self.rate.map(RawValue::get), self.points.get())
    }
}

/// The figures of all slots of a version, as they were computed.
///
/// # Errors
/// When the stored text does not read.
pub(crate) fn slot_figures(version: &ResultVersionRow) -> Result<Vec<SlotFigure>, Failure> {
    parse_slot_figures(&version.slots)
}

/// The same, out of the version's list of slots.
///
/// # Errors
/// When the stored text does not read.
pub(crate) fn parse_slot_figures(slots: &str) -> Result<Vec<SlotFigure>, Failure> {
    let decimal = |literal: &RawValue| {
        Decimal::parse(literal.get())
            .ok_or_else(|| Failure::internal("a kept figure is no decimal"))
    };
    let read: Vec<StoredSlotRef<'_>> = from_json(slots)?;
    let figure = |stored: StoredSlotRef<'_>| {
        let StoredSlotRef { slot, valid, blank, effective, ignored, waiting, rate, points } =
            stored;
        let (rate, points) = (rate.map(decimal).transpose()?, decimal(points)?);
        Ok(SlotFigure { slot, valid, blank, effective, ignored, waiting, rate, points })
    };
    read.into_iter().map(figure).collect()
}
