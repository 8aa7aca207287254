//! The question bank.

pub mod approve;
pub mod document;
pub mod fetch;
pub mod list;
mod schema;
pub mod search;
pub mod submit;
pub mod update;
