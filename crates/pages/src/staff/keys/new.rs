//! Making a key. Its secret is shown once, on the page that answers.

use super::{ADDRESS, Area, Frame, Given, Staff, Told, about};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::keys::{CreatedKey, NewKey};
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::instance::Scope;

#[derive(Template)]
#[template(path = "staff/keys/new.html")]
struct Page {
    frame: Frame,
    told: Told,
    given: Given,
    scopes: Vec<Choice>,
}

struct Choice {
    scope: &'static str,
    about: &'static str,
    is_chosen: bool,
}

/// A secret that is told this once.
#[derive(Template)]
#[template(path = "staff/keys/secret.html")]
pub struct Secret {
    frame: Frame,
    secret: String,
    organization: String,
    onward: String,
    is_new: bool,
}

impl Secret {
    pub fn of(staff: &Staff, created: CreatedKey, is_new: bool) -> Self {
        let title = if is_new { "Key created" } else { "New secret" };
        Self {
            frame: Frame::new(staff, Area::Keys, title).under("API keys", ADDRESS),
            secret: created.secret,
            organization: created.key.organization_id.to_string(),
            onward: format!("{ADDRESS}/{}", created.key.id),
            is_new,
        }
    }
}

/// `GET /staff/keys/new`.
pub async fn show(staff: Staff) -> Result<Response, Trouble> {
    staff.caller().require(Scope::Manage)?;
    page(&staff, Given::default(), Told::default())
}

/// `POST /staff/keys/do/create`.
pub async fn create(
    State(desk): State<Desk>,
    staff: Staff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let (given, mut told) = (Given(pairs), Told::default());
    let some = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    let new = NewKey {
        name: given.text("name").trim().to_owned(),
        scopes: given.all("scope").filter_map(Scope::parse).collect(),
        tasks: some(given.lines("tasks")).map(|tasks| tasks.into_iter().map(Into::into).collect()),
        folders: some(given.lines("folders")),
        expires_at: given.instant("expires", &mut told, "/expiresAt"),
    };
    if !told.is_empty() {
        return page(&staff, given, told);
    }
    match desk.app.create_key(staff.caller(), new).await {
        Ok(created) => reply::page(StatusCode::OK, &Secret::of(&staff, created, true)),
        Err(failure) => page(&staff, given, Told::of(failure)?),
    }
}

fn page(staff: &Staff, given: Given, told: Told) -> Result<Response, Trouble> {
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let choice = |scope: &Scope| Choice {
        scope: scope.as_str(),
        about: about(*scope),
        is_chosen: given.is("scope", scope.as_str()),
    };
    let scopes = Scope::ALL.iter().map(choice).collect();
    let frame = Frame::new(staff, Area::Keys, "New API key").under("API keys", ADDRESS);
    reply::page(status, &Page { frame, told, given, scopes })
}
