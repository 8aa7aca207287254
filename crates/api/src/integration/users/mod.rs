//! Users of the organization.

pub mod fetch;
pub mod list;
pub mod search;
pub mod shape;
