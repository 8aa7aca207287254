//! Users of the organization.

pub mod create;
pub mod list;
mod shape;
