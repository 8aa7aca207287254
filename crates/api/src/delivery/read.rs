//! What all endpoints of this API read alike.

use crate::body::receive::{ONE_MEBIBYTE, unexpected};
use crate::body::{Field, Object};
use crate::incoming::{Head, Incoming};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Visitor;
use app::delivery::enter::Knock;
use app::delivery::session_hash;
use axum::body::Body;
use domain::fault::{Code, Faults};

/// The log-in session a request shows. Whether it stands is asked in the use case.
#[allow(clippy::result_large_err, reason = "a problem is made at most once in a request")]
pub(super) fn visitor(state: &State, head: &Head) -> Result<Visitor, Problem> {
    let shown = crate::authorization::read(head.headers()).filter(|shown| shown.organization.is_none());
    let token = shown.ok_or(Code::Unauthenticated)?.secret;
    Ok(Visitor { token_hash: session_hash(&token), request: request_id(state, head) })
}

/// Where somebody without a session comes from.
pub(super) fn knock(state: &State, head: &Head) -> Knock {
    Knock { address: head.client_address(), request: request_id(state, head) }
}

fn request_id(state: &State, head: &Head) -> domain::id::RequestId {
    head.request_id().cloned().unwrap_or_else(|| state.app.mint(state.app.now()))
}

/// The one id of a path, for requests without query and body.
pub(super) async fn only_id<Id: From<String>>(incoming: Incoming, name: &str) -> Result<Id, Problem> {
    let Incoming { head, body } = incoming;
    let mut faults = Faults::new();
    let id = id(&head, name, &mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    Ok(id)
}

/// Refuses a query and a body.
pub(super) async fn nothing(incoming: Incoming) -> Result<(), Problem> {
    let Incoming { head, body } = incoming;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    faults.extend(unexpected(body).await);
    Ok(faults.into_result()?)
}

/// The id of a path; a query is refused.
pub(super) fn id<Id: From<String>>(head: &Head, name: &str, faults: &mut Faults) -> Id {
    let mut path = head.path();
    let id = path.take_text(name);
    path.finish(faults);
    head.query().finish(faults);
    id.into()
}

/// The body as `shape` reads it, and all faults found so far.
pub(super) async fn body<T>(
    head: &Head,
    body: Body,
    faults: Faults,
    shape: impl FnOnce(&Object<'_>) -> Option<T>,
) -> Result<T, Problem> {
    body_within(head, body, ONE_MEBIBYTE, faults, shape).await
}

/// As [`body`], of at most so many bytes.
pub(super) async fn body_within<T>(
    head: &Head,
    body: Body,
    limit: usize,
    mut faults: Faults,
    shape: impl FnOnce(&Object<'_>) -> Option<T>,
) -> Result<T, Problem> {
    let document = head.json(body, limit).await?;
    let read = document.read(shape).flatten();
    document.finish(&mut faults);
    faults.into_result()?;
    read.ok_or_else(|| Code::InternalError.into())
}

/// A client token: 1 to 255 visible ASCII characters.
pub(super) fn client_token(field: &Field<'_>) -> Option<String> {
    let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    field.text_like(1..=255, "must have visible ASCII characters only", is_visible).map(str::to_owned)
}

/// `confirm`, false when absent. Nothing when it is faulty.
pub(super) fn confirm(object: &Object<'_>) -> Option<bool> {
    let field = object.optional("confirm");
    if field.is_given() { field.boolean() } else { Some(false) }
}
