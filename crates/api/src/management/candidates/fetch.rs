//! `GET /tasks/{taskId}/candidates/{id}`: one candidate.

use super::schema::ManagedCandidate;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, TaskId};
use domain::role::Right;

/// Sends a candidate.
#[utoipa::path(
    get, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "getManagedCandidate", params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = ManagedCandidate), CommonErrors, PathErrors)
)]
pub async fn get_candidate(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedCandidate>, Problem> {
    caller.require(Right::ReadCandidates)?;
    let [task, id] = read::path_ids_only(incoming, ["taskId", "id"]).await?;
    Ok(Json(
        state
            .app
            .candidates()
            .candidate(&caller, &TaskId::from(task), &CandidateId::from(id))
            .await?
            .into(),
    ))
}
