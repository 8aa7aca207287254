//! `Retry-After`: seconds, or a moment.

use domain::callback::RetryAfter;
use domain::time::Timestamp;
use reqwest::header::HeaderValue;
use std::time::UNIX_EPOCH;

/// What a receiver asks for; nothing when it says nothing that is understood.
pub(crate) fn read(value: &HeaderValue) -> Option<RetryAfter> {
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(RetryAfter::Seconds(text.parse().unwrap_or(u32::MAX)));
    }
    let moment = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(RetryAfter::At(Timestamp::from_seconds(i64::try_from(moment.as_secs()).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Option<RetryAfter> {
        read(&HeaderValue::from_str(text).unwrap())
    }

    #[test]
    fn what_is_neither_seconds_nor_a_date_says_nothing() {
        for text in ["", "soon", "-1", "1.5", "2026-01-01"] {
            assert_eq!(read_text(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        assert_eq!(read_text("120"), Some(RetryAfter::Seconds(120)));
        assert_eq!(read_text("99999999999"), Some(RetryAfter::Seconds(u32::MAX)));
        let date = read_text("Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!(date, Some(RetryAfter::At(Timestamp(1_767_225_600_000))));
    }
}
