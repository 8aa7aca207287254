//! Tasks and their steps.

mod conduct;
pub mod create;
pub mod fetch;
mod form;
pub mod list;
pub mod rescore;
pub mod retention;
mod schema;
pub mod statistics;
pub mod update;
