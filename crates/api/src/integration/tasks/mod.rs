//! Tasks: assessment processes and their steps.

pub mod fetch;
pub mod list;
pub mod search;
pub mod shape;
pub mod update;
