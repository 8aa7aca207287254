//! Signing in and out.

use crate::lang;
use crate::page_error::{PageError, status_of};
use crate::refusal::reason;
use crate::reply;
use crate::staff::support::session;
use crate::staff::support::{AreaRoutes, ROOT, SignedInStaff, StaffLayout};
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use app::Failure;
use app::staff::SignInRequest;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use domain::id::OrganizationId;
use serde::Deserialize;

/// Signing in and out; the only staff pages that need no session.
pub fn routes() -> AreaRoutes {
    vec![("/staff/sign-in", get(show).post(enter)), ("/staff/do/sign-out", post(leave))]
}

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    frame: StaffLayout,
    form: SignInForm,
    asks_organization: bool,
    refused: Option<&'static str>,
}

/// What was typed; a password is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    org: String,
    username: String,
    password: String,
    /// Where to go afterwards.
    next: String,
}

/// `GET /staff/sign-in`. Whoever is signed in goes straight on.
pub async fn show(
    State(state): State<PagesState>,
    staff: Result<SignedInStaff, PageError>,
    Query(form): Query<SignInForm>,
) -> Result<Response, PageError> {
    if staff.is_ok() {
        return Ok(reply::redirect(safe_next_path(&form.next)));
    }
    page(&state, form, None).await
}

/// `POST /staff/sign-in`.
pub async fn enter(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, PageError> {
    let client =
        headers.get(header::USER_AGENT).and_then(|line| line.to_str().ok()).unwrap_or_default();
    let sign_in = SignInRequest {
        organization: Some(form.org.trim()).filter(|org| !org.is_empty()).map(OrganizationId::from),
        username: form.username.trim().to_owned(),
        password: form.password.clone(),
        client: client.to_owned(),
    };
    match state.app.staff().sign_in(guest.client_context(), sign_in).await {
        Ok(signed_in) => {
            Ok(session::start_session(&state, &signed_in.token, safe_next_path(&form.next)))
        }
        Err(failure @ Failure::Refused(_)) => page(&state, form, Some(failure)).await,
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /staff/do/sign-out`.
pub async fn leave(
    State(state): State<PagesState>,
    staff: Result<SignedInStaff, PageError>,
) -> Result<Response, PageError> {
    if let Ok(staff) = staff {
        state.app.staff().sign_out(&staff.0).await?;
    }
    Ok(session::end_session(&state))
}

/// One of our own pages of staff, whatever the address says.
fn safe_next_path(next: &str) -> &str {
    let is_ours =
        next == ROOT || next.strip_prefix(ROOT).is_some_and(|rest| rest.starts_with(['/', '?']));
    if is_ours && !next.contains(['\\', '\r', '\n']) { next } else { ROOT }
}

async fn page(
    state: &PagesState,
    form: SignInForm,
    failure: Option<Failure>,
) -> Result<Response, PageError> {
    let refused = match &failure {
        Some(Failure::Refused(refused)) => Some(match refused.code {
            domain::refusal::Refusal::AccessDenied => "The user name or password is not correct.",
            other => reason(lang::Language::english(), other),
        }),
        _ => None,
    };
    let asks_organization = state.app.staff().has_several_organizations().await?;
    let status = failure.as_ref().map_or(StatusCode::OK, status_of);
    reply::page(
        status,
        &SignInPage { frame: StaffLayout::signed_out("Sign in"), form, asks_organization, refused },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_on_to_another_site_or_another_page() {
        for next in [
            "https://example.com",
            "//example.com",
            "/staffx",
            "/t/Tk1",
            "/staff\\@x",
            "",
            "/staff\r\nx: y",
        ] {
            assert_eq!(safe_next_path(next), ROOT, "{next}");
        }
        assert_eq!(safe_next_path("/staff/tasks?page=2"), "/staff/tasks?page=2");
    }
}
