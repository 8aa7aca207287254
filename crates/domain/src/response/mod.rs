//! Responses: what a candidate entered, read from JSON, judged and written in one canonical form
//! (domain rules, 2.8).
//!
//! Reading decides only what is refused and what is blank; what a response earns is scoring's work.
//! Text is kept as typed: nothing is trimmed or normalised here.

pub mod number;
mod read;
mod understanding;

pub(crate) use read::accepts_media_type;
pub use read::{FinishedUpload, FinishedUploads, NUMERIC_LENGTH, NoUploads, read};
pub use understanding::{
    CellReading, InvalidReason, Understanding, is_valid, understand, understand_stored,
};

use crate::document::key::ElementKey;
use crate::document::model::{Input, MatchQuestion, Question, QuestionBody};
use crate::json::quote;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A response that is not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// Keys of the selected choices.
    Choices(BTreeSet<ElementKey>),
    /// Item key to option key.
    Matches(BTreeMap<ElementKey, ElementKey>),
    Text(String),
    /// Row key to column key to text, as typed.
    Cells(BTreeMap<ElementKey, BTreeMap<ElementKey, String>>),
    /// Ids of finished uploads.
    Uploads(Vec<String>),
}

crate::string_enum! {
    /// Why a response is refused and nothing of it kept.
    pub enum ResponseFault {
        UnknownKey = "response_unknown_key",
        TooMany = "response_too_many",
        TooLong = "response_too_long",
        WrongShape = "response_wrong_shape",
        UploadUnknown = "upload_unknown",
        UploadNotAllowed = "upload_not_allowed",
    }
}

/// The shape that every response to a question has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResponseShape {
    Choices,
    Matches,
    Text,
    Cells,
    Uploads,
}

impl ResponseShape {
    const fn of_question(question: &Question) -> Self {
        match &question.kind {
            QuestionBody::MultipleChoice(_) => Self::Choices,
            QuestionBody::Match(_) => Self::Matches,
            QuestionBody::Input(input) => match input {
                Input::Field(_)
                | Input::Area(_)
                | Input::Rich(_)
                | Input::Code(_)
                | Input::Numeric(_) => Self::Text,
                Input::Tabular(_) => Self::Cells,
                Input::Audio(_) | Input::Video(_) | Input::File(_) | Input::Photo(_) => {
                    Self::Uploads
                }
            },
        }
    }

    const fn of_response(response: &Response) -> Self {
        match response {
            Response::Choices(_) => Self::Choices,
            Response::Matches(_) => Self::Matches,
            Response::Text(_) => Self::Text,
            Response::Cells(_) => Self::Cells,
            Response::Uploads(_) => Self::Uploads,
        }
    }
}

impl Response {
    /// The canonical JSON text (RFC 8785, sets sorted): what is stored, compared and digested.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        match self {
            Self::Choices(keys) => write_list(&mut out, keys.iter().map(ElementKey::as_str)),
            Self::Uploads(ids) => write_list(&mut out, ids.iter().map(String::as_str)),
            Self::Text(text) => out.push_str(&quote(text)),
            Self::Matches(made) => {
                write_map(&mut out, made, |out, option| out.push_str(&quote(option.as_str())))
            }
            Self::Cells(rows) => write_map(&mut out, rows, |out, columns| {
                write_map(out, columns, |out, text| out.push_str(&quote(text)));
            }),
        }
        out
    }

    /// Reads a stored canonical text back; `None` when it is blank or not of this question's shape.
    #[must_use]
    pub fn parse_stored_response(question: &Question, text: &str) -> Option<Self> {
        let response = match ResponseShape::of_question(question) {
            ResponseShape::Choices => serde_json::from_str(text).map(Self::Choices),
            ResponseShape::Matches => serde_json::from_str(text).map(Self::Matches),
            ResponseShape::Text => serde_json::from_str(text).map(Self::Text),
            ResponseShape::Cells => serde_json::from_str(text).map(Self::Cells),
            ResponseShape::Uploads => serde_json::from_str(text).map(Self::Uploads),
        };
        response.ok().filter(|response| !response.is_blank())
    }

    /// Whether this clears the answer: an empty set, map or list, or white space only.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let blank = |text: &str| text.chars().all(char::is_whitespace);
        match self {
            Self::Choices(keys) => keys.is_empty(),
            Self::Matches(made) => made.is_empty(),
            Self::Uploads(ids) => ids.is_empty(),
            Self::Text(text) => blank(text),
            Self::Cells(rows) => rows.values().flat_map(BTreeMap::values).all(|text| blank(text)),
        }
    }
}

/// The canonical text of what is kept for a question: the response's, or the empty value that
/// clears it.
#[must_use]
pub fn canonical(question: &Question, response: Option<&Response>) -> String {
    response.map_or_else(|| cleared_canonical(question).to_owned(), Response::canonical)
}

/// A stored canonical text as it would be kept today: a rich answer that was kept before answers
/// were cleaned is cleaned.
#[must_use]
pub fn recanonicalize<'text>(question: &Question, stored: &'text str) -> Cow<'text, str> {
    if !is_answered_in_html(question) {
        return Cow::Borrowed(stored);
    }
    match Response::parse_stored_response(question, stored) {
        Some(Response::Text(html)) if !markup::rich_text::is_sanitized(&html) => {
            let cleaned = Response::Text(markup::rich_text::sanitize_rich_text(&html).into_owned());
            Cow::Owned(canonical(question, Some(cleaned).filter(|text| !text.is_blank()).as_ref()))
        }
        Some(
            Response::Choices(_)
            | Response::Matches(_)
            | Response::Text(_)
            | Response::Cells(_)
            | Response::Uploads(_),
        )
        | None => Cow::Borrowed(stored),
    }
}

/// Whether what is typed is HTML, which is cleaned before it is kept.
const fn is_answered_in_html(question: &Question) -> bool {
    match &question.kind {
        QuestionBody::MultipleChoice(_) | QuestionBody::Match(_) => false,
        QuestionBody::Input(input) => match input {
            Input::Rich(_) => true,
            Input::Field(_)
            | Input::Area(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Tabular(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_) => false,
        },
    }
}

/// The canonical text of a cleared answer: `[]`, `{}` or `""` after the kind of the question.
#[must_use]
pub const fn cleared_canonical(question: &Question) -> &'static str {
    match ResponseShape::of_question(question) {
        ResponseShape::Matches | ResponseShape::Cells => "{}",
        ResponseShape::Choices | ResponseShape::Uploads => "[]",
        ResponseShape::Text => "\"\"",
    }
}

/// Whether an item may take an option: one of its private ones, or of the common pool when it has
/// none.
pub(crate) fn item_offers(body: &MatchQuestion, item: &ElementKey, option: &ElementKey) -> bool {
    let Some(item) = body.items.iter().find(|entry| entry.key == *item) else { return false };
    if item.options.is_empty() {
        body.options.iter().any(|entry| entry.key == *option)
    } else {
        item.options.iter().any(|entry| entry.key == *option)
    }
}

fn write_list<'text>(out: &mut String, texts: impl Iterator<Item = &'text str>) {
    for (index, text) in texts.enumerate() {
        let _ = write!(out, "{}{}", if index == 0 { "[" } else { "," }, quote(text));
    }
    out.push_str(if out.is_empty() { "[]" } else { "]" });
}

// Keys are ASCII, so the order of the map is the order of UTF-16 units that RFC 8785 asks for.
fn write_map<V>(
    out: &mut String,
    map: &BTreeMap<ElementKey, V>,
    write_value: impl Fn(&mut String, &V),
) {
    out.push('{');
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let _ = write!(out, "\"{key}\":");
        write_value(out, value);
    }
    out.push('}');
}

#[cfg(test)]
mod tests;
