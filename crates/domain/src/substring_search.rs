//! Searching names: whether a text contains another, whatever their case.
//!
//! Letters are the same when Unicode simple case folding makes them so, without locale (REST
//! specification, 1.7). Nothing is trimmed or normalised.

use regex::{Regex, RegexBuilder};

/// No name is longer, and simple folding keeps the number of characters.
const LONGEST: usize = 1000;

/// A text to be found in others.
#[derive(Clone, Debug)]
pub struct SubstringSearch {
    /// None is longer than every name.
    pattern: Option<Regex>,
}

impl SubstringSearch {
    /// A search for this text as it is, no pattern; one that is too long is found nowhere.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let is_short = text.chars().count() <= LONGEST;
        let build = || RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build().ok();
        Self { pattern: is_short.then(build).flatten() }
    }

    /// Whether the text occurs, upper and lower case alike.
    #[must_use]
    pub fn is_contained_in(&self, text: &str) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_all_else_does() {
        let finds = |text: &str, name: &str| SubstringSearch::new(text).is_contained_in(name);
        assert!(
            finds("SALES", "Junior sales trainee") && finds("ÇAĞ", "çağrı") && finds("ς", "ΟΔΟΣ")
        );
        assert!(finds("\u{212a}", "k") && finds(".*", "a.*b") && finds("", "x"));
        // Folding is simple: one character for one. Dotless and dotted i differ, and ß is not ss.
        assert!(
            !finds("ı", "I")
                && !finds("ss", "straße")
                && !finds("e\u{301}", "é")
                && !finds(" a", "a")
        );
        assert!(!finds(".*", "anything"));
    }

    #[test]
    fn a_text_longer_than_every_name_is_in_none() {
        assert!(
            !SubstringSearch::new(&"a".repeat(LONGEST + 1))
                .is_contained_in(&"a".repeat(LONGEST + 1))
        );
        assert!(
            SubstringSearch::new(&"\u{1e9e}".repeat(LONGEST)).is_contained_in(&"ß".repeat(LONGEST))
        );
    }
}
