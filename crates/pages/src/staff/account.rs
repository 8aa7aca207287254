//! The signed-in user's own account: password and sessions.

use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{AreaRoutes, FormErrors, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use domain::id::StaffSessionId;
use serde::Deserialize;

const ADDRESS: &str = "/staff/account";

/// Pages and forms of a user's own account: password and sessions.
pub fn routes() -> AreaRoutes {
    vec![
        (ADDRESS, get(show)),
        ("/staff/account/do/password", post(change)),
        ("/staff/account/do/end", post(end)),
    ]
}

#[derive(Template)]
#[template(path = "staff/account.html")]
struct AccountPage {
    frame: StaffLayout,
    errors: FormErrors,
    username: String,
    roles: Vec<&'static str>,
    least: usize,
    sessions: Vec<AccountSessionRow>,
}

struct AccountSessionRow {
    id: String,
    client: String,
    since: HtmlTime,
    seen: HtmlTime,
    is_this: bool,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AccountQuery {
    said: String,
}

/// `GET /staff/account`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<AccountQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "password" => Some("Password changed. You have been signed out everywhere else."),
        "ended" => Some("Signed out there."),
        _ => None,
    };
    page(&state, &staff, FormErrors::default(), said).await
}

/// The present password and the new one, twice.
#[derive(Deserialize)]
pub struct ChangePasswordForm {
    present: String,
    password: String,
    again: String,
}

/// `POST /staff/account/do/password`.
pub async fn change(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    guest: VisitorRequest,
    Form(form): Form<ChangePasswordForm>,
) -> Result<Response, PageError> {
    if form.password != form.again {
        let mut errors = FormErrors::default();
        errors.add("/again", "The two passwords do not match.");
        return page(&state, &staff, errors, None).await;
    }
    match state
        .app
        .staff()
        .change_password(guest.client_context(), &staff.0, form.present, form.password)
        .await
    {
        Ok(()) => Ok(reply::redirect(&format!("{ADDRESS}?said=password"))),
        Err(failure) => page(&state, &staff, FormErrors::of(failure)?, None).await,
    }
}

/// Which session of the user's is to end.
#[derive(Deserialize)]
pub struct EndSessionForm {
    /// None: all but this one.
    #[serde(default)]
    session: Option<String>,
}

/// `POST /staff/account/do/end`.
pub async fn end(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(form): Form<EndSessionForm>,
) -> Result<Response, PageError> {
    state.app.staff().end_own_sessions(&staff.0, form.session.map(StaffSessionId::from)).await?;
    Ok(reply::redirect(&format!("{ADDRESS}?said=ended")))
}

async fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    errors: FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let sessions = state.app.staff().own_sessions(&staff.0).await?;
    let shown = |session: app::staff::StaffSessionView| AccountSessionRow {
        is_this: session.is_own,
        id: session.id.to_string(),
        client: session.client,
        since: session.created_at.into(),
        seen: session.seen_at.into(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AccountPage {
        frame: StaffLayout::new(staff, StaffArea::Account, "Your account").with_notice(said),
        errors,
        username: staff.0.user.username.clone(),
        roles: staff.0.user.roles.iter().map(|role| role.as_str()).collect(),
        least: app::staff::LEAST_PASSWORD,
        sessions: sessions.into_iter().map(shown).collect(),
    };
    reply::page(status, &page)
}
