//! Every language is whole, says what the English one says, and is used.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

use assay_texts::{LANGUAGES, Language};
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRuleType, PluralRules};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

const SECTIONS: [&str; 3] = ["pages", "script", "mail"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn catalogue(tag: &str) -> Table {
    std::fs::read_to_string(root().join(format!("languages/{tag}.toml"))).unwrap().parse().unwrap()
}

/// All texts by `section.key`, each in its forms; a plain text is the form "other".
fn texts_of(catalogue: &Table) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for section in SECTIONS {
        for (key, value) in catalogue[section].as_table().unwrap() {
            let forms = match value {
                Value::String(text) => BTreeMap::from([("other".to_owned(), text.clone())]),
                Value::Table(forms) => {
                    let form = |(name, text): (&String, &Value)| {
                        (name.clone(), text.as_str().unwrap_or_default().to_owned())
                    };
                    forms.iter().map(form).collect()
                }
                other => panic!("{section}.{key} is {other}"),
            };
            all.insert(format!("{section}.{key}"), forms);
        }
    }
    all
}

fn is_plural(catalogue: &Table, name: &str) -> bool {
    let (section, key) = name.split_once('.').unwrap();
    catalogue[section][key].is_table()
}

/// Names in braces, single or double.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let names = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    names.filter(|name| !name.is_empty()).collect()
}

fn others() -> impl Iterator<Item = &'static Language> {
    LANGUAGES.into_iter().filter(|language| language.tag != "en")
}

/// What is wrong, a line each; a test that finds nothing else would tell one fault at a time.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_file_is_a_language_and_english_is_the_first() {
    let files = std::fs::read_dir(root().join("languages")).unwrap();
    let files: BTreeSet<_> = files
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let tags: BTreeSet<_> = LANGUAGES.iter().map(|language| language.tag.to_owned()).collect();
    assert_eq!(files, tags);
    assert_eq!(LANGUAGES[0].tag, "en");
    for language in LANGUAGES {
        assert!(["ltr", "rtl"].contains(&language.dir), "{}", language.tag);
        assert!(language.locale.parse::<Locale>().is_ok(), "{}", language.tag);
        assert!(!language.name.is_empty() && !language.english.is_empty(), "{}", language.tag);
    }
}

#[test]
fn every_tag_that_a_browser_asks_by_leads_to_one_language() {
    let mut by_tag = BTreeMap::new();
    for language in LANGUAGES {
        for tag in [&language.tag].into_iter().chain(language.also) {
            assert_eq!(by_tag.insert(*tag, language.tag), None, "{tag} twice");
            assert_eq!(Language::of_tag(&format!("{tag}-XX")).unwrap().tag, language.tag);
        }
    }
    assert_eq!(Language::of_tag("nb-NO").unwrap().tag, "no");
    assert_eq!(Language::of_tag("SR_latn_rs").unwrap().tag, "sr");
    assert!(Language::of_tag("").is_none() && Language::of_tag("default").is_none());
}

#[test]
fn no_language_lacks_a_text_or_has_one_too_many() {
    let english = texts_of(&catalogue("en"));
    let mut faults = Vec::new();
    for language in others() {
        let texts = texts_of(&catalogue(language.tag));
        for name in english.keys().filter(|name| !texts.contains_key(*name)) {
            faults
                .push(format!("{}.toml lacks {name}: {:?}", language.tag, english[name]["other"]));
        }
        for name in texts.keys().filter(|name| !english.contains_key(*name)) {
            faults.push(format!("{}.toml has {name}, which there is no more", language.tag));
        }
    }
    assert_none(&faults);
}

#[test]
fn no_text_is_empty_or_left_in_english() {
    let english = texts_of(&catalogue("en"));
    let mut faults = Vec::new();
    for language in others() {
        let catalogue = catalogue(language.tag);
        let same = catalogue["language"].get("same").and_then(Value::as_array);
        let same: BTreeSet<_> = same.into_iter().flatten().filter_map(Value::as_str).collect();
        let mut unused = same.clone();
        for (name, forms) in texts_of(&catalogue) {
            if forms.values().any(|form| form.trim().is_empty()) {
                faults.push(format!("{}.toml: {name} is empty", language.tag));
            }
            let original = english.get(&name);
            let is_same = original.is_some_and(|original| original["other"] == forms["other"]);
            if is_same && !same.contains(name.as_str()) {
                let shown = &forms["other"];
                faults.push(format!("{}.toml: {name} is the English {shown:?}", language.tag));
            }
            if is_same {
                unused.remove(name.as_str());
            }
        }
        let idle =
            unused.iter().map(|name| format!("{}.toml: {name} is not the same", language.tag));
        faults.extend(idle);
    }
    assert_none(&faults);
}

#[test]
fn every_form_of_a_text_fills_in_what_the_english_one_does() {
    let english = texts_of(&catalogue("en"));
    let mut faults = Vec::new();
    for language in LANGUAGES {
        for (name, forms) in texts_of(&catalogue(language.tag)) {
            let Some(original) = english.get(&name) else { continue };
            let wanted = placeholders(&original["other"]);
            for (category, form) in &forms {
                // "One minute" needs no number.
                let mut found = placeholders(form);
                if category != "other" && wanted.contains("n") {
                    found.insert("n");
                }
                if found != wanted {
                    let tag = language.tag;
                    faults.push(format!(
                        "{tag}.toml: {name} ({category}): {found:?}, not {wanted:?}"
                    ));
                }
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn a_plural_has_exactly_the_forms_of_its_language() {
    let english = catalogue("en");
    let mut faults = Vec::new();
    for language in LANGUAGES {
        let language_only = language.locale.split('-').next().unwrap();
        let locale: Locale = language_only.parse().unwrap();
        let rules =
            PluralRules::try_new((&locale).into(), PluralRuleType::Cardinal.into()).unwrap();
        let categories: BTreeSet<_> = rules.categories().map(word).collect();
        let catalogue = catalogue(language.tag);
        for (name, forms) in texts_of(&catalogue) {
            let Some(is_meant) = english_form(&english, &name) else { continue };
            let has: BTreeSet<_> = forms.keys().map(String::as_str).collect();
            let wanted = if is_meant { categories.clone() } else { BTreeSet::from(["other"]) };
            if is_plural(&catalogue, &name) != is_meant || has != wanted {
                let tag = language.tag;
                faults.push(format!("{tag}.toml: {name} has {has:?} and wants {wanted:?}"));
            }
        }
    }
    assert_none(&faults);
}

/// Whether a text is a plural; nothing when there is none of that name.
fn english_form(english: &Table, name: &str) -> Option<bool> {
    let (section, key) = name.split_once('.')?;
    english[section].get(key).map(Value::is_table)
}

fn word(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

/// The sources in which texts are used, by what they are used for.
fn sources(folder: &str, extension: &str) -> String {
    let mut all = String::new();
    let mut folders = vec![root().parent().unwrap().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                all.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    all
}

#[test]
fn every_text_is_said_somewhere() {
    let code = sources("pages/src", "rs") + &sources("app/src", "rs") + &sources("texts/src", "rs");
    let code = code + &sources("pages/templates", "html");
    let scripts = sources("pages/assets/candidate", "js");
    let is_field = |key: &str| {
        let ends = |rest: &str| !rest.starts_with(|it: char| it.is_alphanumeric() || it == '_');
        code.split(&format!(".{key}")).skip(1).any(ends)
    };
    let mut faults = Vec::new();
    for name in texts_of(&catalogue("en")).keys() {
        let (section, key) = name.split_once('.').unwrap();
        let is_used = match section {
            // One of those names is put together.
            "script" => scripts.contains(&format!("\"{key}\"")) || has_reason(&scripts, key),
            _ => is_field(key),
        };
        if !is_used {
            faults.push(format!("{name} is said nowhere"));
        }
    }
    assert_none(&faults);
}

/// Names that the scripts put together or have as bare keys: `record_${kind}`, `say(state)`.
fn has_reason(scripts: &str, key: &str) -> bool {
    let kind = key.strip_prefix("record_").is_some() && scripts.contains("`record_${kind}`");
    let connection = ["offline", "busy", "trouble", "session", "off", "no_store", "online"];
    kind || connection.contains(&key)
}

#[test]
fn every_text_that_a_script_says_is_there_with_its_placeholders() {
    let scripts = sources("pages/assets/candidate", "js");
    let english = texts_of(&catalogue("en"));
    let mut faults = Vec::new();
    let mut count = 0;
    for call in scripts.split("say(\"").skip(1) {
        let (key, rest) = call.split_once('"').unwrap();
        let Some(forms) = english.get(&format!("script.{key}")) else {
            faults.push(format!("say(\"{key}\") has no text"));
            continue;
        };
        let named = rest.strip_prefix(", {").and_then(|rest| rest.split_once('}'));
        let named: BTreeSet<_> = named.into_iter().flat_map(|(list, _)| top_level(list)).collect();
        let missing: Vec<_> =
            placeholders(&forms["other"]).into_iter().filter(|it| !named.contains(*it)).collect();
        if !missing.is_empty() {
            faults.push(format!("say(\"{key}\") does not fill in {missing:?}"));
        }
        count += 1;
    }
    assert!(count > 60, "{count}");
    assert_none(&faults);
}

/// The names before the colons of an object's text, or alone: `n: 1, why`.
fn top_level(list: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    list.split(',')
        .filter_map(|part| part.trim().split(|it| !is_name(it)).next().map(str::to_owned))
        .collect()
}

#[test]
fn a_reason_goes_into_another_sentence() {
    for language in LANGUAGES {
        for (name, forms) in texts_of(&catalogue(language.tag)) {
            let is_reason = name.starts_with("script.why_");
            let ends = |form: &String| form.ends_with(['.', '!', '?']);
            assert!(!is_reason || !forms.values().any(ends), "{}: {name}", language.tag);
        }
    }
}

#[test]
fn numbers_choose_the_form_that_a_native_speaker_would() {
    let said = |tag: &str, n: f64| Language::of_tag(tag).unwrap().points(n);
    for (tag, n, text) in [
        ("en", 1.0, "1 point"),
        ("en", 2.5, "2.5 points"),
        ("tr", 5.0, "5 puan"),
        ("de", 1234.5, "1.234,5 Punkte"),
        ("fr", 1.5, "1,5 point"),
        ("ru", 1.0, "1 балл"),
        ("ru", 3.0, "3 балла"),
        ("ru", 11.0, "11 баллов"),
        ("ru", 21.0, "21 балл"),
        ("ru", 2.5, "2,5 балла"),
        ("sr", 22.0, "22 poena"),
        ("ar", 2.0, "نقطتان"),
        ("ar", 7.0, "7 نقاط"),
        ("ar", 11.0, "11 نقطة"),
        ("he", 2.0, "שתי נקודות"),
        ("no", 1.0, "1 poeng"),
    ] {
        assert_eq!(said(tag, n), text, "{tag} {n}");
    }
}

#[test]
fn an_instant_has_the_order_of_its_language_and_its_zone() {
    let said: Vec<_> = LANGUAGES
        .iter()
        .map(|language| format!("{} {}", language.tag, language.date_time(1_796_482_800)))
        .collect();
    assert_eq!(said, DATES);
}

const DATES: [&str; 14] = [
    "en Dec 5, 2026, 3:00\u{202f}PM UTC",
    "ar 05\u{200f}/12\u{200f}/2026، 3:00 م UTC",
    "de 05.12.2026, 15:00 UTC",
    "es 5 dic 2026, 15:00 UTC",
    "fr 5 déc. 2026, 15:00 UTC",
    "he 5 בדצמ׳ 2026, 15:00 UTC",
    "it 5 dic 2026, 15:00 UTC",
    "nl 5 dec 2026, 15:00 UTC",
    "no 5. des. 2026, 15:00 UTC",
    "pt 5 de dez. de 2026, 15:00 UTC",
    "ru 5 дек. 2026\u{202f}г., 15:00 UTC",
    "sr 05.12.2026. 15:00 UTC",
    "sv 5 dec. 2026 15:00 UTC",
    "tr 5 Ara 2026 15:00 UTC",
];
