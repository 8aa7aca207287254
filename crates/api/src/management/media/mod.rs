//! Media of authors: what stands in the texts of questions.

pub mod content;
pub mod create;
pub mod fetch;
pub mod list;
pub mod remove;
mod schema;
