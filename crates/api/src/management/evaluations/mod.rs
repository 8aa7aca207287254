//! Evaluation of answers by people and programs.

pub mod create;
pub mod waiting;
pub mod withdraw;
