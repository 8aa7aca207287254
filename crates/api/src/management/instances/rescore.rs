//! `POST /tasks/{taskId}/instances/{id}/rescore`: computes a result anew.

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

/// Computes a result anew.
#[derive(ToSchema)]
#[schema(as = RescoreInstance)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct RescoreInstanceRequest {
    /// Free text beside the version.
    note: Option<String>,
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
    caller.require_scope(Scope::ResultsWrite)?;
    let ([task, id], note) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, shape).await?;
    let standing =
        state.app.rescore(&caller, &TaskId::from(task), &InstanceId::from(id), note).await?;
    Ok(Json(standing.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<Option<String>> {
    Some(values::note(&object.optional("note")))
}
