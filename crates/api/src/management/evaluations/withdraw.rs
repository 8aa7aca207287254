//! `DELETE /tasks/{taskId}/instances/{id}/evaluations/{slot}`: takes an evaluation back.

use crate::management::instances::schema::InstanceStatusResponse;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::ErrorCode;
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

/// Withdraws the evaluation of a slot: its answer counts by its rules again, or waits.
#[utoipa::path(
    delete, path = "/tasks/{taskId}/instances/{id}/evaluations/{slot}", tag = "Evaluation",
    operation_id = "withdrawEvaluation",
    params(("taskId" = String, Path), ("id" = String, Path), ("slot" = u32, Path)),
    responses((status = 200, body = InstanceStatusResponse), CommonErrors, PathErrors, StateErrors)
)]
pub async fn withdraw_evaluation(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceStatusResponse>, Problem> {
    caller.require(Right::Administer)?;
    let [task, id, slot] = read::path_ids_only(incoming, ["taskId", "id", "slot"]).await?;
    let slot = slot.parse().map_err(|_| ErrorCode::NotFound)?;
    let instance = state
        .app
        .evaluation()
        .withdraw_evaluation(&caller, &TaskId::from(task), &InstanceId::from(id), slot)
        .await?;
    Ok(Json(instance.into()))
}
