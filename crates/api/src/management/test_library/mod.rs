//! The library of tests.

pub mod archive;
pub mod archive_file;
pub mod check;
pub(super) mod document;
pub mod fetch;
pub mod import;
pub mod list;
mod response_schema;
pub mod schema;
