//! The cookie of a candidate's log-in session.

use crate::cookies::{cookie, set_cookie};
use crate::state::PagesState;
use crate::{address, reply};
use app::delivery::enter::NewCandidateSession;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::TaskId;

/// It goes with its task's pages only, so two tasks in one browser are two sessions.
const SESSION: &str = "assay-session";
/// A closed browser must not lose a candidate without any credentials; whoever shares a computer
/// can leave.
const THIRTY_DAYS: u32 = 30 * 24 * 3600;

/// The token that a request shows.
pub fn session_token(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, SESSION)
}

/// Sends the browser on with a new log-in session.
pub fn start_session(state: &PagesState, entered: &NewCandidateSession) -> Response {
    let path = address::task(&entered.task);
    let mut response = reply::redirect(&address::steps(&entered.task));
    match set_cookie(SESSION, &entered.token, &path, THIRTY_DAYS, state.is_secure) {
        Some(line) => {
            response.headers_mut().append(header::SET_COOKIE, line);
            response
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Sends the browser away without its log-in session.
pub fn end_session(state: &PagesState, task: &TaskId) -> Response {
    let mut response = reply::redirect(&address::task(task));
    if let Some(line) = set_cookie(SESSION, "", &address::task(task), 0, state.is_secure) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}
