//! Figures as candidates read them: with at most two decimals, everywhere the same.

use crate::lang::Language;
use domain::decimal::Decimal;

/// A figure with at most two decimals, rounded half up by magnitude.
pub fn figure(exact: Decimal) -> String {
    let Some(millionths) = exact.millionths() else { return exact.to_string() };
    let hundredths = (millionths.unsigned_abs() + 5_000) / 10_000;
    let sign = if millionths < 0 && hundredths > 0 { "-" } else { "" };
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    let digits = match rest {
        0 => String::new(),
        rest if rest % 10 == 0 => format!(".{}", rest / 10),
        rest => format!(".{rest:02}"),
    };
    format!("{sign}{whole}{digits}")
}

/// A ratio in percent.
pub fn percent(words: &Language, ratio: Decimal) -> String {
    words.result_percent(words.number(figure(ratio * Decimal::HUNDRED)))
}

/// Points and what could be earned.
pub fn points(words: &Language, earned: Decimal, maximum: Decimal) -> String {
    words.result_points(words.number(figure(earned)), words.number(figure(maximum)))
}

/// How much of a bar of a hundred a ratio fills; nothing below 0.
pub fn filled(ratio: Decimal) -> f64 {
    ratio.millionths().map_or(0.0, |millionths| (millionths as f64 / 10_000.0).clamp(0.0, 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(literal: &str) -> Decimal {
        Decimal::parse(literal).unwrap()
    }

    #[test]
    fn figures_have_at_most_two_decimals_and_no_zeros_at_their_end() {
        let read = [
            ("3.666668", "3.67"),
            ("83.3", "83.3"),
            ("10", "10"),
            ("0.004999", "0"),
            ("-0.004", "0"),
            ("-16.666667", "-16.67"),
            ("0.005", "0.01"),
            ("1.999", "2"),
        ];
        for (exact, shown) in read {
            assert_eq!(figure(decimal(exact)), shown);
        }
        assert_eq!(percent(Language::english(), decimal("0.833333")), "83.33%");
        assert_eq!(
            points(Language::english(), decimal("3.666668"), decimal("11")),
            "Points: 3.67 of 11"
        );
    }

    #[test]
    fn a_bar_is_never_filled_below_nothing_or_beyond_all() {
        assert_eq!(filled(decimal("-0.5")), 0.0);
        assert_eq!(filled(decimal("0.25")), 25.0);
        assert_eq!(filled(decimal("1.2")), 100.0);
    }
}
