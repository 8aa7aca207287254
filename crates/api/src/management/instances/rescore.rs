//! `POST /tasks/{taskId}/instances/{id}/rescore`: computes a result anew.

use super::schema::InstanceStatusResponse;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{note, nullable};
use crate::request::{RequestObject as _, or_default, request};
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

request! {
    /// Computes a result anew.
    pub(in crate::management) struct RescoreInstanceRequest as "RescoreInstance" {
        /// Free text beside the version; null or omitted without.
        note: Option<String> = or_default(nullable(note())),
    }
}

/// Computes a completed instance's result anew; a version is made only when something differs.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/rescore", tag = "Instances",
    operation_id = "rescoreInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = RescoreInstanceRequest,
    responses(
        (status = 200, body = InstanceStatusResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn rescore(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceStatusResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, id], body) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, RescoreInstanceRequest::read)
            .await?;
    let instance = state
        .app
        .instances()
        .rescore(&caller, &TaskId::from(task), &InstanceId::from(id), body.note)
        .await?;
    Ok(Json(instance.into()))
}
