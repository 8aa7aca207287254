//! What the forms about tasks and candidates offer, and fields that several of them have.

use crate::lang::Language;
use crate::page_error::PageError;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff};
use crate::state::PagesState;
use app::candidates::LabelChange;
use axum::http::StatusCode;
use domain::access::settings::InterfaceLang;
use std::collections::BTreeMap;

/// Ways into a task: the word that is stored, and what staff read.
pub const METHODS: [(&str, &str); 4] = [
    ("invitation-code", "Invitation code"),
    ("single-credential", "One credential, such as a candidate number"),
    ("double-credential", "Two credentials, such as name and password"),
    ("no-auth", "Open link (no code)"),
];

/// The tests of the library that a step can be made of, the newest first, behind a line that
/// chooses none.
pub async fn tests(
    state: &PagesState,
    staff: &SignedInStaff,
) -> Result<Vec<(String, String)>, PageError> {
    let tests = state.app.test_library().list_tests(staff.caller(), false).await?;
    let shown = tests
        .into_iter()
        .rev()
        .map(|test| (test.id.to_string(), crate::rendering::plain(&test.title)));
    Ok(std::iter::once((String::new(), "Choose a test".to_owned())).chain(shown).collect())
}

/// The languages of the interface, each by its own and its English name.
pub fn langs() -> Vec<(&'static str, String)> {
    let words = InterfaceLang::ALL.iter().map(|lang| lang.as_str());
    words.map(|word| (word, Language::of_tag(word).map_or_else(browser_decides, name_of))).collect()
}

fn browser_decides() -> String {
    "Language of the candidate's browser".to_owned()
}

fn name_of(language: &Language) -> String {
    if language.name == language.english {
        language.name.to_owned()
    } else {
        format!("{} ({})", language.name, language.english)
    }
}

/// Tags of a field with one `name: value` a line.
pub fn tags(values: &FormValues, errors: &mut FormErrors, place: &str) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for line in values.lines("tags") {
        match line.split_once(':') {
            Some((name, value)) => {
                drop(tags.insert(name.trim().to_owned(), value.trim().to_owned()))
            }
            None => errors.add(place, "Each line needs a name, a colon and a value."),
        }
    }
    tags
}

/// Tags as a text area shows them: `name: value`, one a line.
pub fn tags_text(tags: &BTreeMap<String, String>) -> String {
    tags.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// What leads from the labels there are to those that are wanted.
pub fn label_change(stored: &[String], wanted: Vec<String>) -> LabelChange {
    LabelChange {
        remove: stored.iter().filter(|label| !wanted.contains(label)).cloned().collect(),
        add: wanted.into_iter().filter(|label| !stored.contains(label)).collect(),
    }
}

/// A page with faults is no success.
pub fn status(errors: &FormErrors) -> StatusCode {
    if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::LANGUAGES;

    #[test]
    fn every_language_that_can_be_chosen_has_texts_and_is_told_by_its_full_name() {
        let shown = langs();
        for (word, name) in &shown[1..] {
            assert!(Language::of_tag(word).is_some_and(|language| language.tag == *word), "{word}");
            let is_full = *word == "en" || name.ends_with(')');
            assert!(is_full, "{name}");
        }
        assert!(shown.contains(&("de", "Deutsch (German)".to_owned())));
        assert!(shown.contains(&("en", "English".to_owned())));
        assert_eq!(shown[0], ("default", "Language of the candidate's browser".to_owned()));
    }

    #[test]
    fn every_language_there_are_texts_in_can_be_chosen() {
        for language in LANGUAGES {
            assert!(InterfaceLang::parse(language.tag).is_some(), "{}", language.tag);
        }
    }
}
