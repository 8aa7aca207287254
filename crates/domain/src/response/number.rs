//! Numbers as people type them (domain rules, 2.7).

use crate::decimal::Decimal;
use crate::document::model::{DecimalSeparator, GroupSeparator, NumberSeparators};

const MOST_WHOLE_DIGITS: usize = 18;
const MOST_DECIMALS: usize = 9;

/// Reads a number: an optional sign (`+`, `-`, U+2212), digits, at most one decimal separator,
/// group separators only between digits and only before the decimal separator; at most 18 digits
/// before and 9 after it. Outer white space does not matter; a missing digit before or after the
/// decimal separator stands for 0. `None` when it is no number.
#[must_use]
pub fn read(typed: &str, separators: NumberSeparators) -> Option<Decimal> {
    let typed = typed.trim();
    let (negative, digits) = match typed.chars().next()? {
        sign @ ('+' | '-' | '\u{2212}') => (sign != '+', &typed[sign.len_utf8()..]),
        _ => (false, typed),
    };
    let is_decimal_separator = |letter| match separators.decimal_separator {
        DecimalSeparator::Either => letter == '.' || letter == ',',
        DecimalSeparator::Point => letter == '.',
        DecimalSeparator::Comma => letter == ',',
    };
    let (whole, fraction) = digits.split_once(is_decimal_separator).unwrap_or((digits, ""));
    let whole = ungrouped(whole, separators.group_separator)?;
    let all_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits
        || whole.len() > MOST_WHOLE_DIGITS
        || fraction.len() > MOST_DECIMALS
        || whole.len() + fraction.len() == 0
    {
        return None;
    }
    let number = Decimal::parse(&literal(&whole, fraction))?;
    Some(if negative { -number } else { number })
}

/// The digits before the decimal separator without their group separators.
fn ungrouped(whole: &str, separator: GroupSeparator) -> Option<String> {
    let mut digits = String::with_capacity(whole.len());
    let mut after_separator = false;
    for letter in whole.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            after_separator = false;
        } else if separates(separator, letter) && !digits.is_empty() && !after_separator {
            after_separator = true;
        } else {
            return None;
        }
    }
    (!after_separator).then_some(digits)
}

/// Whether a letter is the group separator. Word processors and keyboards put no-break spaces and
/// curly apostrophes in the place of the plain ones; those are the same to people.
const fn separates(separator: GroupSeparator, letter: char) -> bool {
    match separator {
        GroupSeparator::None => false,
        GroupSeparator::Point => letter == '.',
        GroupSeparator::Comma => letter == ',',
        GroupSeparator::Space => matches!(letter, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}'),
        GroupSeparator::Apostrophe => matches!(letter, '\'' | '\u{2019}'),
    }
}

fn literal(whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(
        text: &str,
        decimal_separator: DecimalSeparator,
        group_separator: GroupSeparator,
    ) -> Option<String> {
        read(text, NumberSeparators { decimal_separator, group_separator })
            .map(|number| number.to_string())
    }

    fn plain(text: &str) -> Option<String> {
        typed(text, DecimalSeparator::Either, GroupSeparator::None)
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", " ", "-", "+", ".", "1e3", "1.2.3", "1,2.3", "--1", "1-", "1 000", "12a",
            "\u{661}", "0x1", "NaN",
        ] {
            assert_eq!(plain(text), None, "{text:?}");
        }
        assert_eq!(plain("1234567890123456789"), None, "19 digits before the separator");
        assert_eq!(plain("0.1234567890"), None, "10 decimals");
    }

    #[test]
    fn signs_zeros_and_both_separators_are_read() {
        let cases = [
            ("12.1", "12.1"),
            ("9,99", "9.99"),
            ("+5", "5"),
            ("-0.50", "-0.5"),
            ("\u{2212}3", "-3"),
            ("007", "7"),
            (" 4 ", "4"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0", "0"),
            ("999999999999999999.999999999", "999999999999999999.999999999"),
        ];
        for (text, number) in cases {
            assert_eq!(plain(text).as_deref(), Some(number), "{text:?}");
        }
    }

    #[test]
    fn a_fixed_decimal_separator_refuses_the_other() {
        assert_eq!(typed("1,5", DecimalSeparator::Point, GroupSeparator::None), None);
        assert_eq!(typed("1.5", DecimalSeparator::Comma, GroupSeparator::None), None);
        assert_eq!(
            typed("1,5", DecimalSeparator::Comma, GroupSeparator::None).as_deref(),
            Some("1.5")
        );
    }

    #[test]
    fn group_separators_stand_only_between_digits() {
        let comma = |text| typed(text, DecimalSeparator::Point, GroupSeparator::Comma);
        assert_eq!(comma("1,234,567.5").as_deref(), Some("1234567.5"));
        for text in [",1", "1,", "1,,2", "1,.5", "-,1", "1.5,0"] {
            assert_eq!(comma(text), None, "{text:?}");
        }
        let spaced = |text| typed(text, DecimalSeparator::Comma, GroupSeparator::Space);
        assert_eq!(spaced("1 234\u{202f}567,5").as_deref(), Some("1234567.5"));
        assert_eq!(
            typed("1'000\u{2019}000", DecimalSeparator::Point, GroupSeparator::Apostrophe)
                .as_deref(),
            Some("1000000")
        );
        assert_eq!(
            typed("1.000,5", DecimalSeparator::Comma, GroupSeparator::Point).as_deref(),
            Some("1000.5")
        );
    }
}
