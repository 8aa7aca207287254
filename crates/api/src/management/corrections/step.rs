//! `POST /tasks/{taskId}/steps/{stepId}/corrections`: corrects a question in all instances of a
//! step.

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
use domain::id::{StepId, TaskId};
use domain::role::Right;

/// Corrects how a question is scored in all instances of a step. Open instances keep it for their
/// completion.
#[utoipa::path(
    post, path = "/tasks/{taskId}/steps/{stepId}/corrections", tag = "Corrections",
    operation_id = "correctStep", params(("taskId" = String, Path), ("stepId" = String, Path)),
    request_body = CreateCorrectionRequest,
    responses(
        (status = 200, body = CorrectionResponse), CommonErrors, PathErrors, BodyErrors, StateErrors
    )
)]
pub async fn correct_step(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<CorrectionResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, id], new) = read::path_and_body(
        incoming,
        ["taskId", "stepId"],
        ONE_MEBIBYTE,
        CreateCorrectionRequest::read,
    )
    .await?;
    let place = CorrectionTarget::Step(StepId::from(id));
    Ok(Json(
        state
            .app
            .corrections()
            .apply_correction(&caller, &TaskId::from(task), place, new)
            .await?
            .into(),
    ))
}
