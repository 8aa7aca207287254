//! Tasks: assessment processes and their steps.

pub mod fetch;
pub mod list;
pub mod schema;
pub mod search;
pub mod update;
