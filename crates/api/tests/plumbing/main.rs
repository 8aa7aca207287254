//! The plumbing of the API with a sample endpoint in it: what every endpoint will get without
//! asking.

#![allow(clippy::panic, clippy::unwrap_used, reason = "everything here is a test")]

extern crate assay_api as api;

mod sample;

mod documents;
mod envelope;
mod gatekeeping;
mod reading;
