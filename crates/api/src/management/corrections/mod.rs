//! Corrections of how questions are scored.

pub mod instance;
mod shape;
pub mod step;
pub mod withdraw;
