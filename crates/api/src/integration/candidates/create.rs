//! `POST /tasks/{taskId}/candidates`: registers a candidate, once for each idempotency key.

use super::schema::DetailedCandidate;
use crate::body::BodyDocument;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_request::CreateCandidateRequest;
use crate::integration::validate_then_run::validate_then_run;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::RequestObject as _;
use crate::request::query::NoQuery;
use crate::state::ApiState;
use app::Failure;
use app::caller::Caller;
use app::candidates::{CandidateView, IdempotencyKey, IdempotentResponse};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::Faults;
use domain::id::TaskId;
use domain::json::JsonPointer;
use domain::role::Right;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "only its description is used")]
struct IdempotencyHeader {
    /// The caller's own name for this request: within 24 hours a repetition gets the first answer
    /// again, with `Idempotency-Replayed: true`, and makes no second candidate.
    #[param(
        rename = "Idempotency-Key",
        nullable = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$"
    )]
    key: Option<String>,
}

/// Registers a candidate in a task.
#[utoipa::path(
    post, path = "/tasks/{taskId}/candidates", tag = "Candidates", operation_id = "createCandidate",
    params(("taskId" = String, Path), IdempotencyHeader), request_body = CreateCandidateRequest,
    responses((status = 200, body = DetailedCandidate), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn create(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::WriteCandidates)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [task] = read::path_ids(&head, ["taskId"], &mut faults);
    read::query::<NoQuery>(&head, &mut faults);
    let key = head.idempotency_key(&mut faults).map(|key| idempotency_key(key, &task, &document));
    let task = TaskId::from(task);
    // A request with a slip beside its body is none that was answered before.
    if let Some(key) = key.as_ref().filter(|_| faults.is_empty())
        && let Some(body) =
            state.app.candidates().stored_idempotent_response(&caller, &task, key).await?
    {
        return Ok(answer(IdempotentResponse { body, is_replayed: true }));
    }
    let new = document.read(CreateCandidateRequest::read).flatten();
    let Some(new) = new else {
        document.finish(&mut faults);
        return Err(faults.into());
    };
    let candidates = state.app.candidates();
    let check = candidates.check_candidate(&caller, &task, JsonPointer::root(), new.clone());
    let create = candidates.create_candidate_idempotent(&caller, &task, new, key, print);
    Ok(answer(validate_then_run(document, faults, check, create).await?))
}

/// The key and what it stands for: the path without its prefix, and the body as a JSON value.
fn idempotency_key(key: &str, task: &str, document: &BodyDocument) -> IdempotencyKey {
    let mut hasher = Sha256::new();
    hasher.update(task.len().to_be_bytes());
    hasher.update(task);
    hasher.update(document.root().canonical());
    IdempotencyKey { key: key.to_owned(), digest: hasher.finalize().into() }
}

fn print(candidate: CandidateView) -> Result<String, Failure> {
    serde_json::to_string(&DetailedCandidate::from(candidate)).map_err(Failure::internal)
}

fn answer(answered: IdempotentResponse) -> Response {
    let mut response = reply::json(answered.body);
    if answered.is_replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
