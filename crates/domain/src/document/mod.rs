//! The test document: what an author writes, in JSON or YAML, and the stored form it becomes.

mod bank;
mod fault;
pub mod key;
mod lines;
pub mod model;
mod read;
mod schema;
mod stored;
#[cfg(any(test, feature = "strategies"))]
pub mod strategy;
mod taken;
#[cfg(test)]
mod tests;
mod yaml;

pub use bank::{Bank, BankQuestion, EmptyBank, Surroundings};
pub use fault::{Code, DocumentFault};
pub use lines::Lines;
pub use read::{Checked, Format, LARGEST_DOCUMENT, length, read, read_question, read_questions, thaw, thaw_question};
pub use schema::json_schema;
pub use stored::{digest, question_yaml, questions_json, questions_yaml, stored, stored_question, yaml};
pub use taken::{Taken, taken};
