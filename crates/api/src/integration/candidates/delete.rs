//! `DELETE /tasks/{taskId}/candidates/{id}`: undoes a mistaken registration.

use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::NoQuery;
use crate::state::ApiState;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::{CandidateId, TaskId};
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

/// `{}`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteCandidateResponse {}

/// Deletes a candidate who never took part: 403 `candidate_already_participated` otherwise.
#[utoipa::path(
    delete, path = "/tasks/{taskId}/candidates/{id}", tag = "Candidates",
    operation_id = "deleteCandidate", params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = DeleteCandidateResponse), CommonErrors, PathErrors)
)]
pub async fn delete(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::WriteCandidates)?;
    let (_, [task, id], NoQuery) = read::path_and_query(incoming, ["taskId", "id"]).await?;
    state
        .app
        .candidates()
        .delete_candidate(&caller, &TaskId::from(task), &CandidateId::from(id))
        .await?;
    Ok(reply::json(reply::to_json(&DeleteCandidateResponse {})?))
}
