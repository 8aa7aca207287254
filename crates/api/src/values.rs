//! Bounds of values in bodies and queries (REST specification, 1.7).

pub use app::validation::{LONGEST_TAG, MOST_ENTRIES};

/// The end of the year 9999, in seconds.
pub const LAST_SECOND: i64 = 253_402_300_799;
