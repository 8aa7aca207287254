//! `POST /tasks/{taskId}/candidates/{id}/erase`: removes a person's values for good.

use crate::body::receive::ONE_MEBIBYTE;
use crate::management::erasure::{ErasePersonRequest, ErasureReceiptResponse};
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::RequestObject as _;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, TaskId};
use domain::role::Right;

/// Erases a candidate: name, addresses, responses and all else that is the person's. Open instances
/// are force-closed first. Figures, ordinals and times stay, and each instance appears once more in
/// the change feed. Repeating it gives the same receipt. There is no way back.
#[utoipa::path(
    post, path = "/tasks/{taskId}/candidates/{id}/erase", tag = "Candidates",
    operation_id = "eraseCandidate", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = ErasePersonRequest,
    responses(
        (status = 200, body = ErasureReceiptResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn erase_candidate(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ErasureReceiptResponse>, Problem> {
    caller.require(Right::Erase)?;
    let ([task, id], body) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, ErasePersonRequest::read)
            .await?;
    let receipt = state
        .app
        .candidates()
        .erase_candidate(&caller, &TaskId::from(task), &CandidateId::from(id), body)
        .await?;
    Ok(Json(receipt.into()))
}
