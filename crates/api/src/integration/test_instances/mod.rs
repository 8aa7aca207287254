//! Test instances and their results.

pub mod fetch;
pub mod list;
pub mod pages;
pub mod shape;
