//! Test instances and their results.

pub mod answers;
pub mod changes;
pub mod evidences;
pub mod expand;
pub mod export;
pub mod fetch;
mod filter;
pub mod list;
pub mod schema;
pub mod search;
