//! The test that is sat, and answers to it. Questions of the kinds that are scored by rules, a few
//! of each on a page.

use crate::rng::LoadRng;
use serde::Deserialize;
use serde_json::{Value, json};

/// A document of so many pages with so many questions each, without time limits.
pub fn document(pages: u32, questions: u32) -> Value {
    let page = |page: u32| {
        let questions: Vec<Value> = (1..=questions).map(|place| question(page, place)).collect();
        json!({ "key": format!("p{page}"), "questions": questions })
    };
    let pages: Vec<Value> = (1..=pages).map(page).collect();
    json!({
        "assay": 1, "key": "exam", "title": "Exam",
        "dimensions": [{ "name": "Numeracy", "sub": [] }, { "name": "Language", "sub": [] }],
        "sections": [{ "key": "all", "title": "All", "pages": pages }]
    })
}

fn question(page: u32, place: u32) -> Value {
    let key = format!("q{page}x{place}");
    match place % 4 {
        0 => {
            json!({ "key": key, "kind": "input", "type": "numeric", "text": format!("What is {page} times {place}?"),
            "rules": [{ "rule": "equal", "value": page * place, "percentage": 100 }],
            "dimensions": [{ "path": ["Numeracy"] }] })
        }
        1 => {
            json!({ "key": key, "kind": "multiplechoice", "text": format!("Question {place} of page {page}: which is right?"),
            "shuffle": true, "negativePoints": 0.5, "choices": choices(-100),
            "dimensions": [{ "path": ["Language"] }] })
        }
        2 => {
            json!({ "key": key, "kind": "multiplechoice", "text": format!("Question {place} of page {page}: which apply?"),
            "maxSelections": 4, "choices": choices(0) })
        }
        _ => {
            json!({ "key": key, "kind": "match", "text": format!("Question {place} of page {page}: match the halves."),
            "options": [{ "key": "o1", "text": "4" }, { "key": "o2", "text": "8" }],
            "items": [{ "key": "i1", "text": "half of 8", "matches": [{ "option": "o1", "percentage": 50 }] },
                      { "key": "i2", "text": "half of 16", "matches": [{ "option": "o2", "percentage": 50 }] }] })
        }
    }
}

fn choices(wrong: i32) -> Value {
    json!([{ "key": "a", "text": "the first", "percentage": 100 }, { "key": "b", "text": "the second", "percentage": wrong },
        { "key": "c", "text": "the third", "percentage": wrong }, { "key": "d", "text": "none of these", "percentage": wrong }])
}

/// The test as a candidate is sent it, as far as answering needs it.
#[derive(Debug, Deserialize)]
pub struct DeliveredDocument {
    pub pages: Vec<DeliveredPage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveredPage {
    pub page_no: u32,
    pub questions: Vec<DeliveredQuestion>,
}

#[derive(Debug, Deserialize)]
pub struct DeliveredQuestion {
    pub slot: u32,
    #[serde(flatten)]
    kind: DeliveredQuestionKind,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum DeliveredQuestionKind {
    MultipleChoice { choices: Vec<KeyedPart> },
    Match { items: Vec<KeyedPart>, options: Vec<KeyedPart> },
    Input {},
}

#[derive(Debug, Deserialize)]
struct KeyedPart {
    key: String,
}

impl DeliveredQuestion {
    /// Some answer that the question takes.
    pub fn response(&self, chance: &mut LoadRng) -> Value {
        match &self.kind {
            DeliveredQuestionKind::MultipleChoice { choices } => {
                json!([choices.get(chance.below(choices.len())).map(|choice| &choice.key)])
            }
            DeliveredQuestionKind::Match { items, options } => {
                // An option may be used once unless the test says otherwise.
                let turn = chance.below(options.len());
                let options = options.iter().cycle().skip(turn);
                let matched = items
                    .iter()
                    .zip(options)
                    .map(|(item, option)| (item.key.clone(), json!(option.key)));
                matched.collect::<serde_json::Map<_, _>>().into()
            }
            DeliveredQuestionKind::Input {} => json!(chance.below(400).to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_as_many_questions_as_were_asked_for() {
        let document = document(3, 10);
        let pages = document["sections"][0]["pages"].as_array().unwrap();
        assert!(
            pages.len() == 3
                && pages.iter().all(|page| page["questions"].as_array().unwrap().len() == 10)
        );
    }

    #[test]
    fn every_kind_of_question_gets_an_answer_of_its_shape() {
        let sent = json!({ "outline": {}, "pages": [{ "pageNo": 1, "questions": [
            { "slot": 1, "kind": "multiplechoice", "text": "", "choices": [{ "key": "a", "text": "" }] },
            { "slot": 2, "kind": "match", "items": [{ "key": "i", "text": "" }], "options": [{ "key": "o", "text": "", "maxUses": 0 }] },
            { "slot": 3, "kind": "input", "type": "numeric", "unit": "" } ] }] });
        let delivered: DeliveredDocument = serde_json::from_value(sent).unwrap();
        let mut chance = LoadRng::of(1, 1);
        let [choice, matched, input] =
            [0, 1, 2].map(|index| delivered.pages[0].questions[index].response(&mut chance));
        assert_eq!((choice, matched), (json!(["a"]), json!({ "i": "o" })));
        assert!(input.is_string());
    }
}
