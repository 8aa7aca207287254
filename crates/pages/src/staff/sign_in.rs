//! Signing in and out.

use super::frame::Frame;
use super::session::{self, Staff};
use super::{ROOT, Table};
use crate::desk::Desk;
use crate::guest::Guest;
use crate::lang;
use crate::refusal::reason;
use crate::reply;
use crate::trouble::{Trouble, status_of};
use app::Failure;
use app::staff::SignIn;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use domain::id::OrganizationId;
use serde::Deserialize;

pub fn table() -> Table {
    vec![("/staff/sign-in", get(show).post(enter)), ("/staff/do/sign-out", post(leave))]
}

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct Page {
    frame: Frame,
    given: Given,
    asks_organization: bool,
    refused: Option<&'static str>,
}

/// What was typed; a password is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Given {
    org: String,
    username: String,
    password: String,
    /// Where to go afterwards.
    next: String,
}

/// `GET /staff/sign-in`. Whoever is signed in goes straight on.
pub async fn show(
    State(desk): State<Desk>,
    staff: Result<Staff, Trouble>,
    Query(given): Query<Given>,
) -> Result<Response, Trouble> {
    if staff.is_ok() {
        return Ok(reply::go(onward(&given.next)));
    }
    page(&desk, given, None).await
}

/// `POST /staff/sign-in`.
pub async fn enter(
    State(desk): State<Desk>,
    guest: Guest,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Trouble> {
    let client = headers.get(header::USER_AGENT).and_then(|line| line.to_str().ok()).unwrap_or_default();
    let sign_in = SignIn {
        organization: Some(given.org.trim()).filter(|org| !org.is_empty()).map(OrganizationId::from),
        username: given.username.trim().to_owned(),
        password: given.password.clone(),
        client: client.to_owned(),
    };
    match desk.app.sign_in(guest.knock(), sign_in).await {
        Ok(signed_in) => Ok(session::seated(&desk, &signed_in.token, onward(&given.next))),
        Err(failure @ Failure::Refused(_)) => page(&desk, given, Some(failure)).await,
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /staff/do/sign-out`.
pub async fn leave(State(desk): State<Desk>, staff: Result<Staff, Trouble>) -> Result<Response, Trouble> {
    if let Ok(staff) = staff {
        desk.app.sign_out(&staff.0).await?;
    }
    Ok(session::unseated(&desk))
}

/// One of our own pages of staff, whatever the address says.
fn onward(next: &str) -> &str {
    let is_ours = next == ROOT || next.strip_prefix(ROOT).is_some_and(|rest| rest.starts_with(['/', '?']));
    if is_ours && !next.contains(['\\', '\r', '\n']) { next } else { ROOT }
}

async fn page(desk: &Desk, given: Given, failure: Option<Failure>) -> Result<Response, Trouble> {
    let refused = match &failure {
        Some(Failure::Refused(refused)) => Some(match refused.code {
            domain::refusal::Refusal::AccessDenied => "Name or password is not right.",
            other => reason(lang::english(), other),
        }),
        _ => None,
    };
    let asks_organization = desk.app.has_several_organizations().await?;
    let status = failure.as_ref().map_or(StatusCode::OK, status_of);
    reply::page(status, &Page { frame: Frame::outside("Sign in"), given, asks_organization, refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_on_to_another_site_or_another_page() {
        for next in ["https://example.com", "//example.com", "/staffx", "/t/Tk1", "/staff\\@x", "", "/staff\r\nx: y"] {
            assert_eq!(onward(next), ROOT, "{next}");
        }
        assert_eq!(onward("/staff/tasks?page=2"), "/staff/tasks?page=2");
    }
}
