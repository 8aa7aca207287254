//! Message catalogues: what candidates read on pages, from scripts and in mails, one file a
//! language, and how that language writes numbers, dates, durations and sizes.
//!
//! `languages/` holds the files; the build makes typed tables of them, so that reading one costs
//! nothing at run time. docs/how-to/add-a-language.md has the rest.

mod format;
mod plural;

use format::fill;
use plural::PluralText;

#[allow(missing_docs, reason = "every text is its own description")]
mod generated {
    use super::{Language, PluralText};
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

use std::ops::Deref;

pub use generated::{LANGUAGES, MailTexts, UiTexts};

/// One language with all its texts.
#[derive(Debug)]
pub struct Language {
    /// The name of its file, and what is stored and chosen: `de`.
    pub tag: &'static str,
    /// The tag for `lang`, plurals and formats, as Unicode has it: `sr-Latn` where `tag` is `sr`.
    pub locale: &'static str,
    /// In the language itself.
    pub name: &'static str,
    /// In English, for staff.
    pub english: &'static str,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// Other tags by which browsers ask for it.
    pub also: &'static [&'static str],
    pub pages: UiTexts,
    pub mail: MailTexts,
    /// The texts of the scripts, as JSON.
    pub script: &'static str,
}

/// What pages say is read as the language's own: `language.skip`.
impl Deref for Language {
    type Target = UiTexts;

    fn deref(&self) -> &UiTexts {
        &self.pages
    }
}

impl Language {
    /// The language of a tag such as `tr` or `tr-TR`.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<&'static Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        let is_meant = |name: &str| name.eq_ignore_ascii_case(primary);
        LANGUAGES
            .iter()
            .copied()
            .find(|language| is_meant(language.tag) || language.also.iter().any(|it| is_meant(it)))
    }

    /// English, for everybody whose language there is not.
    #[must_use]
    pub fn english() -> &'static Self {
        LANGUAGES[0]
    }
}
