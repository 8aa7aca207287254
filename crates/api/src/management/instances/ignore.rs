//! `POST /tasks/{taskId}/instances/{id}/ignore`: puts an instance aside.

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
    /// Why an instance is put aside.
    pub(in crate::management) struct IgnoreInstanceRequest as "IgnoreInstance" {
        /// The reason, as a code; null or omitted without one.
        reason: Option<String> = or_default(nullable(code())),
    }
}

/// Marks a completed instance ignored; result and data stay. Repeating it changes nothing.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/ignore", tag = "Instances",
    operation_id = "ignoreInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = IgnoreInstanceRequest,
    responses(
        (status = 200, body = InstanceStatusResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn ignore(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceStatusResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, id], body) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, IgnoreInstanceRequest::read)
            .await?;
    let instance = state
        .app
        .instances()
        .ignore(&caller, &TaskId::from(task), &InstanceId::from(id), body.reason)
        .await?;
    Ok(Json(instance.into()))
}
