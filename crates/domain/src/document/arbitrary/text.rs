//! Texts of generated documents: plain words, and such as make quoting and folding hard.

use proptest::prelude::*;

/// A name without control characters and outer white space, short enough to be numbered.
pub(super) fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("plain".to_owned()), "[a-zA-Z\u{e9}\u{130}\u{4e00}'\"#:-]{1,8}"]
}

pub(super) fn title() -> impl Strategy<Value = String> {
    visible()
}

/// Text that may be empty.
pub(super) fn markdown() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(String::new()), 1 => visible(), 1 => "[ \t\r\n\u{85}\u{2028}\u{feff}\u{0}-\u{7f}]{0,6}"]
}

/// Text with a visible character.
pub(super) fn visible() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["Text", "null", "true", "0", "1.50", "- a", "a: b", "# x", "~", "", "é", "10 %"])
            .prop_map(|text| if text.is_empty() { "x".to_owned() } else { text.to_owned() }),
        1 => ("\\PC{0,8}", "[ \t\r\n\u{0}\u{7f}\u{85}\u{2029}\u{ffff}\"'\\\\]{0,3}").prop_map(|(a, b)| format!("{b}x{a}{b}")),
    ]
}

/// Values of text rules.
pub(super) fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "yes",
            "Yes",
            "no",
            "Straße",
            "stra\u{df}e",
            " yes  no ",
            "\u{e9}",
            "e\u{301}",
            ""
        ])
        .prop_map(str::to_owned),
        "[a-c ]{0,4}",
    ]
}

/// Patterns that compile.
pub(super) fn pattern() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["^a", "(?i)yes", "a+b*$", "\\d{2,3}", "[^x]", ""])
        .prop_map(str::to_owned)
}
