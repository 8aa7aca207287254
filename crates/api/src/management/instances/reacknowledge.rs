//! `POST /tasks/{taskId}/instances/{id}/reacknowledge`: takes an instance back.

use super::schema::InstanceStatusResponse;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;
use utoipa::ToSchema;

/// Why an instance counts again.
#[derive(ToSchema)]
#[schema(as = ReacknowledgeInstance)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct ReacknowledgeRequest {
    /// A code: 1 to 64 of `a-z0-9_-`.
    reason: Option<String>,
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
    caller.require_scope(Scope::ResultsWrite)?;
    let ([task, id], reason) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, shape).await?;
    let standing = state
        .app
        .reacknowledge(&caller, &TaskId::from(task), &InstanceId::from(id), reason)
        .await?;
    Ok(Json(standing.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<Option<String>> {
    Some(values::text(&object.optional("reason")))
}
