//! What all endpoints of this API read alike.

use crate::body::BodyObject;
use crate::body::receive::unexpected;
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
pub(super) use crate::request::query::read_query as query;
use axum::body::Body;
use domain::fault::{ErrorCode, Faults};

/// The ids of a path, by name; the query is left to the caller.
pub(super) fn path_ids<const N: usize>(
    head: &RequestHead,
    names: [&str; N],
    faults: &mut Faults,
) -> [String; N] {
    let mut path = head.path();
    let values = names.map(|name| path.take_text(name));
    path.finish(faults);
    values
}

/// The ids of the path of a request that takes neither query nor body.
pub(super) async fn path_ids_only<const N: usize>(
    incoming: RawRequest,
    names: [&str; N],
) -> Result<[String; N], Problem> {
    let RawRequest { head, body } = incoming;
    let mut faults = Faults::new();
    let values = path_ids(&head, names, &mut faults);
    head.query().finish(&mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;
    Ok(values)
}

/// The ids of the path and the body as `shape` reads it, for a request without query; all faults at
/// once.
pub(super) async fn path_and_body<const N: usize, T>(
    incoming: RawRequest,
    names: [&str; N],
    limit: usize,
    shape: impl FnOnce(&BodyObject<'_>) -> Option<T>,
) -> Result<([String; N], T), Problem> {
    let RawRequest { head, body } = incoming;
    let document = head.json(body, limit).await?;
    let mut faults = Faults::new();
    let values = path_ids(&head, names, &mut faults);
    head.query().finish(&mut faults);
    let read = document.read(shape).flatten();
    document.finish(&mut faults);
    faults.into_result()?;
    // Nothing was read and no fault was told: a shape that forgot to tell one.
    Ok((values, read.ok_or(ErrorCode::InternalError)?))
}

/// Refuses a body.
pub(super) async fn no_body(body: Body, faults: &mut Faults) {
    faults.extend(unexpected(body).await);
}
