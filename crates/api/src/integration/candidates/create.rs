//! `POST /tasks/{taskId}/candidates`: registers a candidate, once for each idempotency key.

use super::request::NewCandidate;
use super::shape::DetailedCandidate;
use crate::body::Document;
use crate::body::receive::ONE_MEBIBYTE;
use crate::candidate_shape::{self, Keys};
use crate::incoming::Incoming;
use crate::integration::act::act;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::Failure;
use app::caller::Caller;
use app::candidates::{Answered, CandidateView, IdempotencyKey};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::Faults;
use domain::id::TaskId;
use domain::instance::Scope;
use domain::json::Pointer;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "only its description is used")]
struct IdempotencyHeader {
    /// The caller's own name for this request: within 24 hours a repetition gets the first answer again, with
    /// `Idempotency-Replayed: true`, and makes no second candidate.
    #[param(rename = "Idempotency-Key", nullable = false, min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    key: Option<String>,
}

/// Registers a candidate in a task.
#[utoipa::path(post, path = "/tasks/{taskId}/candidates", tag = "Candidates", operation_id = "createCandidate",
    params(("taskId" = String, Path), IdempotencyHeader), request_body = NewCandidate,
    responses((status = 200, body = DetailedCandidate), CommonErrors, PathErrors, BodyErrors))]
pub async fn create(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::CandidatesWrite)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [task] = read::path(&head, ["taskId"], &mut faults);
    read::query(&head, |_| (), &mut faults);
    let key = head.idempotency_key(&mut faults).map(|key| idempotency_key(key, &task, &document));
    let task = TaskId::from(task);
    // A request with a slip beside its body is none that was answered before.
    if let Some(key) = key.as_ref().filter(|_| faults.is_empty())
        && let Some(body) = state.app.first_answer(&caller, &task, key).await?
    {
        return Ok(answer(Answered { body, is_replayed: true }));
    }
    let new = document.read(|object| candidate_shape::read(object, Keys::Integration)).flatten();
    let Some(new) = new else {
        document.finish(&mut faults);
        return Err(faults.into());
    };
    let check = state.app.check_candidate(&caller, &task, Pointer::root(), new.clone());
    let create = state.app.create_candidate_once(&caller, &task, new, key, print);
    Ok(answer(act(document, faults, check, create).await?))
}

/// The key and what it stands for: the path without its prefix, and the body as a JSON value.
fn idempotency_key(key: &str, task: &str, document: &Document) -> IdempotencyKey {
    let mut hasher = Sha256::new();
    hasher.update(task.len().to_be_bytes());
    hasher.update(task);
    hasher.update(document.root().canonical());
    IdempotencyKey { key: key.to_owned(), digest: hasher.finalize().into() }
}

fn print(candidate: CandidateView) -> Result<String, Failure> {
    serde_json::to_string(&DetailedCandidate::from(candidate)).map_err(Failure::internal)
}

fn answer(answered: Answered) -> Response {
    let mut response = reply::json(answered.body);
    if answered.is_replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
