//! `GET /tasks/{id}`: one task.

use super::shape::Task;
use crate::incoming::Incoming;
use crate::integration::{read, reply};
use crate::mode::Mode;
use crate::openapi::{CommonErrors, PathErrors};
use crate::parameters::ModeParameter;
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::TaskId;
use domain::instance::Scope;

/// Fetches one task.
#[utoipa::path(get, path = "/tasks/{id}", tag = "Tasks", operation_id = "fetchTask",
    params(("id" = String, Path), ModeParameter),
    responses((status = 200, body = Task), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors))]
pub async fn fetch(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::TasksRead)?;
    let (head, [id], mode) = read::reading(incoming, ["id"], Mode::read).await?;
    let task = state.app.task(&caller, &TaskId::from(id)).await?;
    Ok(reply::tagged(&head, reply::print(&Task::of(task, mode))?))
}
