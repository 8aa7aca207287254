//! Callbacks over real use cases: what is written with a change, and what becomes of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

// The name the other rooms know it by.
extern crate assay_app as app;

#[allow(dead_code, reason = "shared with the candidate's tests, which use all of it")]
#[path = "../delivery/hall.rs"]
mod hall;

#[allow(dead_code, reason = "shared with the staff's tests, which use all of it")]
#[path = "../staff/office.rs"]
mod office;

mod announcing;
mod keeping;
mod nodes;
mod post;
mod receiving;
mod restoring;
mod retrying;
