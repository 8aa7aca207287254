//! A task's candidates: listing, adding, inviting, following them.

mod actions;
mod add;
mod columns;
mod detail;
mod import;
mod invite;
mod list;
mod person_form;
mod sheet;

use super::tasks::{TaskTab, TaskTabs, choices};
use crate::staff::support::AreaRoutes;
use domain::id::TaskId;

/// All pages and forms about a task's candidates.
pub fn routes() -> AreaRoutes {
    [
        list::routes(),
        add::routes(),
        import::routes(),
        invite::routes(),
        detail::routes(),
        actions::routes(),
    ]
    .concat()
}

fn candidate_list_path(task: &TaskId) -> String {
    format!("/staff/tasks/{task}/candidates")
}
