//! How the endpoints of this API answer: ready JSON, and for what is read a tag made of its bytes.

use crate::etag::EntityTag;
use crate::raw_request::RequestHead;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::fault::ErrorCode;
use serde::Serialize;

/// A ready JSON body.
pub(super) fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// A ready JSON body with its tag, or 304 when the client has it.
pub(super) fn json_with_etag(head: &RequestHead, body: String) -> Response {
    let tag = EntityTag::of_bytes(body.as_bytes());
    tag.not_modified(head.headers()).unwrap_or_else(|| tag.apply_to(json(body)))
}

/// The JSON text of a shape.
///
/// # Errors
/// When it has none: a mistake in this program.
pub(super) fn to_json<T: Serialize>(shape: &T) -> Result<String, ErrorCode> {
    serde_json::to_string(shape).map_err(|_| ErrorCode::InternalError)
}
