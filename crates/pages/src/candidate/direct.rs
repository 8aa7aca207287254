//! Entering by an invitation code without a task's link, and the direct access link that holds the
//! code.
//!
//! The link's page enters by a form that its script sends at once: a mail scanner that only looks
//! at the link must not count as the candidate's first entry.

use super::layout::CandidateLayout;
use super::welcome::{refusal_message, with_retry_after};
use crate::candidate_session;
use crate::page_error::PageError;
use crate::reply;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use app::Failure;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/enter.html")]
struct EnterCodePage {
    frame: CandidateLayout,
    code: String,
    refused: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "candidate/direct.html")]
struct DirectLinkPage {
    frame: CandidateLayout,
    code: String,
}

/// An invitation code, as it was typed.
#[derive(Deserialize)]
pub struct EnterCodeForm {
    #[serde(default)]
    code: String,
}

/// `GET /`.
pub async fn front() -> Response {
    reply::redirect("/enter")
}

/// `GET /enter`.
pub async fn ask(guest: VisitorRequest) -> Result<Response, PageError> {
    page(&guest, String::new(), None)
}

/// `GET /enter/{code}`: the direct access link.
pub async fn open(guest: VisitorRequest, Path(code): Path<String>) -> Result<Response, PageError> {
    let frame = CandidateLayout { here: None, ..CandidateLayout::new(guest.texts(), "") };
    reply::page(StatusCode::OK, &DirectLinkPage { frame, code })
}

/// `POST /enter`.
pub async fn enter(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Form(form): Form<EnterCodeForm>,
) -> Result<Response, PageError> {
    match state.app.delivery().enter_by_code(guest.client_context(), &form.code).await {
        Ok(entered) => {
            Ok(candidate_session::start_session(&state, guest.client_context(), &entered).await)
        }
        Err(failure @ Failure::Refused(_)) => page(&guest, form.code, Some(failure)),
        Err(failure) => Err(failure.into()),
    }
}

fn page(
    guest: &VisitorRequest,
    code: String,
    failure: Option<Failure>,
) -> Result<Response, PageError> {
    let words = guest.texts();
    let (status, refused) = refusal_message(words, failure.as_ref());
    let response = reply::page(
        status,
        &EnterCodePage { frame: CandidateLayout::new(words, "/enter"), code, refused },
    )?;
    Ok(with_retry_after(response, failure.as_ref()))
}
