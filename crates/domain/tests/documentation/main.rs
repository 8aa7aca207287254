//! The pages of `docs/` about writing and scoring tests: what they show is read from their text and
//! run.

#![allow(clippy::panic, clippy::unwrap_used, reason = "everything here is a test")]

extern crate assay_domain as domain;

mod authoring;
mod page;
mod scoring;
mod tables;
