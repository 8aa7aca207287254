//! `DELETE /tasks/{taskId}/candidates/{id}`: undoes a mistaken registration.

use crate::incoming::Incoming;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::{CandidateId, TaskId};
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// `{}`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deleted {}

/// Deletes a candidate who never took part: 403 `candidate_already_participated` otherwise.
#[utoipa::path(delete, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates", operation_id = "deleteCandidate",
    params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Deleted), CommonErrors, PathErrors))]
pub async fn delete(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::CandidatesWrite)?;
    let (_, [task, id], ()) = read::reading(incoming, ["taskId", "id"], |_| ()).await?;
    state.app.delete_candidate(&caller, &TaskId::from(task), &CandidateId::from(id)).await?;
    Ok(reply::json(reply::print(&Deleted {})?))
}
