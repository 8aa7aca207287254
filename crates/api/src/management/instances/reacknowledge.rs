//! `POST /tasks/{taskId}/instances/{id}/reacknowledge`: takes an instance back.

use super::schema::InstanceStatusResponse;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{code, nullable};
use crate::request::{RequestObject as _, or_default, request};
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

request! {
    /// Why an instance counts again.
    pub(in crate::management) struct ReacknowledgeRequest as "ReacknowledgeInstance" {
        /// The reason, as a code; null or omitted without one.
        reason: Option<String> = or_default(nullable(code())),
    }
}

/// Takes the mark of an ignored instance back. Repeating it changes nothing.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/reacknowledge", tag = "Instances",
    operation_id = "reacknowledgeInstance",
    params(("taskId" = String, Path), ("id" = String, Path)), request_body = ReacknowledgeRequest,
    responses(
        (status = 200, body = InstanceStatusResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn reacknowledge(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceStatusResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, id], body) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, ReacknowledgeRequest::read)
            .await?;
    let instance = state
        .app
        .instances()
        .reacknowledge(&caller, &TaskId::from(task), &InstanceId::from(id), body.reason)
        .await?;
    Ok(Json(instance.into()))
}
