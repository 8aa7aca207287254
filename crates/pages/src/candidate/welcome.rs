//! A task's link: what it asks for, and getting in with it.

use super::frame::Frame;
use crate::desk::Desk;
use crate::guest::{self, Guest};
use crate::refusal::reason;
use crate::trouble::{Trouble, status_of};
use crate::{address, reply};
use app::Failure;
use app::delivery::enter::Credentials;
use app::delivery::welcome::Welcome;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::id::TaskId;
use domain::instance::AccessMethod;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/welcome.html")]
struct Page {
    frame: Frame,
    welcome: Welcome,
    action: String,
    given: Given,
    refused: Option<&'static str>,
}

/// What was typed; a password is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Given {
    code: String,
    credential1: String,
    credential2: String,
}

impl Page {
    fn asks(&self, method: &str) -> bool {
        self.welcome.access_method.as_str() == method
    }
}

/// `GET /t/{task}`. Whoever is logged in goes straight to the steps.
pub async fn show(State(desk): State<Desk>, guest: Guest, Path(task): Path<String>) -> Result<Response, Trouble> {
    let task = TaskId::from(task);
    if let Ok(visitor) = guest.visitor()
        && let Ok(me) = desk.app.me(&visitor).await
        && me.welcome.task == task
    {
        return Ok(reply::go(&address::steps(&task)));
    }
    let welcome = desk.app.welcome(&task).await?;
    page(&guest, welcome, Given::default(), None)
}

/// `GET /t/{task}/`, as people type it.
pub async fn tidy(Path(task): Path<String>) -> Response {
    reply::go(&address::task(&TaskId::from(task)))
}

/// `POST /t/{task}/enter`.
pub async fn enter(
    State(desk): State<Desk>,
    guest: Guest,
    Path(task): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Trouble> {
    let welcome = desk.app.welcome(&TaskId::from(task)).await?;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let entered = match welcome.access_method {
        AccessMethod::InvitationCode => desk.app.enter_by_code(guest.knock(), &given.code).await,
        _ => {
            let credentials =
                Credentials { credential1: text(given.credential1.trim()), credential2: text(&given.credential2) };
            desk.app.enter_task(guest.knock(), &welcome.task, credentials).await
        }
    };
    match entered {
        Ok(entered) => Ok(guest::seated(&desk, &entered)),
        Err(failure @ Failure::Refused(_)) => page(&guest, welcome, given, Some(failure)),
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /t/{task}/leave`.
pub async fn leave(State(desk): State<Desk>, guest: Guest, Path(task): Path<String>) -> Result<Response, Trouble> {
    if let Ok(visitor) = guest.visitor() {
        desk.app.leave(&visitor).await?;
    }
    Ok(guest::unseated(&desk, &TaskId::from(task)))
}

fn page(guest: &Guest, welcome: Welcome, given: Given, failure: Option<Failure>) -> Result<Response, Trouble> {
    let words = guest.words_for(&welcome.lang);
    let heading = Some(welcome.title.clone());
    let frame = Frame { heading, ..Frame::new(words, address::task(&welcome.task)) };
    let (status, refused) = told(words, failure.as_ref());
    let action = address::enter(&welcome.task);
    let response = reply::page(status, &Page { frame, action, welcome, given, refused })?;
    Ok(with_waiting(response, failure.as_ref()))
}

/// The status and the sentence of a refused entry.
pub fn told(words: &'static crate::lang::Words, failure: Option<&Failure>) -> (StatusCode, Option<&'static str>) {
    let sentence = match failure {
        Some(Failure::Refused(refused)) => Some(reason(words, refused.code)),
        _ => None,
    };
    (failure.map_or(StatusCode::OK, status_of), sentence)
}

/// Says when to try again, where that is known.
pub fn with_waiting(mut response: Response, failure: Option<&Failure>) -> Response {
    if let Some(Failure::Refused(refused)) = failure
        && let Some(seconds) = refused.retry_after
    {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
