//! Test instances and their results.

pub mod changes;
pub mod fetch;
pub mod list;
pub mod shape;
