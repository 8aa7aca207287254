use super::*;
use crate::compile::compile;
use crate::compile::random::Seed;
use crate::document::arbitrary;
use crate::fixture::desk_screening;
use crate::time_factor::TimeFactor;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

const FORBIDDEN: [&str; 22] = [
    "percentage",
    "wrongPercentage",
    "blankPercentage",
    "rules",
    "otherwise",
    "effects",
    "dimensions",
    "feedback",
    "evaluation",
    "matches",
    "threshold",
    "negativePoints",
    "partial",
    "effective",
    "levels",
    "passMark",
    "description",
    "cells",
    "origin",
    "tags",
    "caseSensitive",
    "ignorableBlanks",
];

fn names(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                into.push(name.clone());
                names(member, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, into)),
        _ => {}
    }
}

fn shown(compiled: &CompiledTest) -> Vec<Value> {
    let read = |text: String| serde_json::from_str(&text).unwrap();
    let pages = (0..compiled.pages.len())
        .map(|index| serde_json::to_string(&page(compiled, index).unwrap()).unwrap());
    std::iter::once(serde_json::to_string(&outline(compiled, |_| true)).unwrap())
        .chain(pages)
        .map(read)
        .collect()
}

#[test]
fn there_is_no_page_beyond_the_last() {
    let compiled = compile(&desk_screening(), &Seed([0; 32]), TimeFactor::ONE).unwrap();
    assert!(page(&compiled, compiled.pages.len()).is_none());
}

#[test]
fn choices_and_options_are_shown_in_their_shuffled_order() {
    let seed = Seed(std::array::from_fn(|index| u8::try_from(index).unwrap()));
    let compiled = compile(&desk_screening(), &seed, TimeFactor::ONE).unwrap();
    let shown = &shown(&compiled)[1];
    let question = &shown["questions"][0];
    let keys: Vec<_> = question["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["a", "b", "d", "c"]);
    assert_eq!((question["slot"].as_u64(), question["maxSelections"].as_u64()), (Some(1), Some(4)));
    assert_eq!((shown["pageNo"].as_u64(), shown["sectionNo"].as_u64()), (Some(1), Some(1)));
}

#[test]
fn the_outline_numbers_pages_and_slots_through_the_test() {
    let compiled = compile(&desk_screening(), &Seed([0; 32]), TimeFactor::ONE).unwrap();
    let outline = outline(&compiled, |_| true);
    assert_eq!(outline.time_limit, 1800);
    let last = &outline.sections[1].pages[0];
    assert_eq!(
        (last.page_no, last.page_no_in_section, last.slots.as_slice()),
        (3, 1, [4, 5].as_slice())
    );
}

/// Finding security M3.
#[test]
fn the_closing_text_and_the_words_before_coming_sections_are_not_sent_before_they_are_due_m3() {
    let test = crate::document::model::Test {
        closing: "Thank you".to_owned(),
        ..(*desk_screening()).clone()
    };
    let mut test = test;
    test.sections[0].intro = "first words".to_owned();
    test.sections[1].intro = "second words".to_owned();
    let compiled = compile(&Arc::new(test), &Seed([0; 32]), TimeFactor::ONE).unwrap();
    let outline = outline(&compiled, |section| section == 0);
    assert_eq!(
        (outline.closing, outline.sections[0].intro, outline.sections[1].intro),
        ("", "first words", "")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_tells_the_answer_is_sent(test in arbitrary::any_test(), seed: [u8; 32]) {
        let compiled = compile(&Arc::new(test), &Seed(seed), TimeFactor::ONE).unwrap();
        let mut met = Vec::new();
        shown(&compiled).iter().for_each(|value| names(value, &mut met));
        for name in met {
            prop_assert!(!FORBIDDEN.contains(&name.as_str()), "{name}");
        }
    }
}
