//! `GET /tasks/{id}`: one task.

use super::schema::ManagedTask;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::TaskId;
use domain::role::Right;

/// Sends a task with its steps.
#[utoipa::path(
    get, path = "/tasks/{id}", tag = "Tasks", operation_id = "getManagedTask",
    params(("id" = String, Path)),
    responses((status = 200, body = ManagedTask), CommonErrors, PathErrors)
)]
pub async fn get_task(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedTask>, Problem> {
    caller.require(Right::ReadTasks)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(state.app.tasks().task(&caller, &TaskId::from(id)).await?.into()))
}
