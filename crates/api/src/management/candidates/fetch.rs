//! `GET /tasks/{taskId}/candidates/{id}`: one candidate.

use super::shape::Candidate;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;

/// Sends a candidate.
#[utoipa::path(get, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates", operation_id = "getManagedCandidate",
    params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Candidate), CommonErrors, PathErrors))]
pub async fn get_candidate(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Candidate>, Problem> {
    caller.require(Scope::CandidatesRead)?;
    let [task, id] = read::only_path(incoming, ["taskId", "id"]).await?;
    Ok(Json(state.app.candidate(&caller, &TaskId::from(task), &CandidateId::from(id)).await?.into()))
}
