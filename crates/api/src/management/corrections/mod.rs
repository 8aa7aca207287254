//! Corrections of how questions are scored.

pub mod instance;
pub mod progress;
mod shape;
pub mod step;
pub mod withdraw;
