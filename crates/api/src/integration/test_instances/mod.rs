//! Test instances and their results.

pub mod answers;
pub mod changes;
pub mod evidences;
pub mod expand;
pub mod fetch;
pub mod list;
pub mod pages;
pub mod search;
pub mod shape;
