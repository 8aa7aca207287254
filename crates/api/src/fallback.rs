//! Answers for requests that no endpoint takes (REST specification, 1.1 and 1.5).

use crate::problem::Problem;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use domain::fault::ErrorCode;
use tower::ServiceExt;

/// The order in which `Allow` lists methods.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// Gives a finished router the answers for unknown paths and methods.
pub fn with_fallbacks<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes.fallback(unknown_route).method_not_allowed_fallback(method_not_allowed)
}

/// Like [`with_fallbacks`]; a person with a browser who comes to an address that does not exist
/// gets a page of `not_found`.
pub fn with_page_fallback(routes: Router, not_found: Option<Router>) -> Router {
    let Some(not_found) = not_found else {
        return with_fallbacks(routes);
    };
    with_fallbacks(routes).fallback(async move |request: Request| -> Response {
        if !is_page_request(&request) {
            return unknown_route().await.into_response();
        }
        match not_found.oneshot(request).await {
            Ok(page) => page,
            Err(never) => match never {},
        }
    })
}

/// Whether somebody opens an address in a browser. Programs get problems, also outside the APIs.
fn is_page_request(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|line| line.to_str().ok());
    matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.uri().path().starts_with("/api/")
        && accept.is_some_and(|line| line.contains("text/html"))
}

async fn unknown_route() -> Problem {
    ErrorCode::UnknownRoute.into()
}

/// The router adds `Allow` to what this answers.
async fn method_not_allowed() -> Problem {
    ErrorCode::MethodNotAllowed.into()
}

/// Writes `Allow` as `GET, HEAD`, whatever order the routes were declared in.
pub fn tidy_allow(headers: &mut HeaderMap) {
    let Some(allowed) = headers.get(header::ALLOW).and_then(|line| line.to_str().ok()) else {
        return;
    };
    let sent: Vec<_> = allowed.split(',').map(str::trim).collect();
    let tidy: Vec<_> = METHODS.into_iter().filter(|method| sent.contains(method)).collect();
    if let Ok(line) = HeaderValue::from_str(&tidy.join(", ")) {
        headers.insert(header::ALLOW, line);
    }
}
