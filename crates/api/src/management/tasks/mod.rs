//! Tasks and their steps.

mod conduct;
pub mod create;
pub mod fetch;
mod form;
pub mod list;
pub mod release;
pub mod rescore;
pub mod retention;
pub(super) mod schema;
pub mod statistics;
pub mod update;
