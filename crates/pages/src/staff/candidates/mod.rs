//! A task's candidates: listing, adding, inviting, following them.

mod acts;
mod add;
mod columns;
mod import;
mod invite;
mod list;
mod one;
mod person_form;
mod sheet;

use super::Table;
use super::tasks::{Tab, TaskTabs, choices};
use domain::id::TaskId;

pub fn table() -> Table {
    [list::table(), add::table(), import::table(), invite::table(), one::table(), acts::table()].concat()
}

fn roll_address(task: &TaskId) -> String {
    format!("/staff/tasks/{task}/candidates")
}
