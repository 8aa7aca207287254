//! YAML 1.2 with the data model of JSON: the core schema, without anchors, aliases and custom tags.

mod read;
mod scalar;
mod write;

pub use read::read;
pub use write::write;
