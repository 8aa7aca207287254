//! Instants, as the server keeps and publishes them.

use serde::{Deserialize, Serialize};

/// A moment in milliseconds since the Unix epoch, UTC. Read once per request; client clocks decide
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The published form: whole seconds, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment as RFC 3339 writes it, in UTC with milliseconds: `2026-01-01T12:00:00.000Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let (days, millis) = (self.0.div_euclid(DAY_MILLIS), self.0.rem_euclid(DAY_MILLIS));
        let (year, month, day) = civil(days);
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }

    /// The moment this many seconds after the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// This moment moved by a number of milliseconds.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This moment moved by a number of seconds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }
}

const DAY_MILLIS: i64 = 86_400_000;
/// Days of 400 years, after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// Year, month and day of a number of days since 1970, by the Gregorian calendar. Years are counted
/// from March here, so that the leap day is the last one.
const fn civil(days: i64) -> (i64, i64, i64) {
    // From 0000-03-01.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
    let year = (day - day / 1460 + day / 36_524 - day / (ERA_DAYS - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Months from March have 31, 30, 31, 30, 31 days, then the same again: 153 in five.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let is_next_year = month >= 10;
    (era * 400 + year + is_next_year as i64, if is_next_year { month - 9 } else { month + 3 }, day)
}

/// A half-open window: open when `after <= now < before`; a missing bound is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeWindow {
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
}

/// Where a moment lies relative to a [`TimeWindow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowPhase {
    NotOpen,
    Open,
    Closed,
}

impl TimeWindow {
    /// Where a moment lies; `after` belongs to the window and `before` does not.
    #[must_use]
    pub fn phase(&self, now: Timestamp) -> WindowPhase {
        if self.before.is_some_and(|before| now >= before) {
            WindowPhase::Closed
        } else if self.after.is_some_and(|after| now < after) {
            WindowPhase::NotOpen
        } else {
            WindowPhase::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_contains_its_start_and_not_its_end() {
        let window = TimeWindow { after: Some(Timestamp(10)), before: Some(Timestamp(20)) };
        assert_eq!(window.phase(Timestamp(9)), WindowPhase::NotOpen);
        assert_eq!(window.phase(Timestamp(10)), WindowPhase::Open);
        assert_eq!(window.phase(Timestamp(19)), WindowPhase::Open);
        assert_eq!(window.phase(Timestamp(20)), WindowPhase::Closed);
        assert_eq!(TimeWindow::default().phase(Timestamp(i64::MIN)), WindowPhase::Open);
    }

    #[test]
    fn a_moment_is_written_in_the_calendar_leap_days_included() {
        let written = |seconds: i64| Timestamp::from_seconds(seconds).rfc3339();
        assert_eq!(written(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(written(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(written(4_107_542_400), "2100-03-01T00:00:00.000Z");
        assert_eq!(Timestamp(1_767_225_599_999).rfc3339(), "2025-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(-1).rfc3339(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn published_seconds_are_rounded_down_also_before_the_epoch() {
        assert_eq!(Timestamp(1999).seconds(), 1);
        assert_eq!(Timestamp(-1).seconds(), -1);
    }
}
