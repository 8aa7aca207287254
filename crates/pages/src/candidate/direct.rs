//! Entering by an invitation code without a task's link, and the direct access link that holds the code.
//!
//! The link's page enters by a form that its script sends at once: a mail scanner that only looks at the link must not
//! count as the candidate's first entry.

use super::frame::Frame;
use super::welcome::{told, with_waiting};
use crate::desk::Desk;
use crate::guest::{self, Guest};
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/enter.html")]
struct Ask {
    frame: Frame,
    code: String,
    refused: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "candidate/direct.html")]
struct Open {
    frame: Frame,
    code: String,
}

#[derive(Deserialize)]
pub struct Given {
    #[serde(default)]
    code: String,
}

/// `GET /`.
pub async fn front() -> Response {
    reply::go("/enter")
}

/// `GET /enter`.
pub async fn ask(guest: Guest) -> Result<Response, Trouble> {
    page(&guest, String::new(), None)
}

/// `GET /enter/{code}`: the direct access link.
pub async fn open(guest: Guest, Path(code): Path<String>) -> Result<Response, Trouble> {
    let frame = Frame { here: None, ..Frame::new(guest.words(), "") };
    reply::page(StatusCode::OK, &Open { frame, code })
}

/// `POST /enter`.
pub async fn enter(State(desk): State<Desk>, guest: Guest, Form(given): Form<Given>) -> Result<Response, Trouble> {
    match desk.app.enter_by_code(guest.knock(), &given.code).await {
        Ok(entered) => Ok(guest::seated(&desk, &entered)),
        Err(failure @ Failure::Refused(_)) => page(&guest, given.code, Some(failure)),
        Err(failure) => Err(failure.into()),
    }
}

fn page(guest: &Guest, code: String, failure: Option<Failure>) -> Result<Response, Trouble> {
    let words = guest.words();
    let (status, refused) = told(words, failure.as_ref());
    let response = reply::page(status, &Ask { frame: Frame::new(words, "/enter"), code, refused })?;
    Ok(with_waiting(response, failure.as_ref()))
}
