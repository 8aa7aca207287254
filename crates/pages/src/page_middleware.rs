//! What goes around every page: the choice of a language, the guard against other sites' pages, and
//! the pages about what could not be done. Knows the pages of candidates and of staff; neither
//! knows it.

use crate::cookies::set_cookie;
use crate::lang::Language;
use crate::page_error::{PageError, PageErrorExtension};
use crate::state::PagesState;
use crate::visitor_request::{LANGUAGE, VisitorRequest};
use crate::{address, candidate, csrf, reply, staff};
use app::Failure;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::id::TaskId;

/// How long a chosen language is remembered.
const A_YEAR: u32 = 360 * 24 * 3600;

/// Goes around every page: takes the choice of a language, lets nothing in that another site's page
/// sent, and turns troubles into pages.
pub async fn page_middleware(
    State(state): State<PagesState>,
    request: Request,
    next: Next,
) -> Response {
    let nonce = state.app.nonce();
    reply::with_nonce(nonce, respond(state, request, next)).await
}

async fn respond(state: PagesState, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visitor = VisitorRequest::of(&parts, &state);
    let (path, method) = (parts.uri.path().to_owned(), parts.method.clone());
    let address = parts.uri.path_and_query().map_or_else(|| path.clone(), ToString::to_string);
    if let Some(response) = choice_of_language(&parts, &state) {
        return response;
    }
    let is_reading = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let mut response =
        if is_reading || csrf::is_same_origin(&parts.headers, &state.app.settings().public_url) {
            next.run(Request::from_parts(parts, body)).await
        } else {
            PageError::Foreign.into_response()
        };
    if let Some(trouble) =
        response.extensions_mut().remove::<PageErrorExtension>().and_then(|carried| carried.take())
    {
        // The page may lead back here after a log-in, by a GET: an address that only takes forms
        // would answer that with another error.
        let address = if is_reading { &address } else { staff::ROOT };
        response = error_page(&visitor, &path, address, &trouble, &response);
    }
    reply::set_security_headers(response.headers_mut(), state.app.settings().media_url.as_deref());
    response
}

/// The page about a trouble. Whoever has no session is led to where one begins.
fn error_page(
    visitor: &VisitorRequest,
    path: &str,
    address: &str,
    trouble: &PageError,
    bare: &Response,
) -> Response {
    trouble.log();
    if let (PageError::Failed(Failure::Unauthenticated), Some(task)) = (trouble, task_of(path)) {
        return reply::redirect(&address::task(&task));
    }
    let page = if path == staff::ROOT || path.starts_with("/staff/") {
        staff::error_page(trouble, address)
    } else {
        candidate::error_page(visitor.texts(), trouble, task_of(path).as_ref())
    };
    let mut response = page.unwrap_or_else(|_| {
        let mut bare = Response::new("".into());
        *bare.status_mut() = trouble.status();
        bare
    });
    if let Some(line) = bare.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, line.clone());
    }
    response
}

fn task_of(path: &str) -> Option<TaskId> {
    let task = path.strip_prefix("/t/")?.split('/').next()?;
    Some(TaskId::from(task.to_owned()))
        .filter(|_| task.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// `?lang=tr` on any page is remembered, and the page opened again without it.
fn choice_of_language(parts: &Parts, state: &PagesState) -> Option<Response> {
    let query = parts.uri.query()?.strip_prefix("lang=")?;
    let words = Language::of_tag(query).filter(|_| parts.method == Method::GET)?;
    let mut response = reply::redirect(parts.uri.path());
    let line = set_cookie(LANGUAGE, words.tag, "/", A_YEAR, state.is_secure);
    response.headers_mut().append(header::SET_COOKIE, line?);
    Some(response)
}
