//! The test document: what an author writes, in JSON or YAML, and the stored form it becomes.

mod bank;
