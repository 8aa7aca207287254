//! A task's link: what it asks for, and getting in with it.

use super::brand::Brand;
use super::layout::CandidateLayout;
use crate::candidate_session;
use crate::page_error::{PageError, status_of};
use crate::refusal::reason;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::Failure;
use app::delivery::enter::EntryCredentials;
use app::delivery::welcome::WelcomeView;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::id::TaskId;
use domain::instance::AccessMethod;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/welcome.html")]
struct WelcomePage {
    frame: CandidateLayout,
    welcome: WelcomeView,
    action: String,
    form: EnterTaskForm,
    refused: Option<&'static str>,
}

/// What was typed; a password is never sent back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EnterTaskForm {
    code: String,
    credential1: String,
    credential2: String,
}

impl WelcomePage {
    fn asks(&self, method: &str) -> bool {
        self.welcome.access_method.as_str() == method
    }
}

/// `GET /t/{task}`. Whoever is logged in goes straight to the steps.
pub async fn show(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path(task): Path<String>,
) -> Result<Response, PageError> {
    let task = TaskId::from(task);
    if let Ok(visitor) = guest.candidate_session()
        && let Ok(me) = state.app.delivery().candidate_profile(&visitor).await
        && me.welcome.task == task
    {
        return Ok(reply::redirect(&address::steps(&task)));
    }
    let welcome = state.app.delivery().task_welcome(&task).await?;
    page(&guest, welcome, EnterTaskForm::default(), None)
}

/// `GET /t/{task}/`, as people type it.
pub async fn redirect_trailing_slash(Path(task): Path<String>) -> Response {
    reply::redirect(&address::task(&TaskId::from(task)))
}

/// `POST /t/{task}/enter`.
pub async fn enter(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path(task): Path<String>,
    Form(form): Form<EnterTaskForm>,
) -> Result<Response, PageError> {
    let welcome = state.app.delivery().task_welcome(&TaskId::from(task)).await?;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let entered = match welcome.access_method {
        AccessMethod::InvitationCode => {
            state.app.delivery().enter_by_code(guest.client_context(), &form.code).await
        }
        _ => {
            let credentials = EntryCredentials {
                credential1: text(form.credential1.trim()),
                credential2: text(&form.credential2),
            };
            state
                .app
                .delivery()
                .enter_task(guest.client_context(), &welcome.task, credentials)
                .await
        }
    };
    match entered {
        Ok(entered) => {
            Ok(candidate_session::start_session(&state, guest.client_context(), &entered).await)
        }
        Err(failure @ Failure::Refused(_)) => page(&guest, welcome, form, Some(failure)),
        Err(failure) => Err(failure.into()),
    }
}

/// `POST /t/{task}/leave`.
pub async fn leave(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path(task): Path<String>,
) -> Result<Response, PageError> {
    if let Ok(visitor) = guest.candidate_session() {
        state.app.delivery().end_candidate_session(&visitor).await?;
    }
    Ok(candidate_session::end_session(&state, &TaskId::from(task)))
}

fn page(
    guest: &VisitorRequest,
    welcome: WelcomeView,
    form: EnterTaskForm,
    failure: Option<Failure>,
) -> Result<Response, PageError> {
    let words = guest.texts_for(&welcome.lang);
    let heading = Some(welcome.title.clone());
    let frame = CandidateLayout {
        heading,
        brand: Some(Brand::of(&welcome.organization)),
        ..CandidateLayout::new(words, address::task(&welcome.task))
    };
    let (status, refused) = refusal_message(words, failure.as_ref());
    let action = address::enter(&welcome.task);
    let response = reply::page(status, &WelcomePage { frame, action, welcome, form, refused })?;
    Ok(with_retry_after(response, failure.as_ref()))
}

/// The status and the sentence of a refused entry.
pub fn refusal_message(
    words: &'static crate::lang::Language,
    failure: Option<&Failure>,
) -> (StatusCode, Option<&'static str>) {
    let sentence = match failure {
        Some(Failure::Refused(refused)) => Some(reason(words, refused.code)),
        _ => None,
    };
    (failure.map_or(StatusCode::OK, status_of), sentence)
}

/// Says when to try again, where that is known.
pub fn with_retry_after(mut response: Response, failure: Option<&Failure>) -> Response {
    if let Some(Failure::Refused(refused)) = failure
        && let Some(seconds) = refused.retry_after
    {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
