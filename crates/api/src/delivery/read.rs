//! What all endpoints of this API read alike.

use crate::auth_layer::rate_limited;
use crate::body::BodyObject;
use crate::body::receive::{FOUR_MEBIBYTES, ONE_MEBIBYTE, unexpected};
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
pub(super) use crate::request::query::read_query as query;
use crate::state::ApiState;
use app::caller::CandidateSession;
use app::delivery::enter::ClientContext;
use app::delivery::session_hash;
use app::throttle::RateLimitExceeded;
use axum::body::Body;
use axum::http::header;
use domain::fault::{ErrorCode, Faults};

/// The log-in session a request shows, counted against its rate with the bytes it brings. Whether
/// it stands is asked in the use case.
#[allow(clippy::result_large_err, reason = "a problem is made at most once in a request")]
pub(super) fn candidate_session(
    state: &ApiState,
    head: &RequestHead,
) -> Result<CandidateSession, Problem> {
    admit(state, head, body_bytes(head))
}

/// As [`candidate_session`], of a request whose body is a file.
#[allow(clippy::result_large_err, reason = "a problem is made at most once in a request")]
pub(super) fn candidate_session_for_upload(
    state: &ApiState,
    head: &RequestHead,
) -> Result<CandidateSession, Problem> {
    admit(state, head, 0)
}

#[allow(clippy::result_large_err, reason = "a problem is made at most once in a request")]
fn admit(state: &ApiState, head: &RequestHead, bytes: u64) -> Result<CandidateSession, Problem> {
    let shown =
        crate::authorization::read(head.headers()).filter(|shown| shown.organization.is_none());
    let token = shown.ok_or(ErrorCode::Unauthenticated)?.secret;
    let address = head.client_address();
    let visitor = CandidateSession {
        token_hash: session_hash(&token),
        address,
        request: request_id(state, head),
    };
    let admitted = state.app.delivery().admit_request(&visitor, bytes);
    admitted
        .map_err(|RateLimitExceeded { by, retry_after }| rate_limited(by, retry_after.into()))?;
    Ok(visitor)
}

/// Bytes of the body, before it is read. One that does not tell its length counts as the most that
/// is taken, or whoever leaves the length out would not be counted.
fn body_bytes(head: &RequestHead) -> u64 {
    let reported = head
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|line| line.to_str().ok()?.parse().ok());
    let unknown = if head.headers().contains_key(header::TRANSFER_ENCODING) {
        FOUR_MEBIBYTES as u64
    } else {
        0
    };
    reported.unwrap_or(unknown)
}

/// Where somebody without a session comes from.
pub(super) fn client_context(state: &ApiState, head: &RequestHead) -> ClientContext {
    ClientContext { address: head.client_address(), request: request_id(state, head) }
}

fn request_id(state: &ApiState, head: &RequestHead) -> domain::id::RequestId {
    head.request_id().cloned().unwrap_or_else(|| state.app.new_id(state.app.now()))
}

/// The one id of a path, for requests without query and body.
pub(super) async fn path_id_only<Id: From<String>>(
    incoming: RawRequest,
    name: &str,
) -> Result<Id, Problem> {
    let RawRequest { head, body } = incoming;
    let mut faults = Faults::new();
    let id = id(&head, name, &mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    Ok(id)
}

/// Refuses a query and a body.
pub(super) async fn no_query_or_body(incoming: RawRequest) -> Result<(), Problem> {
    let RawRequest { head, body } = incoming;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    faults.extend(unexpected(body).await);
    Ok(faults.into_result()?)
}

/// The id of a path; a query is refused.
pub(super) fn id<Id: From<String>>(head: &RequestHead, name: &str, faults: &mut Faults) -> Id {
    let mut path = head.path();
    let id = path.take_text(name);
    path.finish(faults);
    head.query().finish(faults);
    id.into()
}

/// The body as `shape` reads it, and all faults found so far.
pub(super) async fn body<T>(
    head: &RequestHead,
    body: Body,
    faults: Faults,
    shape: impl FnOnce(&BodyObject<'_>) -> Option<T>,
) -> Result<T, Problem> {
    body_within(head, body, ONE_MEBIBYTE, faults, shape).await
}

/// As [`body`], of at most so many bytes.
pub(super) async fn body_within<T>(
    head: &RequestHead,
    body: Body,
    limit: usize,
    mut faults: Faults,
    shape: impl FnOnce(&BodyObject<'_>) -> Option<T>,
) -> Result<T, Problem> {
    let document = head.lenient_json(body, limit).await?;
    let read = document.read(shape).flatten();
    document.finish(&mut faults);
    faults.into_result()?;
    read.ok_or_else(|| ErrorCode::InternalError.into())
}
