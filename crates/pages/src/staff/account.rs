//! The signed-in user's own account: password and sessions.

use super::{Area, Frame, Staff, Table, Told};
use crate::desk::Desk;
use crate::guest::Guest;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use domain::id::StaffSessionId;
use serde::Deserialize;

const ADDRESS: &str = "/staff/account";

pub fn table() -> Table {
    vec![(ADDRESS, get(show)), ("/staff/account/do/password", post(change)), ("/staff/account/do/end", post(end))]
}

#[derive(Template)]
#[template(path = "staff/account.html")]
struct Page {
    frame: Frame,
    told: Told,
    username: String,
    roles: Vec<&'static str>,
    least: usize,
    sessions: Vec<Session>,
}

struct Session {
    id: String,
    client: String,
    since: Moment,
    seen: Moment,
    is_this: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

/// `GET /staff/account`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let said = match asked.said.as_str() {
        "password" => Some("Your password is changed. Your other sessions have ended."),
        "ended" => Some("Ended."),
        _ => None,
    };
    page(&desk, &staff, Told::default(), said).await
}

#[derive(Deserialize)]
pub struct Passwords {
    present: String,
    password: String,
    again: String,
}

/// `POST /staff/account/do/password`.
pub async fn change(
    State(desk): State<Desk>,
    staff: Staff,
    guest: Guest,
    Form(given): Form<Passwords>,
) -> Result<Response, Trouble> {
    if given.password != given.again {
        let mut told = Told::default();
        told.add("/again", "The two do not agree.");
        return page(&desk, &staff, told, None).await;
    }
    match desk.app.change_password(guest.knock(), &staff.0, given.present, given.password).await {
        Ok(()) => Ok(reply::go(&format!("{ADDRESS}?said=password"))),
        Err(failure) => page(&desk, &staff, Told::of(failure)?, None).await,
    }
}

#[derive(Deserialize)]
pub struct Ending {
    /// None: all but this one.
    #[serde(default)]
    session: Option<String>,
}

/// `POST /staff/account/do/end`.
pub async fn end(State(desk): State<Desk>, staff: Staff, Form(given): Form<Ending>) -> Result<Response, Trouble> {
    desk.app.end_own_sessions(&staff.0, given.session.map(StaffSessionId::from)).await?;
    Ok(reply::go(&format!("{ADDRESS}?said=ended")))
}

async fn page(desk: &Desk, staff: &Staff, told: Told, said: Option<&str>) -> Result<Response, Trouble> {
    let sessions = desk.app.own_sessions(&staff.0).await?;
    let shown = |session: app::staff::SessionView| Session {
        is_this: session.is_own,
        id: session.id.to_string(),
        client: session.client,
        since: session.created_at.into(),
        seen: session.seen_at.into(),
    };
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        frame: Frame::new(staff, Area::Account, "Your account").said(said),
        told,
        username: staff.0.user.username.clone(),
        roles: staff.0.user.roles.iter().map(|role| role.as_str()).collect(),
        least: app::staff::LEAST_PASSWORD,
        sessions: sessions.into_iter().map(shown).collect(),
    };
    reply::page(status, &page)
}
