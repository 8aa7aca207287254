//! `POST /tasks/{taskId}/instances/{id}/corrections`: corrects a question in one instance.

use super::schema::{CorrectionResponse, CreateCorrectionRequest};
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::RequestObject as _;
use crate::state::ApiState;
use app::caller::Caller;
use app::corrections::CorrectionTarget;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

/// Corrects how a question is scored in one instance. Open instances keep it for their completion.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/corrections", tag = "Corrections",
    operation_id = "correctInstance", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = CreateCorrectionRequest,
    responses(
        (status = 200, body = CorrectionResponse), CommonErrors, PathErrors, BodyErrors, StateErrors
    )
)]
pub async fn correct_instance(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<CorrectionResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, id], new) = read::path_and_body(
        incoming,
        ["taskId", "id"],
        ONE_MEBIBYTE,
        CreateCorrectionRequest::read,
    )
    .await?;
    let place = CorrectionTarget::Instance(InstanceId::from(id));
    Ok(Json(
        state
            .app
            .corrections()
            .apply_correction(&caller, &TaskId::from(task), place, new)
            .await?
            .into(),
    ))
}
