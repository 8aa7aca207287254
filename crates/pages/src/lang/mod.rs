//! The words of the interface: one table a language.
//!
//! A table is a value, so one that lacks a word does not compile, and a test refuses words left in
//! English: there is no unfinished language. To add one: a file beside `turkish.rs`, a line in
//! [`TABLES`], and its invitations in `domain::mail::template`; docs/how-to/language.md has the
//! rest.

mod english;
mod script;
mod texts;
mod turkish;

pub use script::ScriptTexts;
pub use texts::UiTexts;

use english::ENGLISH;
use turkish::TURKISH;

/// All languages a page can be shown in. The first is the one for everybody else.
pub const TABLES: [&UiTexts; 2] = [&ENGLISH, &TURKISH];

/// The words of pages that are in English only.
pub const fn english() -> &'static UiTexts {
    &ENGLISH
}

/// The words of a language tag as `tr` or `tr-TR`.
pub fn of_tag(tag: &str) -> Option<&'static UiTexts> {
    let language = tag.trim().split(['-', '_']).next()?;
    TABLES.into_iter().find(|words| words.lang.eq_ignore_ascii_case(language))
}

/// The best of what `Accept-Language` asks for, else English.
pub fn of_accepted(line: &str) -> &'static UiTexts {
    let weight = |parameters: Option<&str>| -> f32 {
        let q = parameters.and_then(|text| text.trim().strip_prefix("q=")?.parse().ok());
        q.unwrap_or(1.0)
    };
    let mut best: Option<(f32, &'static UiTexts)> = None;
    for range in line.split(',') {
        let (tag, parameters) =
            range.split_once(';').map_or((range, None), |(tag, rest)| (tag, Some(rest)));
        let (Some(words), q) = (of_tag(tag), weight(parameters)) else { continue };
        if q > 0.0 && best.is_none_or(|(entry, _)| q > entry) {
            best = Some((q, words));
        }
    }
    best.map_or(TABLES[0], |(_, words)| words)
}

#[cfg(test)]
mod tests;
