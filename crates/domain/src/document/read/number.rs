//! Numbers in numeric rules (domain rules, 2.7): a JSON number, or a text as a candidate would type
//! it.

use crate::decimal::Decimal;
use crate::document::model::{DecimalSeparator, GroupSeparator, NumberSeparators};

const MOST_WHOLE_DIGITS: usize = 18;
const MOST_DECIMALS: usize = 9;

/// A JSON number literal as a number of a rule.
pub fn of_literal(literal: &str) -> Option<Decimal> {
    let separators = NumberSeparators {
        decimal_separator: DecimalSeparator::Point,
        group_separator: GroupSeparator::None,
    };
    of_text(literal, separators)
}

/// A text as a number of a rule: an optional sign, digits, at most one decimal separator, group
/// separators only between digits, no exponent.
pub fn of_text(text: &str, separators: NumberSeparators) -> Option<Decimal> {
    let (negative, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_decimal = |letter: char| match separators.decimal_separator {
        // Whoever writes a document writes decimals as its other numbers, or as candidates do.
        DecimalSeparator::Auto | DecimalSeparator::Either => letter == '.' || letter == ',',
        DecimalSeparator::Point => letter == '.',
        DecimalSeparator::Comma => letter == ',',
    };
    if may_mean_thousands(digits, separators.decimal_separator) {
        return None;
    }
    let (whole, fraction) = match digits.find(is_decimal) {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, "0"),
    };
    let whole = without_groups(whole, separators.group_separator)?;
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(&whole) || !all_digits(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > MOST_WHOLE_DIGITS || fraction.len() > MOST_DECIMALS {
        return None;
    }
    let or_zero = |text: &str| if text.is_empty() { "0".to_owned() } else { text.to_owned() };
    let sign = if negative { "-" } else { "" };
    Decimal::parse(&format!("{sign}{}.{}", or_zero(whole), or_zero(fraction)))
}

/// Whether a comma stands before exactly three digits where decimals may be written with it: a
/// point is what numbers of documents have, but 1,000 is a thousand to some and 1 to others.
fn may_mean_thousands(digits: &str, decimal_separator: DecimalSeparator) -> bool {
    matches!(decimal_separator, DecimalSeparator::Auto | DecimalSeparator::Either)
        && digits.split_once(',').is_some_and(|(whole, fraction)| {
            fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0')
        })
}

fn without_groups(whole: &str, group: GroupSeparator) -> Option<String> {
    let is_group = |letter: char| match group {
        GroupSeparator::None => false,
        GroupSeparator::Point => letter == '.',
        GroupSeparator::Comma => letter == ',',
        GroupSeparator::Space => matches!(letter, ' ' | '\u{a0}' | '\u{202f}'),
        GroupSeparator::Apostrophe => letter == '\'',
    };
    let parts: Vec<_> = whole.split(is_group).collect();
    let between_digits = parts.len() == 1 || parts.iter().all(|part| !part.is_empty());
    between_digits.then(|| parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_second_separators_and_loose_groups_are_no_numbers() {
        let groups = NumberSeparators {
            decimal_separator: DecimalSeparator::Comma,
            group_separator: GroupSeparator::Point,
        };
        for text in ["", "-", "1e3", "1,2,3", "1..000", ".1", "1,", "--1", "1.", "1,0000000001"] {
            assert_eq!(of_text(text, groups), None, "{text}");
        }
        assert_eq!(of_text("\u{2212}1.234,50", groups), Decimal::parse("-1234.5"));
        assert_eq!(of_literal("1234567890123456789"), None);
        assert_eq!(of_literal("0.1234567891"), None);
        assert_eq!(of_literal("-0.50"), Decimal::parse("-0.5"));
    }
}
