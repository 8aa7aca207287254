//! How much waits, task by task, or in one task.

use super::{ADDRESS, Area, Frame, Staff, Tab, TaskTabs};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::evaluation::WaitingTask;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TaskId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/evaluate/overview.html")]
struct Page {
    frame: Frame,
    /// Of the one task that is shown.
    tabs: Option<TaskTabs>,
    tasks: Vec<WaitingTask>,
    answers: u64,
    begin: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Only this task.
    task: String,
}

/// `GET /staff/evaluate`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let mut tasks = desk.app.waiting_tasks(staff.caller()).await?;
    let (mut frame, mut tabs) = (Frame::new(&staff, Area::Evaluate, "Evaluate"), None);
    if !asked.task.is_empty() {
        let task = TaskId::from(asked.task.clone());
        let title = desk.app.task(staff.caller(), &task).await?.title;
        tasks.retain(|waiting| waiting.task == task);
        frame = Frame::new(&staff, Area::Tasks, format!("{title}: evaluate")).under("Tasks", "/staff/tasks");
        frame = frame.under(title, format!("/staff/tasks/{task}"));
        tabs = Some(TaskTabs::new(&staff, &task, Tab::Evaluate));
    }
    let answers = tasks.iter().map(|task| task.answers).sum();
    let begin = format!("{ADDRESS}/answer?task={}", asked.task);
    reply::page(StatusCode::OK, &Page { frame, tabs, tasks, answers, begin })
}
