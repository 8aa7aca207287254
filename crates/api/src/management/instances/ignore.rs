//! `POST /tasks/{taskId}/instances/{id}/ignore`: puts an instance aside.

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

/// Why an instance is put aside.
#[derive(ToSchema)]
#[schema(as = IgnoreInstance)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct IgnoreInstanceRequest {
    /// A code: 1 to 64 of `a-z0-9_-`.
    reason: Option<String>,
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
    caller.require_scope(Scope::ResultsWrite)?;
    let ([task, id], reason) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, shape).await?;
    let standing =
        state.app.ignore(&caller, &TaskId::from(task), &InstanceId::from(id), reason).await?;
    Ok(Json(standing.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<Option<String>> {
    Some(values::text(&object.optional("reason")))
}
