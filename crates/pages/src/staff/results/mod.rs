//! A task's results: the table and an instance's report.

mod action_form;
mod actions;
mod answer_key;
mod chart;
mod correct;
mod export;
mod group;
mod list;
mod proctoring;
mod query;
mod report;
mod shown_figures;
mod timeline;

use super::tasks::{TaskTab, TaskTabs};
use crate::staff::support::AreaRoutes;
use axum::routing::{get, post};
use domain::decimal::Decimal;

/// Results, figures of groups, reports and what staff may do to an instance.
pub fn routes() -> AreaRoutes {
    vec![
        ("/staff/tasks/{task}/results", get(list::show)),
        ("/staff/tasks/{task}/results/get/export", get(export::file)),
        ("/staff/tasks/{task}/results/get/people", get(export::people)),
        ("/staff/tasks/{task}/steps/{step}/questions/{question_key}/correct", get(correct::show)),
        (
            "/staff/tasks/{task}/steps/{step}/questions/{question_key}/do/correct",
            post(correct::submit),
        ),
        ("/staff/tasks/{task}/group", get(group::show)),
        ("/staff/tasks/{task}/group/get/figures", get(group::figures)),
        ("/staff/tasks/{task}/group/get/questions", get(group::questions)),
        ("/staff/tasks/{task}/results/{instance}", get(report::show)),
        ("/staff/tasks/{task}/results/{instance}/do/act", post(actions::submit)),
    ]
}

/// A ratio as a percentage with all its digits.
fn percent(ratio: Decimal) -> String {
    format!("{} %", ratio * Decimal::HUNDRED)
}

/// The words for where an instance stands, and the badge's class.
fn state_badge(
    state: domain::instance::InstanceState,
    is_erased: bool,
) -> (&'static str, &'static str) {
    use domain::instance::InstanceState;
    match state {
        _ if is_erased => ("erased", "bad"),
        InstanceState::Started => ("in progress", "running"),
        InstanceState::Resetup => ("reinstated", "warn"),
        InstanceState::Complete => ("complete", "done"),
    }
}

/// Where a result stands, in one word.
const fn result_state(
    state: domain::instance::InstanceState,
    is_erased: bool,
    is_ignored: bool,
    waiting: i64,
) -> &'static str {
    use domain::instance::InstanceState;
    match state {
        _ if is_erased => "Erased",
        _ if is_ignored => "Excluded",
        InstanceState::Started => "In progress",
        InstanceState::Resetup => "Reopened",
        InstanceState::Complete if waiting > 0 => "Waiting for grading",
        InstanceState::Complete => "Completed",
    }
}

/// The class of the word.
fn state_class(word: &str) -> &'static str {
    match word {
        "Completed" => "",
        "In progress" => "running",
        "Erased" => "bad",
        _ => "warn",
    }
}
