//! The help pages that the `type` of a problem leads to. They need no key and hold nothing but the table of codes.

use crate::etag::Tag;
use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::fault::Code;

/// `GET /problems/{code}`.
pub fn routes() -> Router {
    Router::new().route("/problems/{code}", get(show))
}

async fn show(Path(code): Path<String>, headers: HeaderMap) -> Response {
    let Some(code) = Code::parse(&code) else { return Problem::new(Code::UnknownRoute).into_response() };
    let page = page(code);
    let tag = Tag::of_bytes(page.as_bytes());
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    tag.not_modified(&headers).unwrap_or_else(|| tag.on((html, page)))
}

fn page(code: Code) -> String {
    let (status, meaning) = (code.status(), code.meaning());
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{code}</title></head>\n\
         <body><h1>{code}</h1><p>{meaning}</p><p>HTTP status {status}.</p></body></html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn only_known_codes_have_a_page() {
        for (path, status) in [("/problems/nothing", 404), ("/problems/not_found", 200), ("/problems/x%20y", 404)] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = routes().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::from_u16(status).unwrap(), "{path}");
        }
    }

    #[test]
    fn every_code_has_a_page_with_its_meaning() {
        for code in Code::ALL {
            assert!(page(*code).contains(code.meaning()));
        }
    }
}
