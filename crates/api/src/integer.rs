//! Integers as text, of any length. Must never round: what is no integer by JSON's grammar is no
//! integer.

use std::ops::RangeInclusive;

/// Why a text is not an integer within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegerError {
    /// Not by the grammar: optional minus, no leading zero, digits only.
    Type,
    Bounds,
}

/// Reads an integer by JSON's grammar, whatever its length.
///
/// # Errors
/// `Type` when the text is no integer, `Bounds` when it lies outside `bounds`.
pub fn within(text: &str, bounds: &RangeInclusive<i64>) -> Result<i64, IntegerError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    if digits.is_empty() || leading_zero || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(IntegerError::Type);
    }
    // The grammar holds, so only a number too large for 64 bits fails to parse.
    text.parse().ok().filter(|number| bounds.contains(number)).ok_or(IntegerError::Bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_outside_the_grammar_is_no_integer() {
        for text in [
            "", "-", "ten", "10.0", "1e1", "010", "+10", " 10", "10 ", "--1", "-01", "\u{0661}",
            "1_0",
        ] {
            assert_eq!(within(text, &(1..=1000)), Err(IntegerError::Type), "{text}");
        }
    }

    #[test]
    fn integers_of_any_length_are_out_of_bounds_rather_than_wrong() {
        for text in
            ["0", "-1", "1001", "99999999999999999999", "-99999999999999999999", &"9".repeat(5000)]
        {
            assert_eq!(within(text, &(1..=1000)), Err(IntegerError::Bounds), "{text}");
        }
        assert_eq!(within("-0", &(0..=1)), Ok(0));
        assert_eq!(within("1000", &(1..=1000)), Ok(1000));
    }
}
