//! Values of bodies that several shapes read alike (REST specification, 1.7). Faults are the
//! field's own.

use crate::body::BodyField;
use app::validation;
use domain::access::settings::AttemptLimit;
use domain::fault::ErrorCode;
use domain::time::Timestamp;
use std::collections::BTreeMap;

pub use validation::{LONGEST_TAG, MOST_ENTRIES};

/// The end of the year 9999, in seconds.
pub const LAST_SECOND: i64 = 253_402_300_799;

/// A text of 1 to 200 characters.
pub fn text(field: &BodyField<'_>) -> Option<String> {
    field.text(1..=validation::LONGEST_TEXT).map(str::to_owned)
}

/// Free text of staff.
pub fn note(field: &BodyField<'_>) -> Option<String> {
    field.text(1..=validation::LONGEST_NOTE).map(str::to_owned)
}

/// A title, folder or label: 2 to 200 characters, none of `<`, `>`, `/`.
pub fn name(field: &BodyField<'_>) -> Option<String> {
    let should = "must not contain <, > or /";
    field
        .text_like(2..=validation::LONGEST_TEXT, should, validation::is_plain_name)
        .map(str::to_owned)
}

/// A folder; the empty name is the default one.
pub fn folder(field: &BodyField<'_>) -> Option<String> {
    field
        .text_like(
            0..=validation::LONGEST_TEXT,
            "must not contain <, > or /",
            validation::is_plain_name,
        )
        .map(str::to_owned)
}

/// A set of texts of 1 to 200 characters; empty when absent.
pub fn texts(field: &BodyField<'_>) -> Vec<String> {
    field.set(0..=MOST_ENTRIES, |item| text(&item)).unwrap_or_default()
}

/// A set of names; empty when absent.
pub fn names(field: &BodyField<'_>) -> Vec<String> {
    field.set(0..=MOST_ENTRIES, |item| name(&item)).unwrap_or_default()
}

/// Name to value of at most so many characters; empty when absent.
pub fn map(field: &BodyField<'_>, longest: usize) -> BTreeMap<String, String> {
    let read = field.map(0..=MOST_ENTRIES, |_, value| value.text(0..=longest).map(str::to_owned));
    read.unwrap_or_default().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Tags; none when absent.
pub fn tags(field: &BodyField<'_>) -> BTreeMap<String, String> {
    map(field, LONGEST_TAG)
}

/// Seconds since 1970.
pub fn moment(field: &BodyField<'_>) -> Option<Timestamp> {
    field.integer(0..=LAST_SECOND).map(Timestamp::from_seconds)
}

/// Seconds since 1970, or null for no limit.
pub fn moment_or_none(field: BodyField<'_>) -> Option<Option<Timestamp>> {
    field.nullable(|field| moment(&field))
}

/// -1 for unlimited, or 1 to 2147483647.
pub fn attempt_limit(field: &BodyField<'_>) -> Option<AttemptLimit> {
    let limit = AttemptLimit::try_from(field.integer(-1..=2_147_483_647)?);
    if limit.is_err() {
        field.refuse(ErrorCode::OutOfRange, "must be -1 or 1 to 2147483647");
    }
    limit.ok()
}

/// A set of texts to search by, not empty and without an empty member.
pub fn search_texts(field: &BodyField<'_>) -> Option<Vec<String>> {
    field.filter_set(MOST_ENTRIES, |item| item.filter_text().map(str::to_owned))
}

/// The same of folders, where the empty name is the default one.
pub fn search_folders(field: &BodyField<'_>) -> Option<Vec<String>> {
    field.filter_set(MOST_ENTRIES, |item| item.text(0..=usize::MAX).map(str::to_owned))
}
