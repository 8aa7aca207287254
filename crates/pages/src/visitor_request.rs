//! Who looks at a page: the log-in session of the cookie, the language, where the request came
//! from.

use crate::lang::{self, UiTexts};
use crate::page_error::{PageError, PageErrorExtension};
use crate::state::PagesState;
use crate::{address, candidate, csrf, reply, staff};
use app::Failure;
use app::caller::CandidateSession;
use app::delivery::enter::{ClientContext, NewCandidateSession};
use app::delivery::session_hash;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::id::{RequestId, TaskId};
use std::convert::Infallible;
use std::net::SocketAddr;

/// The log-in session's cookie. It goes with its task's pages only, so two tasks in one browser are
/// two sessions.
const SESSION: &str = "assay-session";
/// The language that was chosen on a page.
const LANGUAGE: &str = "assay-lang";
/// A closed browser must not lose a candidate without any credentials; whoever shares a computer
/// can leave.
const THIRTY_DAYS: u32 = 30 * 24 * 3600;

/// What a request to a page shows.
#[derive(Clone, Debug)]
pub struct VisitorRequest {
    /// What was chosen on a page before.
    chosen: Option<&'static UiTexts>,
    /// The best of what the browser asks for.
    accepted: &'static UiTexts,
    token: Option<String>,
    client: ClientContext,
}

impl FromRequestParts<PagesState> for VisitorRequest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, desk: &PagesState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, desk))
    }
}

impl VisitorRequest {
    fn of(parts: &Parts, desk: &PagesState) -> Self {
        let request = parts.extensions.get::<RequestId>().cloned();
        let accepted =
            parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|line| line.to_str().ok());
        Self {
            chosen: cookie(&parts.headers, LANGUAGE).and_then(lang::of_tag),
            accepted: lang::of_accepted(accepted.unwrap_or_default()),
            token: cookie(&parts.headers, SESSION).map(str::to_owned),
            client: ClientContext {
                address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()),
                request: request.unwrap_or_else(|| desk.app.new_id(desk.app.now())),
            },
        }
    }

    /// The words of a page that belongs to nobody.
    pub fn texts(&self) -> &'static UiTexts {
        self.chosen.unwrap_or(self.accepted)
    }

    /// The words of a page of a task or candidate, whose language comes before the browser's.
    pub fn texts_for(&self, own: &str) -> &'static UiTexts {
        self.chosen.or_else(|| lang::of_tag(own)).unwrap_or(self.accepted)
    }

    pub fn client_context(&self) -> &ClientContext {
        &self.client
    }

    /// The log-in session the cookie shows. Whether it stands is asked in the use case.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] when there is no cookie.
    pub fn candidate_session(&self) -> Result<CandidateSession, Failure> {
        let token = self.token.as_deref().ok_or(Failure::Unauthenticated)?;
        let ClientContext { address, request } = self.client.clone();
        Ok(CandidateSession { token_hash: session_hash(token), address, request })
    }

    /// The session's token, for the delivery API.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

/// Goes around every page: takes the choice of a language, lets nothing in that another site's page
/// sent, and turns troubles into pages.
pub async fn page_middleware(
    State(desk): State<PagesState>,
    request: Request,
    next: Next,
) -> Response {
    let nonce = desk.app.nonce();
    reply::with_nonce(nonce, respond(desk, request, next)).await
}

async fn respond(desk: PagesState, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let guest = VisitorRequest::of(&parts, &desk);
    let (path, method) = (parts.uri.path().to_owned(), parts.method.clone());
    let address = parts.uri.path_and_query().map_or_else(|| path.clone(), ToString::to_string);
    if let Some(response) = choice_of_language(&parts, &desk) {
        return response;
    }
    let is_reading = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let mut response =
        if is_reading || csrf::is_same_origin(&parts.headers, &desk.app.settings().public_url) {
            next.run(Request::from_parts(parts, body)).await
        } else {
            axum::response::IntoResponse::into_response(PageError::Foreign)
        };
    if let Some(trouble) =
        response.extensions_mut().remove::<PageErrorExtension>().and_then(|carried| carried.take())
    {
        let address = if is_reading { &address } else { staff::ROOT };
        response = error_page(&guest, &path, address, &trouble, &response);
    }
    reply::set_security_headers(response.headers_mut(), desk.app.settings().media_url.as_deref());
    response
}

/// The page about a trouble. Whoever has no session is led to where one begins.
fn error_page(
    guest: &VisitorRequest,
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
        candidate::error_page(guest.texts(), trouble, task_of(path).as_ref())
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
fn choice_of_language(parts: &Parts, desk: &PagesState) -> Option<Response> {
    let asked = parts.uri.query()?.strip_prefix("lang=")?;
    let words = lang::of_tag(asked).filter(|_| parts.method == Method::GET)?;
    let mut response = reply::redirect(parts.uri.path());
    let line = set_cookie(LANGUAGE, words.lang, "/", 12 * THIRTY_DAYS, desk.is_secure);
    response.headers_mut().append(header::SET_COOKIE, line?);
    Some(response)
}

/// Sends the browser on with a new log-in session.
pub fn start_session(desk: &PagesState, entered: &NewCandidateSession) -> Response {
    let path = address::task(&entered.task);
    let mut response = reply::redirect(&address::steps(&entered.task));
    match set_cookie(SESSION, &entered.token, &path, THIRTY_DAYS, desk.is_secure) {
        Some(line) => {
            response.headers_mut().append(header::SET_COOKIE, line);
            response
        }
        None => {
            Response::builder().status(StatusCode::BAD_REQUEST).body("".into()).unwrap_or_default()
        }
    }
}

/// Sends the browser away without its log-in session.
pub fn end_session(desk: &PagesState, task: &TaskId) -> Response {
    let mut response = reply::redirect(&address::task(task));
    if let Some(line) = set_cookie(SESSION, "", &address::task(task), 0, desk.is_secure) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

/// `Lax`, so that the link in an invitation opens the page of whoever is logged in.
pub fn set_cookie(
    name: &str,
    value: &str,
    path: &str,
    seconds: u32,
    is_secure: bool,
) -> Option<HeaderValue> {
    let secure = if is_secure { "; Secure" } else { "" };
    let line =
        format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&line).ok()
}

pub fn cookie<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs =
        lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value)
        .find(|value| !value.is_empty())
}
