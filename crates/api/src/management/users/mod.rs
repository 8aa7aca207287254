//! Users of the organization.

pub mod create;
pub mod erase;
pub mod list;
mod schema;
pub mod update;
