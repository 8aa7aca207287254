//! `POST /tasks/{taskId}/candidates/bulk`: registers many candidates, all or none.

use super::schema::ManagedCandidate;
use crate::body::BodyObject;
use crate::body::receive::FOUR_MEBIBYTES;
use crate::candidate_schema::{self, CandidateKeySet};
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use app::candidates::{MOST_AT_ONCE, NewCandidate};
use axum::{Extension, Json, extract};
use domain::id::TaskId;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// Candidates to be registered, all or none.
#[derive(ToSchema)]
#[schema(as = NewCandidates)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct CreateCandidatesRequest {
    /// 1 to 1000, each as for one candidate.
    #[schema(value_type = Vec<Object>)]
    candidates: Vec<serde_json::Value>,
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
    caller.require_scope(Scope::CandidatesWrite)?;
    let ([task], new) = read::path_and_body(incoming, ["taskId"], FOUR_MEBIBYTES, shape).await?;
    let made = state.app.create_candidates(&caller, &TaskId::from(task), new).await?;
    Ok(Json(CreateCandidatesResponse {
        candidates: made.into_iter().map(ManagedCandidate::from).collect(),
    }))
}

fn shape(object: &BodyObject<'_>) -> Option<Vec<NewCandidate>> {
    let one = |object: &BodyObject<'_>| candidate_schema::read(object, CandidateKeySet::Management);
    object.required("candidates").list(1..=MOST_AT_ONCE, |field| field.object(one).flatten())
}
