//! Pages as responses, with the headers that every one of them carries.

use crate::page_error::PageError;
use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::future::Future;

tokio::task_local! {
    /// Of the request that is being answered.
    static NONCE: String;
}

/// Answers a request with a nonce of its own, by which the page's tags and its policy know each
/// other.
pub async fn with_nonce<F: Future>(nonce: String, answer: F) -> F::Output {
    NONCE.scope(nonce, answer).await
}

/// The nonce of the page that is being written. Outside a request there is none, and nothing it
/// marks would run.
pub fn nonce() -> String {
    NONCE.try_with(Clone::clone).unwrap_or_default()
}

/// Scripts and styles only from tags that the page's own template wrote: each carries a nonce made
/// for this answer, which nobody who wrote a text can know, and modules hand it to what they
/// import. So nothing else of our origin, such as a file of a candidate, can be one, whatever name
/// the origin has for the browser behind however many proxies. No frames, no other host; pictures
/// may stand in a text themselves.
fn content_security_policy(nonce: &str, media_origin: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:{media_origin}; \
         media-src 'self' blob:{media_origin}; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-src 'none'; object-src 'none'; frame-ancestors 'none'"
    )
}

/// `same-origin`, because with `no-referrer` browsers would hide the origin of our own forms from
/// us.
const POLICIES: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Whoever wrote a header before knows better.
pub fn set_security_headers(headers: &mut HeaderMap, media_url: Option<&str>) {
    let media_origin = media_url.map(|url| format!(" {}", origin_of(url))).unwrap_or_default();
    if let Ok(policy) = HeaderValue::try_from(content_security_policy(&nonce(), &media_origin)) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    for (name, value) in POLICIES {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// Scheme, host and port of an absolute address.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[host..].find('/').map_or(url.len(), |path| host + path);
    &url[..end]
}

/// A page with a status.
///
/// # Errors
/// When the template cannot be written.
pub fn page(status: StatusCode, template: &impl Template) -> Result<Response, PageError> {
    let text = template.render().map_err(app::Failure::internal)?;
    let html = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
    Ok((status, html, text).into_response())
}

/// Sends the browser on with GET.
pub fn redirect(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
