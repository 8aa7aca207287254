//! How much waits, task by task, or in one task.

use super::{ADDRESS, TaskTab, TaskTabs};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::evaluation::WaitingTask;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TaskId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/evaluate/overview.html")]
struct GradingOverviewPage {
    frame: StaffLayout,
    /// Of the one task that is shown.
    tabs: Option<TaskTabs>,
    tasks: Vec<WaitingTask>,
    answers: u64,
    begin: String,
}

/// What the list of waiting answers is limited to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct GradingOverviewQuery {
    /// Only this task.
    task: String,
}

/// `GET /staff/evaluate`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<GradingOverviewQuery>,
) -> Result<Response, PageError> {
    let mut tasks = state.app.evaluation().waiting_tasks(staff.caller()).await?;
    let (mut frame, mut tabs) = (StaffLayout::new(&staff, StaffArea::Evaluate, "Grade"), None);
    if !query.task.is_empty() {
        let task = TaskId::from(query.task.clone());
        let title = state.app.tasks().task(staff.caller(), &task).await?.title;
        tasks.retain(|waiting| waiting.task == task);
        frame = StaffLayout::new(&staff, StaffArea::Tasks, format!("{title}: evaluate"))
            .with_crumb("Tasks", "/staff/tasks");
        frame = frame.with_crumb(title, format!("/staff/tasks/{task}"));
        tabs = Some(TaskTabs::new(&staff, &task, TaskTab::Evaluate));
    }
    let answers = tasks.iter().map(|task| task.answers).sum();
    let begin = format!("{ADDRESS}/answer?task={}", query.task);
    reply::page(StatusCode::OK, &GradingOverviewPage { frame, tabs, tasks, answers, begin })
}
