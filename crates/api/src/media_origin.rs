//! An origin of its own for files of candidates: where one is set, it serves files and nothing
//! else, and files are served nowhere else. Whatever a file turns out to be, it is then of another
//! site than the pages and their cookies.

use crate::problem::Problem;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use domain::fault::ErrorCode;
use std::sync::Arc;

const FILES: &str = "/media/";

/// Splits the routes between the two origins; without a second one they stay as they are.
pub fn split_media_origin(routes: Router, public_url: &str, media_url: Option<&str>) -> Router {
    match media_url.filter(|url| authority(url) != authority(public_url)) {
        Some(url) => Router::new()
            .fallback_service(routes)
            .layer(from_fn_with_state(Arc::<str>::from(url.trim_end_matches('/')), choose)),
        None => routes,
    }
}

async fn choose(State(media_url): State<Arc<str>>, request: Request, next: Next) -> Response {
    let is_files_host = host(&request) == authority(&media_url);
    match (is_files_host, request.uri().path().starts_with(FILES)) {
        (true, false) => Problem::new(ErrorCode::UnknownRoute).into_response(),
        // Links that were made before there was a second origin. A browser's policy refuses a
        // script that leads there.
        (false, true) => moved(&media_url, request.uri()),
        _ => next.run(request).await,
    }
}

fn moved(media_url: &str, uri: &Uri) -> Response {
    let rest = uri.path_and_query().map_or(FILES, |rest| rest.as_str());
    match HeaderValue::try_from(format!("{media_url}{rest}")) {
        Ok(place) => {
            (StatusCode::PERMANENT_REDIRECT, HeaderMap::from_iter([(header::LOCATION, place)]))
                .into_response()
        }
        Err(_) => Problem::new(ErrorCode::NotFound).into_response(),
    }
}

/// The name the request was sent to, in lower case as it is compared.
fn host(request: &Request) -> Option<String> {
    let line = request.headers().get(header::HOST).and_then(|line| line.to_str().ok());
    line.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str))
        .map(str::to_ascii_lowercase)
}

/// Host and port of an absolute address.
fn authority(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    Some(rest.split('/').next().unwrap_or(rest).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    async fn response_at(host: &str, path: &str) -> (u16, String) {
        let routes = Router::new()
            .route("/media/{id}", get(|| async { "file" }))
            .route("/enter", get(|| async { "page" }));
        let router = split_media_origin(
            routes,
            "https://assess.example.org",
            Some("https://files.example.net"),
        );
        let request = Request::get(path).header(header::HOST, host).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let place = response
            .headers()
            .get(header::LOCATION)
            .and_then(|place| place.to_str().ok())
            .unwrap_or_default();
        (response.status().as_u16(), place.to_owned())
    }

    #[tokio::test]
    async fn the_files_origin_serves_files_and_nothing_else_serves_them() {
        assert_eq!(response_at("files.example.net", "/media/Me1").await.0, 200);
        assert_eq!(response_at("FILES.example.net", "/media/Me1").await.0, 200);
        assert_eq!(response_at("files.example.net", "/enter").await.0, 404);
        assert_eq!(response_at("assess.example.org", "/enter").await.0, 200);
        let moved = response_at("assess.example.org", "/media/Me1?exp=1&sig=x").await;
        assert_eq!(moved, (308, "https://files.example.net/media/Me1?exp=1&sig=x".to_owned()));
        assert_eq!(response_at("10.0.0.5:8080", "/media/Me1").await.0, 308);
    }

    #[tokio::test]
    async fn one_origin_for_both_is_left_as_it_is() {
        let routes = Router::new().route("/enter", get(|| async { "page" }));
        let router = split_media_origin(
            routes,
            "https://assess.example.org",
            Some("https://assess.example.org/"),
        );
        let request = Request::get("/enter")
            .header(header::HOST, "assess.example.org")
            .body(Body::empty())
            .unwrap();
        assert_eq!(router.oneshot(request).await.unwrap().status(), 200);
    }
}
