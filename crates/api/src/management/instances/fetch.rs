//! `GET /tasks/{taskId}/instances/{id}`: an instance with its history.

use super::detail::InstanceDetailResponse;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

/// Sends an instance with its result versions, evaluations, corrections, pages and, with
/// `audit:read`, events.
#[utoipa::path(
    get, path = "/tasks/{taskId}/instances/{id}", tag = "Instances", operation_id = "getInstance",
    params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = InstanceDetailResponse), CommonErrors, PathErrors)
)]
pub async fn get_instance(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceDetailResponse>, Problem> {
    caller.require(Right::ReadResults)?;
    let [task, id] = read::path_ids_only(incoming, ["taskId", "id"]).await?;
    let detail = state
        .app
        .instances()
        .inspect_instance(&caller, &TaskId::from(task), &InstanceId::from(id))
        .await?;
    Ok(Json(InstanceDetailResponse::of(detail)?))
}
