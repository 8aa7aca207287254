//! The help pages that the `type` of a problem leads to. They need no key and hold nothing but the
//! table of codes.

use crate::error_codes::{self, ErrorCodeDoc};
use crate::etag::EntityTag;
use crate::problem::Problem;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::fault::ErrorCode;

/// `GET /problems/{code}`.
pub fn routes() -> Router {
    Router::new().route("/problems/{code}", get(show))
}

async fn show(Path(code): Path<String>, headers: HeaderMap) -> Response {
    let Some(entry) = error_codes::find(&code) else {
        return Problem::new(ErrorCode::UnknownRoute).into_response();
    };
    let page = page(&entry);
    let tag = EntityTag::of_bytes(page.as_bytes());
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    tag.not_modified(&headers).unwrap_or_else(|| tag.apply_to((html, page)))
}

fn page(ErrorCodeDoc { code, status, meaning }: &ErrorCodeDoc) -> String {
    let meaning = escaped(meaning);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{code}</title></head>\n\
         <body><h1>{code}</h1><p>{meaning}</p><p>HTTP status {status}.</p></body></html>\n"
    )
}

/// Meanings of documents' faults name bounds with `<`.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn only_known_codes_have_a_page() {
        let existing = [
            "not_found",
            "instance_complete",
            "upload_not_allowed",
            "selection_bounds",
            "already_evaluated",
        ];
        let existing = existing.map(|code| (format!("/problems/{code}"), 200));
        let unknown =
            ["nothing", "x%20y", "warn_unused_name"].map(|code| (format!("/problems/{code}"), 404));
        for (path, status) in existing.into_iter().chain(unknown) {
            let request = Request::get(&path).body(Body::empty()).unwrap();
            let response = routes().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::from_u16(status).unwrap(), "{path}");
        }
    }

    #[test]
    fn every_code_has_a_page_with_its_meaning_and_no_markup_in_it() {
        for code in ErrorCode::ALL {
            let existing = error_codes::find(code.as_str()).unwrap();
            assert!(page(&existing).contains(code.meaning()));
        }
        let bounds = error_codes::find("selection_bounds").unwrap();
        assert!(bounds.meaning.contains("<=") && page(&bounds).contains("1 &lt;= minSelections"));
    }
}
