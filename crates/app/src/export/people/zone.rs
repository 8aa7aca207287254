//! The time zone in which a file writes its dates.

use domain::time::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A time zone with its name.
#[derive(Clone, Debug)]
pub struct ExportZone {
    name: String,
    zone: TimeZone,
}

impl Default for ExportZone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }
}

impl ExportZone {
    /// The zone of a name such as `Europe/Istanbul`; UTC, and so called, when this machine does not
    /// know it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match TimeZone::get(name) {
            Ok(zone) => Self { name: zone.iana_name().unwrap_or("UTC").to_owned(), zone },
            Err(_) => Self::default(),
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a clock there shows, to the second.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> Option<DateTime> {
        let instant = jiff::Timestamp::from_second(at.seconds()).ok()?;
        Some(self.zone.to_datetime(instant))
    }

    /// The beginning of a day there, in milliseconds.
    #[must_use]
    pub fn midnight(&self, day: &str) -> Option<i64> {
        let day: jiff::civil::Date = day.parse().ok()?;
        Some(self.zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?.as_millisecond())
    }

    /// The last millisecond of a day there, which may have 23 or 25 hours.
    #[must_use]
    pub fn end_of_day(&self, day: &str) -> Option<i64> {
        let day: jiff::civil::Date = day.parse().ok()?;
        self.midnight(&day.tomorrow().ok()?.to_string())?.checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_that_is_not_known_is_utc_and_called_so() {
        for name in ["", "Mars/Base", "../etc/passwd", "\u{0}", &"x".repeat(10_000)] {
            assert_eq!(ExportZone::named(name).name(), "UTC", "{name:?}");
        }
    }

    #[test]
    fn clocks_and_days_are_those_of_the_zone_also_when_summer_ends() {
        let berlin = ExportZone::named("Europe/Berlin");
        let at = Timestamp(1_793_500_200_000);
        assert_eq!(berlin.clock(at).unwrap().to_string(), "2026-11-01T03:30:00");
        let length = |day| berlin.end_of_day(day).unwrap() + 1 - berlin.midnight(day).unwrap();
        assert_eq!((length("2026-10-25"), length("2026-10-26")), (25 * 3_600_000, 24 * 3_600_000));
        assert_eq!((berlin.midnight("soon"), berlin.end_of_day("9999-12-31")), (None, None));
    }
}
