//! The library of tests.

pub mod archive;
pub mod check;
mod document;
pub mod fetch;
pub mod import;
pub mod list;
pub mod schema;
mod shape;
