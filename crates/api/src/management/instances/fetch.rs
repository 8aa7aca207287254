//! `GET /tasks/{taskId}/instances/{id}`: an instance with its history.

use super::detail::Detail;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;

/// Sends an instance with its result versions, evaluations, corrections, pages and, with `audit:read`, events.
#[utoipa::path(get, path = "/tasks/{taskId}/instances/{id}", tag = "Instances", operation_id = "getInstance",
    params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Detail), CommonErrors, PathErrors))]
pub async fn get_instance(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Detail>, Problem> {
    caller.require(Scope::ResultsRead)?;
    let [task, id] = read::only_path(incoming, ["taskId", "id"]).await?;
    let detail = state.app.inspect(&caller, &TaskId::from(task), &InstanceId::from(id)).await?;
    Ok(Json(Detail::of(detail)?))
}
