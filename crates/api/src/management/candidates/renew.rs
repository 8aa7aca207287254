//! `POST /tasks/{taskId}/candidates/{id}/renew-access`: a new invitation code.

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

/// Gives a candidate a new invitation code; the old one, its link and all log-in sessions are dead
/// at once.
#[utoipa::path(
    post, path = "/tasks/{taskId}/candidates/{id}/renew-access", tag = "Candidates",
    operation_id = "renewAccess", params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = ManagedCandidate), CommonErrors, PathErrors)
)]
pub async fn renew_access(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedCandidate>, Problem> {
    caller.require(Right::WriteCandidates)?;
    let [task, id] = read::path_ids_only(incoming, ["taskId", "id"]).await?;
    Ok(Json(
        state
            .app
            .candidates()
            .renew_access(&caller, &TaskId::from(task), &CandidateId::from(id))
            .await?
            .into(),
    ))
}
