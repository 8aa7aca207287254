//! Callbacks over real use cases: what is written with a change, and what becomes of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

// The name under which the other crates use it.
extern crate assay_app as app;

mod announcing;
mod keeping;
mod nodes;
mod receiving;
mod restoring;
mod retrying;
mod webhook_fixture;
