//! Users of the organization.

pub mod create;
pub mod erase;
pub mod list;
mod shape;
pub mod update;
