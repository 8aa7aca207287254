//! Who is in a test now, and what staff do for them: give time, close, open again.

mod one;
mod overview;

use super::tasks::{Tab, TaskTabs};
use super::{Area, Frame, Given, Staff, Table, Told};
use axum::routing::{get, post};

const ADDRESS: &str = "/staff/live";

pub fn table() -> Table {
    vec![
        (ADDRESS, get(overview::show)),
        ("/staff/live/get/table", get(overview::piece)),
        ("/staff/live/{task}/{instance}", get(one::show)),
        ("/staff/live/{task}/{instance}/do/extend", post(one::extend)),
        ("/staff/live/{task}/{instance}/do/close", post(one::close)),
        ("/staff/live/{task}/{instance}/do/reinstate", post(one::reinstate)),
        ("/staff/live/{task}/do/extend-all", post(overview::extend_step)),
    ]
}

/// Minutes as they are typed, in seconds; a fault at `/seconds` for what is none.
fn seconds(given: &Given, told: &mut Told) -> u32 {
    let minutes: Option<u32> = given.number("minutes", told, "/seconds");
    minutes.unwrap_or_default().saturating_mul(60)
}
