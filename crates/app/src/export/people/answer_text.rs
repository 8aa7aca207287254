//! An answer as people read it: texts of choices and options, never keys.

use crate::answers::AnswerContent;
use crate::answers::content;
use domain::compile::model::Slot;
use domain::document::model::{Input, QuestionBody};
use domain::response::Response;
use std::collections::BTreeMap;

/// The answer to a slot's question on one or several lines. `files` are names by ids.
pub(super) fn answer_text(
    slot: &Slot,
    response: &Response,
    files: &BTreeMap<String, String>,
) -> String {
    if let Response::Uploads(ids) = response {
        let name = |id: &String| files.get(id).cloned().unwrap_or_default();
        let names: Vec<String> = ids.iter().map(name).filter(|name| !name.is_empty()).collect();
        return names.join("; ");
    }
    match content(slot, Some(response), &BTreeMap::new()) {
        AnswerContent::Choices(texts) => {
            texts.iter().map(|text| markup::to_inline_text(text)).collect::<Vec<_>>().join("; ")
        }
        AnswerContent::Matches(pairs) => {
            let pair = |(item, option): &(String, String)| {
                format!("{} → {}", markup::to_inline_text(item), markup::to_inline_text(option))
            };
            pairs.iter().map(pair).collect::<Vec<_>>().join("; ")
        }
        AnswerContent::Value(Some(text)) => value_text(&slot.question.kind, &text),
        AnswerContent::Value(None) | AnswerContent::Uploads(_) => String::new(),
    }
}

fn value_text(body: &QuestionBody, text: &str) -> String {
    match body {
        QuestionBody::Input(Input::Rich(_)) => markup::rich_text::to_lines(text),
        QuestionBody::Input(Input::Tabular(table)) => {
            let Ok(rows) = serde_json::from_str::<Vec<Vec<String>>>(text) else {
                return text.to_owned();
            };
            let heads = table.rows.iter().map(|row| markup::to_inline_text(&row.title));
            let line =
                |(head, cells): (String, Vec<String>)| format!("{head}: {}", cells.join(" | "));
            heads.zip(rows).map(line).collect::<Vec<_>>().join("\n")
        }
        QuestionBody::Input(
            Input::Field(_)
            | Input::Area(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
        )
        | QuestionBody::MultipleChoice(_)
        | QuestionBody::Match(_) => text.to_owned(),
    }
}
