//! Mail over real use cases: what is written with a candidate, what it says when it is sent, and
//! what becomes of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails may panic anywhere")]

// The name the other rooms know it by.
extern crate assay_app as app;

#[allow(dead_code, reason = "shared with the candidate's tests, which use all of it")]
#[path = "../delivery/test_app.rs"]
mod test_app;

#[allow(dead_code, reason = "shared with the staff's tests, which use all of it")]
#[path = "../staff/staff_fixture.rs"]
mod staff_fixture;

mod inviting;
mod keeping;
mod mail_fixture;
mod serving;
mod writing;
