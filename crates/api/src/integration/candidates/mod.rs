//! Candidates: people's registrations in one task.

pub mod create;
pub mod delete;
pub mod fetch;
pub mod list;
pub mod schema;
pub mod update;
