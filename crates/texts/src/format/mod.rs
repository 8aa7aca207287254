//! Numbers, dates, durations and sizes as a language writes them, by Unicode CLDR.

use crate::Language;
use fixed_decimal::Decimal;
use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMDT;
use icu_datetime::options::TimePrecision;
use icu_decimal::DecimalFormatter;
use icu_locale_core::Locale;
use icu_time::{DateTime, Time};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt::Display;

const MINUTE: u32 = 60;
const HOUR: u32 = 3600;

/// A text with its placeholders replaced; a value is never looked at again.
pub fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let named = after.split_once('}').and_then(|(name, behind)| {
            let (_, value) = values.iter().find(|(entry, _)| *entry == name)?;
            Some((value, behind))
        });
        match named {
            Some((value, behind)) => {
                filled.push_str(&value.to_string());
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

/// What the libraries go by. Digits are those of the pages, where answers are typed too.
pub fn locale(tag: &str) -> Option<Locale> {
    format!("{tag}-u-nu-latn").parse().ok()
}

/// A decimal with the separators of the language.
pub fn decimal(tag: &str, number: &Decimal) -> String {
    let formatter = locale(tag)
        .and_then(|locale| DecimalFormatter::try_new((&locale).into(), Default::default()).ok());
    formatter.map_or_else(|| number.to_string(), |by| by.format(number).to_string())
}

impl Language {
    /// A number with the separators of the language.
    #[must_use]
    pub fn number(&self, number: impl Display) -> String {
        let written = number.to_string();
        written.parse().map_or(written, |number| decimal(self.locale, &number))
    }

    /// An instant in seconds since the epoch, to the minute and with its zone, which is UTC: what is read in mails and where no
    /// script says it in the reader's own zone.
    #[must_use]
    pub fn date_time(&self, seconds: i64) -> String {
        let at = Timestamp::from_second(seconds).unwrap_or_default();
        let written = self.written_date_time(at);
        format!("{} UTC", written.unwrap_or_else(|| at.strftime("%Y-%m-%d %H:%M").to_string()))
    }

    fn written_date_time(&self, at: Timestamp) -> Option<String> {
        let at = TimeZone::UTC.to_datetime(at);
        let part = |number: i8| u8::try_from(number).ok();
        let date =
            Date::try_new_gregorian(at.year().into(), part(at.month())?, part(at.day())?).ok()?;
        let time = Time::try_new(part(at.hour())?, part(at.minute())?, 0, 0).ok()?;
        let fields = YMDT::medium().with_time_precision(TimePrecision::Minute);
        let locale = locale(self.locale)?;
        let formatter =
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&locale).into(), fields)
                .ok()?;
        Some(formatter.format(&DateTime { date, time }).to_string())
    }

    /// A length of time in words: its hours, minutes and seconds, without those there are none of.
    #[must_use]
    pub fn duration(&self, seconds: u32) -> String {
        let (hours, minutes) = (seconds / HOUR, seconds / MINUTE % 60);
        let left = seconds % MINUTE;
        let mut parts = Vec::new();
        if hours > 0 {
            parts.push(self.pages.duration_hours(hours));
        }
        if minutes > 0 {
            parts.push(self.pages.duration_minutes(minutes));
        }
        if left > 0 || parts.is_empty() {
            parts.push(self.pages.duration_seconds(left));
        }
        parts.join(" ")
    }

    /// The size of a file, to a tenth, in decimal units.
    #[must_use]
    pub fn size(&self, bytes: u64) -> String {
        let tenths = |unit: u64| {
            let tenths = bytes.saturating_mul(10) / unit;
            let written = format!("{}.{}", tenths / 10, tenths % 10);
            self.number(written.strip_suffix(".0").unwrap_or(&written))
        };
        match bytes {
            0..1_000 => self.pages.size_bytes(bytes),
            1_000..1_000_000 => self.pages.size_kilobytes(tenths(1_000)),
            1_000_000..1_000_000_000 => self.pages.size_megabytes(tenths(1_000_000)),
            _ => self.pages.size_gigabytes(tenths(1_000_000_000)),
        }
    }
}

#[cfg(test)]
mod tests;
