//! The test document: what an author writes, in JSON or YAML, and the stored form it becomes.

pub mod bank;
pub mod key;
pub mod model;
#[cfg(any(test, feature = "strategies"))]
pub mod strategy;
