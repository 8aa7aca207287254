//! The delivery API for the sitting page's script: the same API, with the log-in session of the
//! cookie.
//!
//! What changes something was let in by [`crate::csrf`] before it comes here; reading is safe
//! because no other site may read what we answer.

use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;

/// `/t/{task}/api/{path}`: forwards to the delivery API's `/{path}`.
pub async fn forward(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((_, path)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let Ok(target) = format!("/{path}{query}").parse::<Uri>() else {
        return axum::http::StatusCode::BAD_REQUEST.into_response();
    };
    let mut forwarded = Request::new(body);
    *forwarded.method_mut() = parts.method;
    *forwarded.uri_mut() = target;
    parts.headers.remove(header::COOKIE);
    // A key or token that a program sends does not count here: this door is for the cookie.
    parts.headers.remove(header::AUTHORIZATION);
    let bearer =
        guest.token().and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    parts.headers.extend(bearer.map(|bearer| (header::AUTHORIZATION, bearer)));
    *forwarded.headers_mut() = parts.headers;
    for carry in [
        copy_extension::<domain::id::RequestId>,
        copy_extension::<axum::extract::ConnectInfo<std::net::SocketAddr>>,
    ] {
        carry(&parts.extensions, forwarded.extensions_mut());
    }
    match state.delivery.clone().oneshot(forwarded).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn copy_extension<T: Clone + Send + Sync + 'static>(
    from: &axum::http::Extensions,
    to: &mut axum::http::Extensions,
) {
    if let Some(value) = from.get::<T>() {
        to.insert(value.clone());
    }
}
