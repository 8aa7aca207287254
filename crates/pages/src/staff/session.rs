//! Who is signed in: the log-in session of the cookie, looked up at every request.

use super::ROOT;
use crate::desk::Desk;
use crate::guest::{Guest, cookie, set_cookie};
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::caller::Caller;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use domain::role::Permission;

const SESSION: &str = "assay-staff";
/// The session itself ends earlier when nobody uses it.
const THIRTY_DAYS: u32 = 30 * 24 * 3600;

/// One of the staff at work. Also who every page of theirs is made for.
#[derive(Clone, Debug)]
pub struct Staff(pub app::staff::Staff);

impl FromRequestParts<Desk> for Staff {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Trouble> {
        let token = cookie(&parts.headers, SESSION).ok_or(Failure::Unauthenticated)?.to_owned();
        let Ok(guest) = Guest::from_request_parts(parts, desk).await;
        Ok(Self(desk.app.staff(&token, guest.knock().request.clone()).await?))
    }
}

impl Staff {
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.0.may(permission)
    }
}

/// Sends the browser on with a new session.
pub fn seated(desk: &Desk, token: &str, onward: &str) -> Response {
    with_cookie(reply::go(onward), token, THIRTY_DAYS, desk.is_secure)
}

/// Sends the browser to where one signs in, without a session.
pub fn unseated(desk: &Desk) -> Response {
    with_cookie(reply::go(&format!("{ROOT}/sign-in")), "", 0, desk.is_secure)
}

fn with_cookie(mut response: Response, token: &str, seconds: u32, is_secure: bool) -> Response {
    if let Some(line) = set_cookie(SESSION, token, ROOT, seconds, is_secure) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}
