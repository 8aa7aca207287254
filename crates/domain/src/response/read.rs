//! Reading what a candidate's browser sent for one question.

use super::{Response, ResponseFault, item_offers};
use crate::document::key::ElementKey;
use crate::document::model::{
    CELL_LENGTH, Input, MatchQuestion, MultipleChoice, Question, QuestionBody, TabularInput,
    UploadInput,
};
use crate::json::JsonNode;
use std::collections::{BTreeMap, BTreeSet};

/// Characters of a number as typed.
pub const NUMERIC_LENGTH: u32 = 100;

/// A file that has arrived whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedUpload {
    pub bytes: u64,
    /// Such as `image/png`, without parameters.
    pub media_type: String,
}

/// The finished uploads of one slot of one instance.
pub trait FinishedUploads {
    /// The upload of this id, if it is finished and was made for this slot.
    fn finished(&self, id: &str) -> Option<FinishedUpload>;
}

/// For slots that nothing was uploaded to.
pub struct NoUploads;

impl FinishedUploads for NoUploads {
    fn finished(&self, _: &str) -> Option<FinishedUpload> {
        None
    }
}

/// Reads a response; `None` clears the answer.
///
/// Shapes: a list of choice keys (a repeated one counts once); an object of item to option; a text;
/// an object of row to object of column to text; a list of upload ids, for a recording also its one
/// id as a text.
///
/// # Errors
/// The first fault of domain rules, 2.8: the response is refused and nothing of it kept.
pub fn read(
    question: &Question,
    node: &JsonNode,
    uploads: &dyn FinishedUploads,
) -> Result<Option<Response>, ResponseFault> {
    let response = match &question.kind {
        QuestionBody::MultipleChoice(definition) => choices(definition, node)?,
        QuestionBody::Match(definition) => matches(definition, node)?,
        QuestionBody::Input(definition) => input(definition, node, uploads)?,
    };
    Ok(Some(response).filter(|response| !response.is_blank()))
}

fn input(
    definition: &Input,
    node: &JsonNode,
    uploads: &dyn FinishedUploads,
) -> Result<Response, ResponseFault> {
    match definition {
        Input::Field(definition) | Input::Area(definition) => {
            text(node, definition.max_length as usize).map(Response::Text)
        }
        Input::Rich(definition) => {
            let html = text(node, definition.max_length as usize)?;
            Ok(Response::Text(markup::rich_text::sanitize_rich_text(&html).into_owned()))
        }
        Input::Code(definition) => text(node, definition.max_length as usize).map(Response::Text),
        Input::Numeric(_) => text(node, NUMERIC_LENGTH as usize).map(Response::Text),
        Input::Tabular(definition) => cells(definition, node),
        Input::Audio(_) => recording(node, "audio/*", uploads),
        Input::Video(_) => recording(node, "video/*", uploads),
        Input::File(definition) => files(definition, None, node, uploads),
        Input::Photo(definition) => files(definition, Some("image/*"), node, uploads),
    }
}

fn choices(definition: &MultipleChoice, node: &JsonNode) -> Result<Response, ResponseFault> {
    let keys: BTreeMap<&str, &ElementKey> =
        definition.choices.iter().map(|choice| (choice.key.as_str(), &choice.key)).collect();
    let mut selected = BTreeSet::new();
    for word in texts(node)? {
        selected.insert(ElementKey::clone(keys.get(word).ok_or(ResponseFault::UnknownKey)?));
    }
    if selected.len() > definition.max_selections as usize {
        return Err(ResponseFault::TooMany);
    }
    Ok(Response::Choices(selected))
}

fn matches(definition: &MatchQuestion, node: &JsonNode) -> Result<Response, ResponseFault> {
    let mut made = BTreeMap::new();
    for (item, option) in members(node)? {
        let JsonNode::Text(option) = option else { return Err(ResponseFault::WrongShape) };
        let item = ElementKey::parse(item).ok_or(ResponseFault::UnknownKey)?;
        let option = ElementKey::parse(option).ok_or(ResponseFault::UnknownKey)?;
        if !item_offers(definition, &item, &option) {
            return Err(ResponseFault::UnknownKey);
        }
        if made.insert(item, option).is_some() {
            return Err(ResponseFault::WrongShape);
        }
    }
    if passes_use_limit(definition, &made) {
        return Err(ResponseFault::TooMany);
    }
    Ok(Response::Matches(made))
}

/// Whether an option of the common pool is used more often than it may; private options have no
/// limits.
fn passes_use_limit(definition: &MatchQuestion, made: &BTreeMap<ElementKey, ElementKey>) -> bool {
    let mut uses: BTreeMap<&ElementKey, u32> = BTreeMap::new();
    for item in definition.items.iter().filter(|item| item.options.is_empty()) {
        if let Some(option) = made.get(&item.key) {
            *uses.entry(option).or_default() += 1;
        }
    }
    let limited = definition.options.iter().filter(|option| option.max_uses > 0);
    limited
        .into_iter()
        .any(|option| uses.get(&option.key).is_some_and(|used| *used > option.max_uses))
}

fn cells(definition: &TabularInput, node: &JsonNode) -> Result<Response, ResponseFault> {
    let mut rows = BTreeMap::new();
    for (row, columns) in members(node)? {
        let row = definition
            .rows
            .iter()
            .find(|declared| declared.key.as_str() == row)
            .ok_or(ResponseFault::UnknownKey)?;
        let mut filled = BTreeMap::new();
        for (column, cell) in members(columns)? {
            let column = definition.columns.iter().find(|declared| declared.key.as_str() == column);
            let column = column.ok_or(ResponseFault::UnknownKey)?;
            if filled.insert(column.key.clone(), text(cell, CELL_LENGTH as usize)?).is_some() {
                return Err(ResponseFault::WrongShape);
            }
        }
        if rows.insert(row.key.clone(), filled).is_some() {
            return Err(ResponseFault::WrongShape);
        }
    }
    Ok(Response::Cells(rows))
}

fn recording(
    node: &JsonNode,
    allowed: &str,
    uploads: &dyn FinishedUploads,
) -> Result<Response, ResponseFault> {
    let ids = match node {
        JsonNode::Text(id) if id.is_empty() => Vec::new(),
        JsonNode::Text(id) => vec![id.as_str()],
        node => texts(node)?,
    };
    uploaded(&ids, 1, u64::MAX, &[allowed], uploads)
}

fn files(
    definition: &UploadInput,
    otherwise: Option<&str>,
    node: &JsonNode,
    uploads: &dyn FinishedUploads,
) -> Result<Response, ResponseFault> {
    let mut allowed: Vec<&str> = definition.media_types.iter().map(String::as_str).collect();
    if allowed.is_empty() {
        allowed.extend(otherwise);
    }
    uploaded(&texts(node)?, definition.max_files as usize, definition.max_bytes, &allowed, uploads)
}

fn uploaded(
    ids: &[&str],
    most: usize,
    max_bytes: u64,
    allowed: &[&str],
    uploads: &dyn FinishedUploads,
) -> Result<Response, ResponseFault> {
    let found: Vec<_> = ids
        .iter()
        .map(|id| uploads.finished(id))
        .collect::<Option<_>>()
        .ok_or(ResponseFault::UploadUnknown)?;
    let fits = |upload: &FinishedUpload| {
        upload.bytes <= max_bytes && accepts_media_type(allowed, &upload.media_type)
    };
    if found.len() > most || !found.iter().all(fits) {
        return Err(ResponseFault::UploadNotAllowed);
    }
    Ok(Response::Uploads(ids.iter().map(|id| (*id).to_owned()).collect()))
}

/// Whether a media type is one of the wanted ones, which may end in `/*`; none wanted means any.
pub(crate) fn accepts_media_type(allowed: &[&str], media_type: &str) -> bool {
    let (family, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    let fits = |pattern: &&str| match pattern.strip_suffix("/*") {
        Some("*") => true,
        Some(wanted_family) => wanted_family.eq_ignore_ascii_case(family),
        None => pattern.eq_ignore_ascii_case(media_type),
    };
    allowed.is_empty() || allowed.iter().any(fits)
}

fn text(node: &JsonNode, longest: usize) -> Result<String, ResponseFault> {
    let JsonNode::Text(text) = node else { return Err(ResponseFault::WrongShape) };
    if text.len() > longest && text.chars().nth(longest).is_some() {
        return Err(ResponseFault::TooLong);
    }
    Ok(text.clone())
}

fn texts<'json>(node: &'json JsonNode) -> Result<Vec<&'json str>, ResponseFault> {
    let JsonNode::List(nodes) = node else { return Err(ResponseFault::WrongShape) };
    let text = |node: &'json JsonNode| match node {
        JsonNode::Text(text) => Ok(text.as_str()),
        JsonNode::Null
        | JsonNode::Bool(_)
        | JsonNode::Number(_)
        | JsonNode::List(_)
        | JsonNode::Object(_) => Err(ResponseFault::WrongShape),
    };
    nodes.iter().map(text).collect()
}

fn members(node: &JsonNode) -> Result<&[(String, JsonNode)], ResponseFault> {
    if let JsonNode::Object(members) = node { Ok(members) } else { Err(ResponseFault::WrongShape) }
}
