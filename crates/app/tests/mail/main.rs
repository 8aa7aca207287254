//! Mail over real use cases: what is written with a candidate, what it says when it is sent, and
//! what becomes of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

// The name under which the other crates use it.
extern crate assay_app as app;

mod confirming;
mod inviting;
mod keeping;
mod mail_fixture;
mod serving;
mod writing;
