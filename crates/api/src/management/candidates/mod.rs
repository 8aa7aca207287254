//! Candidates of a task.

pub mod bulk;
pub mod create;
pub mod erase;
pub mod fetch;
pub mod list;
pub mod remove;
pub mod renew;
mod schema;
pub mod update;
