//! Corrections of how questions are scored.

pub(super) mod correction_schema;
pub mod instance;
pub mod progress;
mod schema;
pub mod step;
pub mod withdraw;
