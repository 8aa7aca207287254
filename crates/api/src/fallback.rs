//! Answers for requests that no endpoint takes (REST specification, 1.1 and 1.5).

use crate::problem::Problem;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use domain::fault::ErrorCode;

/// The order in which `Allow` lists methods.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// Gives a finished router the answers for unknown paths and methods.
pub fn with_fallbacks<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    routes.fallback(unknown_route).method_not_allowed_fallback(method_not_allowed)
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
