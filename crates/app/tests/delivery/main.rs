//! The candidate's side over real use cases, on an embedded database, with a clock that stands
//! until it is moved.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

// The name under which the other crates use it.
extern crate assay_app as app;

mod answering;
mod clock;
mod completing;
mod costly_patterns;
mod deadlines;
mod entering;
mod files;
mod login_throttle;
mod lost_files;
mod nodes;
mod page_moves;
mod recorded;
mod recordings;
mod replica;
mod starting;
mod worked_example;
