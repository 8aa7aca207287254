use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// Every word of a table by name. Debug output names all fields, so none can be forgotten here.
fn listed(words: &UiTexts) -> BTreeMap<String, String> {
    let text = format!("{words:#?}");
    let lines = text.lines().filter_map(|line| line.trim().split_once(": \""));
    lines
        .map(|(name, rest)| {
            (name.to_owned(), rest.trim_end_matches(',').trim_end_matches('"').to_owned())
        })
        .collect()
}

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

#[test]
fn every_table_has_every_word_and_the_places_of_the_english_one() {
    let english = listed(TABLES[0]);
    assert!(english.len() > 150, "{}", english.len());
    for words in TABLES {
        let table = listed(words);
        assert_eq!(table.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
        for (name, text) in &table {
            assert!(!text.trim().is_empty(), "{}: {name}", words.lang);
            assert_eq!(places(text), places(&english[name]), "{}: {name}", words.lang);
        }
        assert!(["ltr", "rtl"].contains(&words.dir));
    }
}

#[test]
fn a_complete_table_has_words_of_its_own() {
    let english = listed(TABLES[0]);
    for words in &TABLES[1..] {
        let same = listed(words)
            .into_iter()
            .filter(|(name, text)| english[name] == *text && name != "dir");
        assert_eq!(same.collect::<Vec<_>>(), [], "{}", words.lang);
    }
}

#[test]
fn what_the_browser_likes_best_is_shown_and_english_otherwise() {
    for (line, lang) in [
        ("", "en"),
        ("de, fr;q=0.9", "en"),
        ("tr-TR, en;q=0.8", "tr"),
        ("de;q=1, tr;q=0.5, en;q=0.7", "en"),
        ("tr;q=0, en", "en"),
    ] {
        assert_eq!(of_accepted(line).lang, lang, "{line}");
    }
    assert_eq!(of_tag("TR_tr").map(|words| words.lang), Some("tr"));
    assert!(of_tag("default").is_none());
}

/// The codes that the candidate's page explains, each with its word.
fn reasons() -> BTreeMap<&'static str, &'static str> {
    let script = include_str!("../../assets/candidate/status.js");
    let table = script
        .split_once("const REASONS = {")
        .and_then(|(_, rest)| rest.split_once("};"))
        .unwrap()
        .0;
    let lines = table.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(": "));
    lines.map(|(code, word)| (code, word.trim_matches('"'))).collect()
}

#[test]
fn why_an_answer_was_not_saved_is_said_in_every_language_and_no_more_versions_in_a_sentence_of_its_own()
 {
    let reasons = reasons();
    for words in TABLES {
        let table = serde_json::to_value(words.script).unwrap();
        for (code, word) in &reasons {
            let said = table[*word]
                .as_str()
                .unwrap_or_else(|| panic!("{}: {code} has no {word}", words.lang));
            // It goes into another sentence.
            assert!(
                !said.ends_with('.') && said != words.script.why_other,
                "{}: {word}",
                words.lang
            );
        }
    }
    let word = reasons[domain::refusal::Refusal::TooManyVersions.as_str()];
    assert_eq!(reasons.values().filter(|other| **other == word).count(), 1);
}
