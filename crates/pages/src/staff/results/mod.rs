//! A task's results: the table and an instance's report.

mod acts;
mod asked;
mod chart;
mod export;
mod group;
mod list;
mod recorded;
mod report;
mod right;
mod timeline;

use super::tasks::{Tab, TaskTabs};
use super::{Area, Frame, Staff, Table, Told};
use axum::routing::{get, post};
use domain::decimal::Decimal;

pub fn table() -> Table {
    vec![
        ("/staff/tasks/{task}/results", get(list::show)),
        ("/staff/tasks/{task}/results/get/export", get(export::file)),
        ("/staff/tasks/{task}/group", get(group::show)),
        ("/staff/tasks/{task}/group/get/figures", get(group::figures)),
        ("/staff/tasks/{task}/group/get/questions", get(group::questions)),
        ("/staff/tasks/{task}/results/{instance}", get(report::show)),
        ("/staff/tasks/{task}/results/{instance}/do/act", post(acts::act)),
    ]
}

/// A ratio as a percentage with all its digits.
fn percent(ratio: Decimal) -> String {
    format!("{} %", ratio * Decimal::HUNDRED)
}

/// The words for where an instance stands, and the badge's class.
fn standing(state: domain::instance::State, is_erased: bool) -> (&'static str, &'static str) {
    use domain::instance::State;
    match state {
        _ if is_erased => ("erased", "bad"),
        State::Started => ("in progress", "running"),
        State::Resetup => ("reinstated", "warn"),
        State::Complete => ("complete", "done"),
    }
}
