//! Who is signed in: the log-in session of the cookie, looked up at every request.

use crate::cookies::{cookie, set_cookie};
use crate::page_error::PageError;
use crate::reply;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use app::Failure;
use app::caller::Caller;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use domain::role::Permission;

/// Where staff's pages begin.
pub const ROOT: &str = "/staff";
const SESSION: &str = "assay-staff";
/// The session itself ends earlier when nobody uses it.
const THIRTY_DAYS: u32 = 30 * 24 * 3600;

/// One of the staff at work. Also who every page of theirs is made for.
#[derive(Clone, Debug)]
pub struct SignedInStaff(pub app::staff::StaffUser);

impl FromRequestParts<PagesState> for SignedInStaff {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &PagesState) -> Result<Self, PageError> {
        let token = cookie(&parts.headers, SESSION).ok_or(Failure::Unauthenticated)?.to_owned();
        let Ok(visitor) = VisitorRequest::from_request_parts(parts, state).await;
        Ok(Self(
            state
                .app
                .staff()
                .authenticate_staff(&token, visitor.client_context().request.clone())
                .await?,
        ))
    }
}

impl SignedInStaff {
    /// The user as use cases take him.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// Whether the user's roles grant this; only to show or hide, use cases check again.
    pub fn may(&self, permission: Permission) -> bool {
        self.0.has_permission(permission)
    }
}

/// Sends the browser on with a new session.
pub fn start_session(state: &PagesState, token: &str, onward: &str) -> Response {
    with_cookie(reply::redirect(onward), token, THIRTY_DAYS, state.is_secure)
}

/// Sends the browser to where one signs in, without a session.
pub fn end_session(state: &PagesState) -> Response {
    with_cookie(reply::redirect(&format!("{ROOT}/sign-in")), "", 0, state.is_secure)
}

fn with_cookie(mut response: Response, token: &str, seconds: u32, is_secure: bool) -> Response {
    if let Some(line) = set_cookie(SESSION, token, ROOT, seconds, is_secure) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}
