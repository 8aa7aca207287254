//! The test document: what an author writes, in JSON or YAML, and the stored form it becomes.

#[cfg(any(test, feature = "strategies"))]
pub mod arbitrary;
mod bank;
mod bank_slots;
mod earlier_rules;
mod fault;
mod inline_questions;
pub mod key;
mod lines;
pub mod model;
mod read;
mod schema;
mod stored;
#[cfg(test)]
mod tests;
pub mod typed_text;
mod yaml;

pub use bank::{BankQuestion, EmptyBank, QuestionBank, ValidationContext};
pub use bank_slots::{BankSlot, bank_slots};
pub use earlier_rules::{has_earlier_rules, is_judged_by_earlier_rules};
pub use fault::{DocumentFault, DocumentFaultCode};
pub use inline_questions::inline_questions;
pub use lines::LineIndex;
pub use read::{
    CheckedDocument, DocumentFormat, LARGEST_DOCUMENT, parse_stored, parse_stored_question,
    question_count_range, read, read_question, read_questions,
};
pub use schema::json_schema;
pub use stored::{
    question_to_stored, question_to_yaml, questions_to_json, questions_to_yaml, stored_digest,
    to_stored, to_yaml,
};
