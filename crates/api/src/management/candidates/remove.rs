//! `DELETE /tasks/{taskId}/candidates/{id}`: undoes a mistaken registration.

use crate::management::EmptyResponse;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, TaskId};
use domain::role::Right;

/// Deletes a candidate who never took part: 403 `candidate_already_participated` otherwise.
#[utoipa::path(delete, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "removeCandidate", params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = EmptyResponse), CommonErrors, PathErrors))]
pub async fn delete_candidate(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<EmptyResponse>, Problem> {
    caller.require(Right::WriteCandidates)?;
    let [task, id] = read::path_ids_only(incoming, ["taskId", "id"]).await?;
    state
        .app
        .candidates()
        .delete_candidate(&caller, &TaskId::from(task), &CandidateId::from(id))
        .await?;
    Ok(Json(EmptyResponse {}))
}
