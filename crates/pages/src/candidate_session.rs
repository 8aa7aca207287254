//! The cookie of a candidate's log-in session.

use crate::cookies::{cookie, set_cookie};
use crate::state::PagesState;
use crate::{address, reply};
use app::caller::{CandidateSession, ClientContext, session_hash};
use app::delivery::enter::NewCandidateSession;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::{InstanceId, TaskId};

/// It goes with its task's pages only, so two tasks in one browser are two sessions.
const SESSION: &str = "assay-session";
/// A closed browser must not lose a candidate without any credentials; whoever shares a computer
/// can leave.
const THIRTY_DAYS: u32 = 30 * 24 * 3600;

/// The token that a request shows.
pub fn session_token(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, SESSION)
}

/// Sends the browser on with a new log-in session: to the steps, or to the result of somebody who
/// has nothing left to do.
pub async fn start_session(
    state: &PagesState,
    client: &ClientContext,
    entered: &NewCandidateSession,
) -> Response {
    let ClientContext { address, request } = client.clone();
    let token_hash = session_hash(&entered.token);
    let visitor = CandidateSession { token_hash, address, request };
    let result = only_result(state, &visitor).await;
    let target = match result {
        Some(instance) => address::result(&entered.task, &instance),
        None => address::steps(&entered.task),
    };
    let path = address::task(&entered.task);
    let mut response = reply::redirect(&target);
    match set_cookie(SESSION, &entered.token, &path, THIRTY_DAYS, state.is_secure) {
        Some(line) => {
            response.headers_mut().append(header::SET_COOKIE, line);
            response
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The instance whose result is the only thing that is left to look at.
async fn only_result(state: &PagesState, visitor: &CandidateSession) -> Option<InstanceId> {
    // The page of steps says what went wrong.
    let steps = state.app.delivery().steps(visitor).await.ok()?;
    let has_more_to_do = steps.iter().any(|step| step.access.is_ok() || !step.is_completed);
    let mut shown = steps
        .iter()
        .flat_map(|step| &step.results)
        .filter(|notice| notice.withheld.is_none())
        .map(|notice| notice.instance.clone());
    match (has_more_to_do, shown.next(), shown.next()) {
        (false, Some(only), None) => Some(only),
        _ => None,
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
