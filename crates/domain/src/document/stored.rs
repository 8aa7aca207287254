//! The stored form of a document, its digest, and its YAML twin.

use super::model::{Question, Test};
use super::yaml::write;
use crate::json::JsonNode;
use sha2::{Digest, Sha256};

/// The stored form: JSON with every default and uuid filled in. The same test always gives the same
/// bytes.
#[must_use]
pub fn to_stored(test: &Test) -> String {
    serde_json::to_string(test).expect("a test has text keys and plain values only")
}

/// The stored form of a question of the bank.
#[must_use]
pub fn question_to_stored(question: &Question) -> String {
    serde_json::to_string(question).expect("a question has text keys and plain values only")
}

/// The stored form written as YAML, for people and version control.
#[must_use]
pub fn to_yaml(test: &Test) -> String {
    let node =
        JsonNode::parse(to_stored(test).as_bytes(), usize::MAX).expect("the stored form is JSON");
    write(&node)
}

/// The stored form of a question of the bank written as YAML.
#[must_use]
pub fn question_to_yaml(question: &Question) -> String {
    let node = JsonNode::parse(question_to_stored(question).as_bytes(), usize::MAX)
        .expect("the stored form is JSON");
    write(&node)
}

/// Questions of the bank in one list of stored forms, one a line, as [`super::read_questions`]
/// takes it.
#[must_use]
pub fn questions_to_json<'bank>(questions: impl Iterator<Item = &'bank Question>) -> String {
    let forms: Vec<String> = questions.map(question_to_stored).collect();
    format!("[\n{}\n]\n", forms.join(",\n"))
}

/// The same list written as YAML.
#[must_use]
pub fn questions_to_yaml<'bank>(questions: impl Iterator<Item = &'bank Question>) -> String {
    let node = JsonNode::parse(questions_to_json(questions).as_bytes(), usize::MAX)
        .expect("stored forms are JSON");
    write(&node)
}

/// SHA-256 of a stored form.
#[must_use]
pub fn stored_digest(stored: &str) -> [u8; 32] {
    Sha256::digest(stored.as_bytes()).into()
}
