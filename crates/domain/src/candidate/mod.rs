//! Who is registered in a task, and what must be unique there.

pub mod code;
pub mod uniqueness;
