//! `POST /tasks/{taskId}/instances/{id}/extend`: gives an open instance more time.

use super::limit_owner::ExtendTimeRequest;
use super::schema::InstanceStatusResponse;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::RequestObject as _;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

/// Gives an open instance more time on the test, a section or a page.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/extend", tag = "Instances",
    operation_id = "extendInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = ExtendTimeRequest,
    responses(
        (status = 200, body = InstanceStatusResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn extend(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<InstanceStatusResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, id], body) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, ExtendTimeRequest::read)
            .await?;
    Ok(Json(
        state
            .app
            .instances()
            .extend(&caller, &TaskId::from(task), &InstanceId::from(id), body)
            .await?
            .into(),
    ))
}
