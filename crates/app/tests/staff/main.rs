//! The staff's side over real use cases, on an embedded database, with a clock that stands until it
//! is moved.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

// The name under which the other crates use it.
extern crate assay_app as app;

mod administering;
mod banking;
mod browsing;
mod bulk;
mod correcting;
mod costly;
mod earlier_rules;
mod erasing;
mod evaluating;
mod grading_queue;
mod grouping;
mod library;
mod limiting;
mod login_throttle;
mod managing_users;
mod media_library;
mod organizing;
mod people_export;
mod registering;
mod roster;
mod signing_in;
mod tasking;
mod verifying;
