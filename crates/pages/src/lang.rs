//! The language a page is shown in: what the browser asks for, of those there are texts in.

pub use texts::{LANGUAGES, Language, UiTexts};

/// The best of what `Accept-Language` asks for, else English.
pub fn of_accepted(line: &str) -> &'static Language {
    let weight = |parameters: Option<&str>| -> f32 {
        let q = parameters.and_then(|text| text.trim().strip_prefix("q=")?.parse().ok());
        q.unwrap_or(1.0)
    };
    let mut best: Option<(f32, &'static Language)> = None;
    for range in line.split(',') {
        let (tag, parameters) =
            range.split_once(';').map_or((range, None), |(tag, rest)| (tag, Some(rest)));
        let (Some(language), q) = (Language::of_tag(tag), weight(parameters)) else { continue };
        if q > 0.0 && best.is_none_or(|(entry, _)| q > entry) {
            best = Some((q, language));
        }
    }
    best.map_or_else(Language::english, |(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The codes that the candidate's page explains, each with its text.
    fn reasons() -> BTreeMap<&'static str, &'static str> {
        let script = include_str!("../assets/candidate/status.js");
        let (_, rest) = script.split_once("const REASONS = {").unwrap();
        let (table, _) = rest.split_once("};").unwrap();
        let lines = table.lines();
        let lines = lines.filter_map(|line| line.trim().trim_end_matches(',').split_once(": "));
        lines.map(|(code, text)| (code, text.trim_matches('"'))).collect()
    }

    #[test]
    fn why_an_answer_was_not_saved_is_said_in_every_language_and_no_more_versions_in_a_sentence_of_its_own()
     {
        let reasons = reasons();
        assert!(reasons.len() > 10);
        for language in LANGUAGES {
            let texts: serde_json::Value = serde_json::from_str(language.script).unwrap();
            for (code, name) in &reasons {
                assert!(texts[*name].is_string(), "{}: {code} has no {name}", language.tag);
                assert_ne!(texts[*name], texts["why_other"], "{}: {name}", language.tag);
            }
        }
        let name = reasons[domain::refusal::Refusal::TooManyVersions.as_str()];
        assert_eq!(reasons.values().filter(|other| **other == name).count(), 1);
    }

    #[test]
    fn what_the_browser_likes_best_is_shown_and_english_otherwise() {
        for (line, tag) in [
            ("", "en"),
            ("ja, fi;q=0.9", "en"),
            ("tr-TR, en;q=0.8", "tr"),
            ("ja;q=1, tr;q=0.5, en;q=0.7", "en"),
            ("tr;q=0, en", "en"),
        ] {
            assert_eq!(of_accepted(line).tag, tag, "{line}");
        }
        assert_eq!(Language::of_tag("TR_tr").map(|language| language.tag), Some("tr"));
        assert!(Language::of_tag("default").is_none());
    }
}
