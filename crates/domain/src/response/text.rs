//! Making texts comparable, and finding patterns in them (domain rules, 2.7).

use crate::document::model::{Normalisation, Whitespace};
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The largest compiled size of a pattern, in bytes.
pub const PATTERN_SIZE: usize = 1 << 20;

/// Patterns kept compiled per thread. A full cache is emptied: simple, and tests have far fewer patterns.
const PATTERNS_KEPT: usize = 256;

thread_local! {
    static PATTERNS: RefCell<HashMap<String, Option<Regex>>> = RefCell::new(HashMap::new());
}

/// The text as patterns meet it: NFC and white space treated, case kept.
#[must_use]
pub fn normalised(text: &str, how: Normalisation) -> Cow<'_, str> {
    let composed = if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) };
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
    if is_collapsed { text } else { Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")) }
}

/// Compiles a pattern as rules use it: no look-around or back-references, bounded size. `None` when it does not compile.
#[must_use]
pub fn pattern(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).build().ok()
}

/// Whether a pattern is found in a text; `None` when the pattern does not compile. Compiled patterns are kept per
/// thread, so scoring many instances of a test compiles each once.
#[must_use]
pub fn is_found(written: &str, text: &str) -> Option<bool> {
    PATTERNS.with_borrow_mut(|patterns| {
        if let Some(known) = patterns.get(written) {
            return known.as_ref().map(|regex| regex.is_match(text));
        }
        if patterns.len() >= PATTERNS_KEPT {
            patterns.clear();
        }
        let regex = pattern(written);
        let found = regex.as_ref().map(|regex| regex.is_match(text));
        patterns.insert(written.to_owned(), regex);
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOSE: Normalisation = Normalisation { case_sensitive: false, whitespace: Whitespace::Collapse };

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
        assert_ne!(comparable("A", how(true, Whitespace::Exact)), comparable("a", how(true, Whitespace::Exact)));
    }

    #[test]
    fn white_space_is_collapsed_trimmed_or_kept() {
        let typed = " a \t b\u{a0}c ";
        assert_eq!(normalised(typed, how(true, Whitespace::Collapse)), "a b c");
        assert_eq!(normalised("a\tb", how(true, Whitespace::Collapse)), "a b");
        assert_eq!(normalised(typed, how(true, Whitespace::Trim)), "a \t b\u{a0}c");
        assert_eq!(normalised(typed, how(true, Whitespace::Exact)), typed);
    }

    #[test]
    fn patterns_are_found_anywhere_and_hostile_ones_are_refused() {
        assert_eq!(is_found("b+", "abbc"), Some(true));
        assert_eq!(is_found("^b", "abbc"), Some(false));
        assert_eq!(is_found("(?i)B", "abbc"), Some(true));
        for hostile in ["(a)\\1", "(?=a)", "(", "((a{200}){200}){200}"] {
            assert_eq!(is_found(hostile, "a"), None, "{hostile}");
        }
    }

    #[test]
    fn a_full_cache_of_patterns_still_answers() {
        for number in 0..PATTERNS_KEPT * 2 {
            assert_eq!(is_found(&format!("^{number}$"), &number.to_string()), Some(true));
        }
    }
}
