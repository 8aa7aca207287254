use super::*;
use proptest::prelude::*;

mod loose;

fn typed(
    text: &str,
    decimal_separator: DecimalSeparator,
    group_separator: GroupSeparator,
) -> Option<String> {
    let separators = NumberSeparators { decimal_separator, group_separator };
    let format = NumberFormat { separators, typography: None, unit: "", lang: Lang::En };
    read(text, format).ok().map(|number| number.to_string())
}

fn plain(text: &str) -> Option<String> {
    typed(text, DecimalSeparator::Either, GroupSeparator::None)
}

#[test]
fn what_is_no_number_is_refused() {
    for text in [
        "", " ", "-", "+", ".", "1e3", "1.2.3", "1,2.3", "--1", "1-", "1 000", "12a", "\u{661}",
        "0x1", "NaN",
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
    assert_eq!(typed("1,5", DecimalSeparator::Comma, GroupSeparator::None).as_deref(), Some("1.5"));
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
        typed("1'000\u{2019}000", DecimalSeparator::Point, GroupSeparator::Apostrophe).as_deref(),
        Some("1000000")
    );
    assert_eq!(
        typed("1.000,5", DecimalSeparator::Comma, GroupSeparator::Point).as_deref(),
        Some("1000.5")
    );
}
