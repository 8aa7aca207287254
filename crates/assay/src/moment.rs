//! Moments as people write them on the command line, and as tables show them.

use domain::time::Timestamp;

/// A day (its beginning in UTC) or an RFC 3339 time.
///
/// # Errors
/// What is allowed, for the refusal of the flag.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    let day = || {
        Some(
            text.parse::<jiff::civil::Date>()
                .ok()?
                .to_zoned_datetime(jiff::tz::TimeZone::UTC)
                .ok()?
                .timestamp(),
        )
    };
    // A date alone is tried first: a time without its zone must not pass for one.
    let moment = if text.contains(['T', 't', ' ']) { text.parse().ok() } else { day() };
    let moment: jiff::Timestamp =
        moment.ok_or("a day such as 2027-12-31 or a time such as 2027-12-31T18:00:00Z")?;
    Ok(Timestamp(moment.as_millisecond()))
}

/// `2027-12-31 18:00:00`, UTC; a moment no calendar holds is shown as its seconds.
#[must_use]
pub fn show(moment: Timestamp) -> String {
    jiff::Timestamp::from_second(moment.seconds()).map_or_else(
        |_| moment.seconds().to_string(),
        |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_a_zone_and_other_texts_are_refused() {
        for wrong in ["", "soon", "2027-13-01", "2027-12-31T18:00:00", "1767225600", "31.12.2027"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_and_times_are_read_in_utc_and_shown_as_such() {
        assert_eq!(parse("2026-01-01").unwrap(), Timestamp::from_seconds(1_767_225_600));
        assert_eq!(
            parse("2026-01-01T02:00:00+02:00").unwrap(),
            Timestamp::from_seconds(1_767_225_600)
        );
        assert_eq!(show(Timestamp::from_seconds(1_767_225_600)), "2026-01-01 00:00:00");
        assert_eq!(show(Timestamp(i64::MAX)), "9223372036854775");
    }
}
