//! Making texts comparable (domain rules, 2.7).

use crate::document::model::{Normalisation, Whitespace};
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text as patterns meet it: NFC and white space treated, case kept.
#[must_use]
pub fn normalised(text: &str, how: Normalisation) -> Cow<'_, str> {
    let composed = if text.is_ascii() || is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    };
    match how.whitespace {
        Whitespace::Exact => composed,
        Whitespace::Trim => trimmed(composed),
        Whitespace::Collapse => collapsed(composed),
    }
}

/// The text as comparisons meet it: also case-folded, unless case matters.
#[must_use]
pub fn comparable(text: &str, how: Normalisation) -> Cow<'_, str> {
    folded(normalised(text, how), how)
}

/// Folds a normalised text's case, unless case matters.
#[must_use]
pub fn folded(text: Cow<'_, str>, how: Normalisation) -> Cow<'_, str> {
    if how.case_sensitive {
        text
    } else if !text.is_ascii() {
        Cow::Owned(caseless::default_case_fold_str(&text))
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        text
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn collapsed(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = trimmed(text);
    let mut after_space = false;
    let is_collapsed = text.chars().all(|letter| {
        let again = letter.is_whitespace() && (after_space || letter != ' ');
        after_space = letter.is_whitespace();
        !again
    });
    if is_collapsed {
        text
    } else {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOSE: Normalisation =
        Normalisation { case_sensitive: false, whitespace: Whitespace::Collapse };

    fn how(case_sensitive: bool, whitespace: Whitespace) -> Normalisation {
        Normalisation { case_sensitive, whitespace }
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        assert_eq!(comparable("Cafe\u{301}", LOOSE), comparable("caf\u{e9}", LOOSE));
        assert_eq!(comparable("Cafe\u{301}", how(true, Whitespace::Exact)), "Caf\u{e9}");
    }

    #[test]
    fn folding_is_full_unicode() {
        assert_eq!(comparable("STRASSE", LOOSE), comparable("stra\u{df}e", LOOSE));
        assert_eq!(comparable("\u{3a3}", LOOSE), comparable("\u{3c2}", LOOSE));
        assert_ne!(
            comparable("A", how(true, Whitespace::Exact)),
            comparable("a", how(true, Whitespace::Exact))
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
}
