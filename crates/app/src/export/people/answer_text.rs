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
        QuestionBody::Input(Input::Rich(_)) => text_of_rich(text),
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

/// The words of cleaned rich text, a line for each block.
fn text_of_rich(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, behind)) = rest.split_once('<') {
        text.push_str(before);
        let Some((tag, behind)) = behind.split_once('>') else { break };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        let is_inside_a_line = ["a", "b", "i", "u", "s", "em", "strong", "sub", "sup", "code"];
        if !is_inside_a_line.contains(&name) {
            text.push(if matches!(name, "td" | "th") { '\t' } else { '\n' });
        }
        rest = behind;
    }
    text.push_str(rest.split('<').next().unwrap_or_default());
    let text = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " ")]
        .iter()
        .fold(text, |text, (entity, letter)| text.replace(entity, letter));
    // Last, so that what was written as an entity stays one.
    let text = text.replace("&amp;", "&");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_keeps_its_lines_and_cells_apart_and_loses_its_tags() {
        let html = "<p>Dear <strong>Ada</strong>,</p><table><tr><td>Revenue</td><td>12</td></tr></table><p>5 &lt; 6 &amp;lt; x<br/>End</p>";
        assert_eq!(text_of_rich(html), "Dear Ada,\nRevenue\t\t12\n5 < 6 &lt; x\nEnd");
        for broken in ["<", "<p", "a<b", "</", "&amp"] {
            assert!(!text_of_rich(broken).contains('<'), "{broken}");
        }
    }
}
