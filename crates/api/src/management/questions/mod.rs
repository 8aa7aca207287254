//! The question bank.

pub mod approve;
pub mod document;
pub mod fetch;
pub mod list;
pub mod search;
mod shape;
pub mod submit;
pub mod update;
