//! `GET /tasks/{id}`: one task.

use super::shape::Task;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::TaskId;
use domain::instance::Scope;

/// Sends a task with its steps.
#[utoipa::path(get, path = "/tasks/{id}", tag = "Tasks", operation_id = "getManagedTask",
    params(("id" = String, Path)), responses((status = 200, body = Task), CommonErrors, PathErrors))]
pub async fn get_task(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Task>, Problem> {
    caller.require(Scope::TasksRead)?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    Ok(Json(state.app.task(&caller, &TaskId::from(id)).await?.into()))
}
