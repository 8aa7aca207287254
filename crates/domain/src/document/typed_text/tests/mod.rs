use super::*;
use proptest::prelude::*;

mod loose;

const EN: Lang = Lang::En;
const EXACT: Normalisation =
    Normalisation { case_sensitive: false, whitespace: Whitespace::Collapse, typography: None };

fn how(case_sensitive: bool, whitespace: Whitespace) -> Normalisation {
    Normalisation { case_sensitive, whitespace, typography: None }
}

#[test]
fn composed_and_decomposed_letters_are_the_same() {
    assert_eq!(comparable("Cafe\u{301}", EXACT, EN), comparable("caf\u{e9}", EXACT, EN));
    assert_eq!(comparable("Cafe\u{301}", how(true, Whitespace::Exact), EN), "Caf\u{e9}");
}

#[test]
fn folding_is_full_unicode() {
    assert_eq!(comparable("STRASSE", EXACT, EN), comparable("stra\u{df}e", EXACT, EN));
    assert_eq!(comparable("\u{3a3}", EXACT, EN), comparable("\u{3c2}", EXACT, EN));
    assert_ne!(
        comparable("A", how(true, Whitespace::Exact), EN),
        comparable("a", how(true, Whitespace::Exact), EN)
    );
}

#[test]
fn white_space_is_collapsed_trimmed_or_kept() {
    let typed = " a \t b\u{a0}c ";
    assert_eq!(normalised(typed, how(true, Whitespace::Collapse)), "a b c");
    assert_eq!(normalised("a\tb", how(true, Whitespace::Collapse)), "a b");
    assert_eq!(normalised(typed, how(true, Whitespace::Trim)), "a \t b\u{a0}c");
    assert_eq!(normalised(typed, how(true, Whitespace::Exact)), typed);
}
