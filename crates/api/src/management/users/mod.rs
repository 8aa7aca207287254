//! Users of the organization.

pub mod create;
pub mod erase;
pub mod list;
pub mod update;
mod shape;
