//! The candidate's side over real use cases, on an embedded database, with a clock that stands until it is moved.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

// The name the other rooms know it by.
extern crate assay_app as app;

mod answering;
mod clock;
mod completing;
mod costly;
mod deadlines;
mod entering;
mod files;
mod hall;
mod lost_files;
mod moving;
mod nodes;
mod replica;
mod starting;
mod tries;
mod worked_example;
