//! Making texts comparable (domain rules, 2.7).

mod pattern;

pub use pattern::normalised_pattern;

use crate::document::model::{Lang, Normalisation, Typography, Whitespace};
use std::borrow::Cow;
use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// After so many rounds a text has long come to rest: folding and composing have to be repeated for
/// a few letters only.
const MOST_ROUNDS: usize = 4;

/// The text as patterns meet it: composed, marks and white space treated, case kept.
#[must_use]
pub fn normalised(text: &str, how: Normalisation) -> Cow<'_, str> {
    let composed = match how.typography {
        Some(Typography::Loose) => loosened(text),
        Some(Typography::Exact) | None if text.is_ascii() || is_nfc(text) => Cow::Borrowed(text),
        Some(Typography::Exact) | None => Cow::Owned(text.nfc().collect()),
    };
    match how.whitespace {
        Whitespace::Exact => composed,
        Whitespace::Trim => trimmed(composed),
        Whitespace::Collapse => collapsed(composed),
    }
}

/// The text as comparisons meet it: also case-folded, unless case matters.
#[must_use]
pub fn comparable(text: &str, how: Normalisation, lang: Lang) -> Cow<'_, str> {
    folded(normalised(text, how), how, lang)
}

/// Folds a normalised text's case, unless case matters.
#[must_use]
pub fn folded(text: Cow<'_, str>, how: Normalisation, lang: Lang) -> Cow<'_, str> {
    let is_loose = how.typography == Some(Typography::Loose);
    if how.case_sensitive {
        return text;
    }
    if is_loose && !(text.is_ascii() && lang != Lang::Tr) {
        return loosely_folded(text, lang);
    }
    if !text.is_ascii() {
        Cow::Owned(caseless::default_case_fold_str(&text))
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        text
    }
}

/// Folds case and composes again until nothing changes: for a few letters one of them undoes the
/// other.
fn loosely_folded(text: Cow<'_, str>, lang: Lang) -> Cow<'_, str> {
    let mut text = text;
    for _ in 0..MOST_ROUNDS {
        let next = loosened(&case_folded(&text, lang)).into_owned();
        if next == *text {
            break;
        }
        text = Cow::Owned(next);
    }
    text
}

/// Full case folding, with the Turkic mappings where the language has them: I goes with ı, İ with
/// i. An i with a dot of its own is what programs make of İ that know nothing of Turkish.
fn case_folded(text: &str, lang: Lang) -> String {
    if lang != Lang::Tr {
        return caseless::default_case_fold_str(text);
    }
    let turkic: String = text
        .chars()
        .map(|letter| match letter {
            'I' => '\u{131}',
            '\u{130}' => 'i',
            other => other,
        })
        .collect();
    caseless::default_case_fold_str(&turkic).replace("i\u{307}", "i")
}

/// The text without what keyboards and word processors put in by themselves: compatibility forms
/// and marks as their plain ones, no format characters, composed.
fn loosened(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut loose = once_loosened(text);
    // What was taken out may have kept letters apart that compose.
    for _ in 0..MOST_ROUNDS {
        let next = once_loosened(&loose);
        if next == loose {
            break;
        }
        loose = next;
    }
    Cow::Owned(loose)
}

fn once_loosened(text: &str) -> String {
    let visible = |letter: &char| !is_format_character(*letter);
    let plain = text.chars().filter(visible).map(plain_mark).nfkc().map(plain_mark);
    plain.filter(visible).nfc().collect()
}

/// Format characters (general category Cf, the soft hyphen among them): nothing is seen of them.
#[must_use]
pub fn is_format_character(letter: char) -> bool {
    !letter.is_ascii() && get_general_category(letter) == GeneralCategory::Format
}

/// An apostrophe, quotation mark, hyphen or dash as its ASCII form. An ellipsis has three points as
/// its compatibility form.
fn plain_mark(letter: char) -> char {
    match letter {
        letter if letter.is_ascii() => letter,
        '\u{b4}'
        | '\u{2b9}'
        | '\u{2bb}'..='\u{2bd}'
        | '\u{2c8}'
        | '\u{55a}'
        | '\u{5f3}'
        | '\u{7f4}'
        | '\u{1fbd}'
        | '\u{1fbf}'
        | '\u{1ffd}'
        | '\u{1ffe}'
        | '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{2039}'
        | '\u{203a}'
        | '\u{275b}'
        | '\u{275c}'
        | '\u{a78c}' => '\'',
        '\u{ab}'
        | '\u{bb}'
        | '\u{2ba}'
        | '\u{2dd}'
        | '\u{5f4}'
        | '\u{201c}'..='\u{201f}'
        | '\u{2033}'
        | '\u{2036}'
        | '\u{275d}'
        | '\u{275e}'
        | '\u{2e42}'
        | '\u{300c}'..='\u{300f}'
        | '\u{301d}'..='\u{301f}' => '"',
        '\u{2043}' | '\u{2212}' => '-',
        letter if get_general_category(letter) == GeneralCategory::DashPunctuation => '-',
        letter => letter,
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
mod tests;
