//! Figures as pages show them: at most two decimals, thousands apart, the exact value beside.

use domain::decimal::Decimal;

/// A figure with its exact value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownFigure {
    pub text: String,
    /// Empty when the text is exact.
    pub exact: String,
}

impl ShownFigure {
    pub fn of(figure: Decimal) -> Self {
        let text = two_decimals(figure);
        let exact = with_separators(&figure.to_string());
        Self { exact: if exact == text { String::new() } else { exact }, text }
    }

    /// A ratio in per cent.
    pub fn percent(ratio: Decimal) -> Self {
        let shown = Self::of(ratio * Decimal::HUNDRED);
        let with_sign = |text: String| if text.is_empty() { text } else { format!("{text} %") };
        Self { text: with_sign(shown.text), exact: with_sign(shown.exact) }
    }
}

/// Rounded to two decimals, except that what is short of a whole number stays so: 69.999 % are not
/// shown as the 70 % of a pass mark that they miss.
fn two_decimals(figure: Decimal) -> String {
    let Some(millionths) = figure.millionths() else {
        return with_separators(&figure.to_string());
    };
    let (size, sign) = (millionths.unsigned_abs(), if millionths < 0 { "-" } else { "" });
    let mut hundredths = (size + 5_000) / 10_000;
    if hundredths.is_multiple_of(100) && size < hundredths * 10_000 {
        hundredths -= 1;
    }
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let sign = if hundredths == 0 { "" } else { sign };
    let whole = count(whole);
    match part {
        0 => format!("{sign}{whole}"),
        part if part.is_multiple_of(10) => format!("{sign}{whole}.{}", part / 10),
        part => format!("{sign}{whole}.{part:02}"),
    }
}

/// A number with its thousands apart.
pub fn count(number: u64) -> String {
    with_separators(&number.to_string())
}

fn with_separators(literal: &str) -> String {
    let (sign, digits) = literal.strip_prefix('-').map_or(("", literal), |digits| ("-", digits));
    let (whole, part) = digits
        .split_once('.')
        .map_or((digits, String::new()), |(whole, part)| (whole, format!(".{part}")));
    let mut grouped = String::with_capacity(literal.len() + 4);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(literal: &str) -> (String, String) {
        let figure = ShownFigure::of(Decimal::parse(literal).unwrap());
        (figure.text, figure.exact)
    }

    #[test]
    fn figures_have_two_decimals_and_say_their_exact_value_when_it_differs() {
        for (literal, text, exact) in [
            ("7.166668", "7.17", "7.166668"),
            ("3.666668", "3.67", "3.666668"),
            ("44.5", "44.5", ""),
            ("5000", "5,000", ""),
            ("-16.6667", "-16.67", "-16.6667"),
            ("0", "0", ""),
            ("1234567.005", "1,234,567.01", "1,234,567.005"),
            ("0.05", "0.05", ""),
        ] {
            assert_eq!(shown(literal), (text.to_owned(), exact.to_owned()), "{literal}");
        }
    }

    #[test]
    fn nothing_is_rounded_up_to_a_whole_number() {
        for (literal, text) in [
            ("69.9999", "69.99"),
            ("69.995", "69.99"),
            ("99.9999", "99.99"),
            ("8.000002", "8"),
            ("0.0001", "0"),
            ("-0.0001", "0"),
            ("-0.9999", "-0.99"),
        ] {
            assert_eq!(shown(literal).0, text, "{literal}");
        }
        assert_eq!(ShownFigure::percent(Decimal::parse("0.651515").unwrap()).text, "65.15 %");
    }
}
