//! `POST /tasks/{taskId}/instances/{id}/force-close`: completes an open instance for the candidate.

use super::schema::InstanceStatusResponse;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::{EmptyResponse, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

/// Completes an open instance with what was answered.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/force-close", tag = "Instances",
    operation_id = "forceCloseInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = EmptyResponse,
    responses(
        (status = 200, body = InstanceStatusResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn force_close(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceStatusResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, id], ()) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(
        state
            .app
            .instances()
            .force_close(&caller, &TaskId::from(task), &InstanceId::from(id))
            .await?
            .into(),
    ))
}
