//! `POST /tasks/{taskId}/candidates/bulk`: registers many candidates, all or none.

use super::schema::ManagedCandidate;
use crate::body::receive::FOUR_MEBIBYTES;
use crate::candidate_request::RegisterCandidateRequest;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{list, object};
use crate::request::{RequestObject as _, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::candidates::{MOST_AT_ONCE, NewCandidate};
use axum::{Extension, Json, extract};
use domain::id::TaskId;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// Candidates to be registered, all or none.
    pub(in crate::management) struct CreateCandidatesRequest as "NewCandidates" {
        /// 1 to 1000, each as for one candidate.
        candidates: Vec<NewCandidate> =
            list(1..=MOST_AT_ONCE, object::<RegisterCandidateRequest>()),
    }
}

/// Candidates that were registered.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredCandidates)]
pub(in crate::management) struct CreateCandidatesResponse {
    /// The new candidates, in the order of the request.
    candidates: Vec<ManagedCandidate>,
}

/// Registers candidates, all or none; each fault is told at its candidate, for example
/// `/candidates/3/email`.
///
/// At most 1000, because they are one transaction and everybody's answers wait for it. Send more in
/// several requests.
#[utoipa::path(
    post, path = "/tasks/{taskId}/candidates/bulk", tag = "Candidates",
    operation_id = "registerCandidates", params(("taskId" = String, Path)),
    request_body = CreateCandidatesRequest,
    responses((status = 200, body = CreateCandidatesResponse), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn create_candidates(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<CreateCandidatesResponse>, Problem> {
    caller.require(Right::WriteCandidates)?;
    let read = CreateCandidatesRequest::read;
    let ([task], new) = read::path_and_body(incoming, ["taskId"], FOUR_MEBIBYTES, read).await?;
    let made = state
        .app
        .candidates()
        .create_candidates(&caller, &TaskId::from(task), new.candidates)
        .await?;
    Ok(Json(CreateCandidatesResponse {
        candidates: made.into_iter().map(ManagedCandidate::from).collect(),
    }))
}
