//! The staff's side over real use cases, on an embedded database, with a clock that stands until it is moved.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

// The name the other rooms know it by.
extern crate assay_app as app;

#[allow(dead_code, reason = "shared with the candidate's tests, which use all of it")]
#[path = "../delivery/hall.rs"]
mod hall;

mod administering;
mod at_the_desk;
mod banking;
mod browsing;
mod bulk;
mod correcting;
mod erasing;
mod evaluating;
mod grouping;
mod library;
mod limiting;
mod managing_users;
mod office;
mod organizing;
mod registering;
mod rolling;
mod signing_in;
mod tasking;
mod tries;
mod verifying;
