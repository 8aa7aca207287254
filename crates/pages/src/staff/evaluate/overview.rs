//! How much waits, task by task.

use super::{Area, Frame, Staff};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::evaluation::WaitingTask;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "staff/evaluate/overview.html")]
struct Page {
    frame: Frame,
    tasks: Vec<WaitingTask>,
    answers: u64,
}

/// `GET /staff/evaluate`.
pub async fn show(State(desk): State<Desk>, staff: Staff) -> Result<Response, Trouble> {
    let tasks = desk.app.waiting_tasks(staff.caller()).await?;
    let answers = tasks.iter().map(|task| task.answers).sum();
    reply::page(StatusCode::OK, &Page { frame: Frame::new(&staff, Area::Evaluate, "Evaluate"), tasks, answers })
}
