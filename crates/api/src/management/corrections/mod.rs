//! Corrections of how questions are scored.

pub mod instance;
pub mod progress;
mod schema;
pub mod step;
pub mod withdraw;
