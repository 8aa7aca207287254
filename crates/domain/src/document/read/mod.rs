//! Reads an authored document, or one of our own store, and reports every fault at its place.
//!
//! A document with a fault never leaves this module; faults are at most 100 and in document order.

mod check;
mod choice;
mod dimensions_effects;
mod input;
mod matching;
mod max_percentage;
mod number;
mod pattern;
mod pool;
mod question;
mod question_warnings;
mod reader;
mod rubric;
mod rule;
mod section;
mod slot_range;
mod tabular;
mod test;
mod warn;
mod warn_number;

use super::bank::ValidationContext;
use super::fault::{DocumentFault, DocumentFaultCode};
use super::model::{Question, Test};
use crate::json::{JsonNode, JsonPointer};
use crate::json::{LocatedNode, NodeLocation};
use pattern::PatternScale;
use reader::{DocumentReader, DocumentSource};
use uuid::Uuid;

/// The largest document, authored or stored.
pub const LARGEST_DOCUMENT: usize = 4 << 20;
/// Valid documents nest far less.
const DEEPEST: usize = 64;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentFormat {
    Json,
    Yaml,
    /// JSON if the first visible character is a brace, YAML otherwise.
    Guess,
}

/// A document without errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedDocument {
    pub test: Test,
    /// Advice, in document order, at most 100.
    pub warnings: Vec<DocumentFault>,
}

/// Reads an authored document. `fresh` becomes the test's uuid when it has none: give a random
/// version 4.
///
/// # Errors
/// Every error of the document, at most 100, in document order (domain rules, 3).
pub fn read(
    bytes: &[u8],
    format: DocumentFormat,
    fresh: Uuid,
    surroundings: &ValidationContext<'_>,
) -> Result<CheckedDocument, Vec<DocumentFault>> {
    let node = tree(bytes, format).map_err(|fault| vec![fault])?;
    let (test, advice) = walk(&node, DocumentSource::Author(surroundings), fresh)?;
    // Defaults make a document longer, and its stored form must be readable as a document again.
    if super::to_stored(&test).len() > LARGEST_DOCUMENT {
        return Err(vec![whole(
            DocumentFaultCode::TooLarge,
            "with all defaults filled in".to_owned(),
        )]);
    }
    let warnings = warn::warnings(&test, &node, surroundings, advice);
    Ok(CheckedDocument { test, warnings })
}

/// Reads a stored or frozen document again, without looking anything up.
///
/// # Errors
/// When the text is no stored document: it was altered outside this program.
pub fn parse_stored(stored: &str) -> Result<Test, Vec<DocumentFault>> {
    let node = JsonNode::parse(stored.as_bytes(), DEEPEST)
        .map_err(|error| vec![whole(DocumentFaultCode::Syntax, error.to_string())])?;
    walk(&node, DocumentSource::Store, Uuid::nil()).map(|(test, _)| test)
}

/// Reads an authored question for the bank. Its paths are compared with no declared names: it
/// stands in no test yet. `fresh` is the namespace its uuid is derived in when it has none.
///
/// # Errors
/// Every error of the question, at most 100, in document order.
pub fn read_question(
    bytes: &[u8],
    format: DocumentFormat,
    fresh: Uuid,
    surroundings: &ValidationContext<'_>,
) -> Result<Question, Vec<DocumentFault>> {
    let node = tree(bytes, format).map_err(|fault| vec![fault])?;
    walk_question(&node, DocumentSource::Author(surroundings), fresh)
}

/// Reads one authored question, or a list of them, for the bank; as [`read_question`]. Places in a
/// list begin with the question's index. Every one gets a namespace of its own from `fresh`.
///
/// # Errors
/// Every error of all questions, at most 100, in document order; a list without any question is
/// one.
pub fn read_questions(
    bytes: &[u8],
    format: DocumentFormat,
    fresh: &mut dyn FnMut() -> Uuid,
    surroundings: &ValidationContext<'_>,
) -> Result<Vec<Question>, Vec<DocumentFault>> {
    let node = tree(bytes, if format == DocumentFormat::Guess { guessed(bytes) } else { format })
        .map_err(|fault| vec![fault])?;
    let JsonNode::List(items) = &node else {
        return walk_question(&node, DocumentSource::Author(surroundings), fresh())
            .map(|question| vec![question]);
    };
    if items.is_empty() {
        return Err(vec![whole(DocumentFaultCode::NoQuestions, "the list is empty".to_owned())]);
    }
    let (mut read, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
    let mut patterns = PatternScale::default();
    for (index, item) in items.iter().enumerate() {
        let mut reader = DocumentReader::new(DocumentSource::Author(surroundings), fresh());
        reader.compares_paths = false;
        // All questions of a list share one budget, as those of a test do.
        reader.patterns = std::mem::take(&mut patterns);
        read.extend(
            reader.question(&LocatedNode { node: item, place: NodeLocation::root().item(index) }),
        );
        patterns = std::mem::take(&mut reader.patterns);
        faults.extend(reader.into_faults());
    }
    faults.truncate(crate::json::MOST_LISTED);
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

/// JSON also where a list begins the text.
fn guessed(bytes: &[u8]) -> DocumentFormat {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'{' | b'[')) { DocumentFormat::Json } else { DocumentFormat::Yaml }
}

/// Reads a question of the bank again that was written by [`super::question_to_stored`].
///
/// # Errors
/// When the text is no stored question: it was altered outside this program.
pub fn parse_stored_question(stored: &str) -> Result<Question, Vec<DocumentFault>> {
    let node = JsonNode::parse(stored.as_bytes(), DEEPEST)
        .map_err(|error| vec![whole(DocumentFaultCode::Syntax, error.to_string())])?;
    walk_question(&node, DocumentSource::Store, Uuid::nil())
}

/// The fewest and the most questions a candidate gets, over all draws.
#[must_use]
pub fn question_count_range(test: &Test) -> (u64, u64) {
    let slots: slot_range::SlotRange = test.sections.iter().map(slot_range::of_section).sum();
    (slots.fewest, slots.most)
}

fn walk_question(
    node: &JsonNode,
    source: DocumentSource<'_>,
    fresh: Uuid,
) -> Result<Question, Vec<DocumentFault>> {
    let mut reader = DocumentReader::new(source, fresh);
    reader.compares_paths = false;
    let question = reader.question(&LocatedNode { node, place: NodeLocation::root() });
    let faults = reader.into_faults();
    question.filter(|_| faults.is_empty()).ok_or(faults)
}

/// The test and what its texts are advised.
fn walk(
    node: &JsonNode,
    source: DocumentSource<'_>,
    fresh: Uuid,
) -> Result<(Test, Vec<DocumentFault>), Vec<DocumentFault>> {
    let mut reader = DocumentReader::new(source, fresh);
    let test = reader.test(&LocatedNode { node, place: NodeLocation::root() });
    let advice = reader.take_advice();
    let faults = reader.into_faults();
    test.filter(|_| faults.is_empty()).map(|test| (test, advice)).ok_or(faults)
}

fn tree(bytes: &[u8], format: DocumentFormat) -> Result<JsonNode, DocumentFault> {
    if bytes.len() > LARGEST_DOCUMENT {
        return Err(whole(DocumentFaultCode::TooLarge, format!("{} bytes", bytes.len())));
    }
    let syntax =
        |error: &dyn std::fmt::Display| whole(DocumentFaultCode::Syntax, error.to_string());
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let is_json =
        format == DocumentFormat::Json || (format == DocumentFormat::Guess && first == Some(&b'{'));
    let node = if is_json {
        JsonNode::parse(bytes, DEEPEST).map_err(|error| syntax(&error))?
    } else {
        super::yaml::read(bytes, DEEPEST).map_err(|error| syntax(&error))?
    };
    match repeated(&node) {
        Some(name) => {
            Err(whole(DocumentFaultCode::Syntax, format!("{name:?} stands twice in one object")))
        }
        None => Ok(node),
    }
}

/// A name that stands twice in one object.
fn repeated(node: &JsonNode) -> Option<&str> {
    match node {
        JsonNode::List(items) => items.iter().find_map(repeated),
        JsonNode::Object(members) => {
            let mut seen = std::collections::HashSet::new();
            let second =
                members.iter().find(|(name, _)| !seen.insert(name)).map(|(name, _)| name.as_str());
            second.or_else(|| members.iter().find_map(|(_, node)| repeated(node)))
        }
        JsonNode::Null | JsonNode::Bool(_) | JsonNode::Number(_) | JsonNode::Text(_) => None,
    }
}

fn whole(code: DocumentFaultCode, detail: String) -> DocumentFault {
    DocumentFault::new(code, JsonPointer::root(), Some(detail))
}
