//! Pages as responses, with the headers that every one of them carries.

use crate::trouble::Trouble;
use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Nothing but our own files, no inline scripts and styles, no other host; pictures may stand in a text themselves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `same-origin`, because with `no-referrer` browsers would hide the origin of our own forms from us.
const POLICIES: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Whoever wrote a header before knows better.
pub fn set_policies(headers: &mut HeaderMap) {
    for (name, value) in POLICIES {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// A page with a status.
///
/// # Errors
/// When the template cannot be written.
pub fn page(status: StatusCode, template: &impl Template) -> Result<Response, Trouble> {
    let text = template.render().map_err(app::Failure::internal)?;
    let html = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
    Ok((status, html, text).into_response())
}

/// Sends the browser on with GET.
pub fn go(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
