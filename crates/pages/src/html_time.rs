//! Instants as pages write them: in UTC, for the script to say in the reader's own zone.

use crate::lang::Language;
use domain::time::Timestamp;
use jiff::Timestamp as Instant;

/// An instant for a `<time>` element.
#[derive(Clone, Debug)]
pub struct HtmlTime {
    /// RFC 3339, to the second.
    pub machine: String,
    /// What is read where no script runs.
    pub text: String,
}

impl From<Timestamp> for HtmlTime {
    fn from(at: Timestamp) -> Self {
        let instant = Instant::from_second(at.seconds()).unwrap_or_default();
        Self {
            machine: instant.to_string(),
            text: instant.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        }
    }
}

impl HtmlTime {
    /// An instant in the words of a candidate's language.
    pub fn in_language(at: Timestamp, language: &Language) -> Self {
        Self { text: language.date_time(at.seconds()), ..Self::from(at) }
    }
}

/// A span as `h:mm:ss` or `mm:ss`.
pub fn format_duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_for_machines_and_for_people() {
        let moment = HtmlTime::from(Timestamp(1_767_225_600_999));
        assert_eq!(
            (moment.machine.as_str(), moment.text.as_str()),
            ("2026-01-01T00:00:00Z", "2026-01-01 00:00 UTC")
        );
    }

    #[test]
    fn a_span_has_hours_only_where_there_are_any() {
        assert_eq!(
            [format_duration(5), format_duration(600), format_duration(3_725)],
            ["0:05", "10:00", "1:02:05"]
        );
    }
}
