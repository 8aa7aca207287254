//! Users of the organization.

pub mod fetch;
pub mod list;
pub mod schema;
pub mod search;
