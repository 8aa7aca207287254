//! `POST /tasks/{taskId}/candidates/bulk`: registers many candidates, all or none.

use super::shape::Candidate;
use crate::body::Object;
use crate::body::receive::FOUR_MEBIBYTES;
use crate::candidate_shape::{self, Keys};
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
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
pub(in crate::management) struct Asked {
    /// 1 to 1000, each as for one candidate.
    #[schema(value_type = Vec<Object>)]
    candidates: Vec<serde_json::Value>,
}

/// Candidates that were registered.
#[derive(Serialize, ToSchema)]
#[schema(as = RegisteredCandidates)]
pub(in crate::management) struct Registered {
    /// The new candidates, in the order of the request.
    candidates: Vec<Candidate>,
}

/// Registers candidates, all or none; each fault is told at its candidate, for example `/candidates/3/email`.
///
/// At most 1000, because they are one transaction and everybody's answers wait for it. Send more in several requests.
#[utoipa::path(post, path = "/tasks/{taskId}/candidates/bulk", tag = "Candidates",
    operation_id = "registerCandidates", params(("taskId" = String, Path)), request_body = Asked,
    responses((status = 200, body = Registered), CommonErrors, PathErrors, BodyErrors))]
pub async fn create_candidates(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Registered>, Problem> {
    caller.require(Scope::CandidatesWrite)?;
    let ([task], new) = read::path_and_body(incoming, ["taskId"], FOUR_MEBIBYTES, shape).await?;
    let made = state.app.create_candidates(&caller, &TaskId::from(task), new).await?;
    Ok(Json(Registered { candidates: made.into_iter().map(Candidate::from).collect() }))
}

fn shape(object: &Object<'_>) -> Option<Vec<NewCandidate>> {
    let one = |object: &Object<'_>| candidate_shape::read(object, Keys::Management);
    object.required("candidates").list(1..=MOST_AT_ONCE, |field| field.object(one).flatten())
}
