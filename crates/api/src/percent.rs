//! Percent-encoding, strict in both directions. Must never guess: broken text is an error, not a
//! replacement letter.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;

/// Everything but `A-Z a-z 0-9 - . _ ~` (REST specification, 1.6).
const OUTSIDE_UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The text was no percent-encoded UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPercentEncoding;

/// A value for a query string, with upper-case hex digits; a space is `%20`.
#[must_use]
pub fn encode(value: &str) -> Cow<'_, str> {
    utf8_percent_encode(value, OUTSIDE_UNRESERVED).into()
}

/// Decodes a path segment: `+` stands for itself.
///
/// # Errors
/// When a `%` is not followed by two hex digits, or the bytes are not UTF-8.
pub fn decode_segment(text: &str) -> Result<Cow<'_, str>, InvalidPercentEncoding> {
    decode(text, false)
}

/// Decodes a name or value of a query string: `+` stands for a space.
///
/// # Errors
/// When a `%` is not followed by two hex digits, or the bytes are not UTF-8.
pub fn decode_form(text: &str) -> Result<Cow<'_, str>, InvalidPercentEncoding> {
    decode(text, true)
}

fn decode(text: &str, plus_is_space: bool) -> Result<Cow<'_, str>, InvalidPercentEncoding> {
    if !text.bytes().any(|byte| byte == b'%' || (plus_is_space && byte == b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => (hex_digit(bytes.next())? << 4) | hex_digit(bytes.next())?,
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(decoded).map(Cow::Owned).map_err(|_| InvalidPercentEncoding)
}

fn hex_digit(byte: Option<u8>) -> Result<u8, InvalidPercentEncoding> {
    match byte {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(InvalidPercentEncoding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn broken_encoding_and_broken_utf8_are_refused() {
        for text in ["%ZZ", "%", "%4", "a%C3", "%+1", "%FF", "%ED%A0%80"] {
            assert_eq!(decode_form(text), Err(InvalidPercentEncoding), "{text}");
            assert_eq!(decode_segment(text), Err(InvalidPercentEncoding), "{text}");
        }
    }

    #[test]
    fn a_plus_sign_is_a_space_in_forms_only() {
        assert_eq!(decode_form("A%26B+1%2B1").unwrap(), "A&B 1+1");
        assert_eq!(decode_segment("a+b%2f").unwrap(), "a+b/");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn what_is_encoded_decodes_to_itself(value in any::<String>()) {
            let encoded = encode(&value).into_owned();
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
            prop_assert_eq!(decode_form(&encoded).unwrap(), value.as_str());
            prop_assert_eq!(decode_segment(&encoded).unwrap(), value.as_str());
        }
    }
}
