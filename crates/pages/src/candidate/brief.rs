//! What awaits a candidate in a step, and starting it.

use super::device_check::DeviceCheck;
use super::layout::CandidateLayout;
use super::recording_notice::RecordingNotice;
use super::steps::CandidateStepRow;
use crate::media::media_for_candidate;
use crate::page_error::{PageError, status_of};
use crate::refusal::reason;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::Failure;
use app::caller::CandidateSession;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{RequestId, StepId, TaskId};
use domain::proctoring::announcement::device_needs;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "candidate/brief.html")]
struct StepBriefPage {
    has_media: bool,
    frame: CandidateLayout,
    step: CandidateStepRow,
    /// Whether the step was begun before.
    is_running: bool,
    /// The language of the test's texts.
    lang: String,
    instructions: String,
    time_limit: Option<String>,
    sections: Vec<String>,
    action: String,
    /// The same form sent twice starts once.
    token: String,
    refused: Option<&'static str>,
    back: String,
    /// Where an identity photo is sent, when one is lacking.
    photo: Option<String>,
    /// Names of documents that are lacking, and where they are sent.
    documents: Vec<String>,
    documents_to: String,
    /// What is recorded; none where it is the answers only.
    notice: Option<RecordingNotice>,
    /// What is tried out before the clock runs.
    check: Option<DeviceCheck>,
    is_fullscreen: bool,
    words: String,
}

/// A token made with the page, so that a form sent twice starts once.
#[derive(Deserialize)]
pub struct StartStepForm {
    #[serde(default)]
    token: String,
}

/// `GET /t/{task}/steps/{step}`.
pub async fn show(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((task, step)): Path<(String, String)>,
) -> Result<Response, PageError> {
    page(
        &state,
        &guest,
        &guest.candidate_session()?,
        &TaskId::from(task),
        &StepId::from(step),
        None,
    )
    .await
}

/// `POST /t/{task}/steps/{step}/start`.
pub async fn start(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((task, step)): Path<(String, String)>,
    Form(form): Form<StartStepForm>,
) -> Result<Response, PageError> {
    let (visitor, task, step) =
        (guest.candidate_session()?, TaskId::from(task), StepId::from(step));
    let token = if form.token.is_empty() { new_token(&state) } else { form.token };
    match state.app.delivery().start(&visitor, &step, &token).await {
        Ok(started) => {
            super::attempt::enter_first_page(&state, &visitor, &started.instance_id).await;
            Ok(reply::redirect(&address::sit(&task, &started.instance_id)))
        }
        Err(failure @ Failure::Refused(_)) => {
            page(&state, &guest, &visitor, &task, &step, Some(failure)).await
        }
        Err(failure) => Err(failure.into()),
    }
}

fn new_token(state: &PagesState) -> String {
    state.app.new_id::<RequestId>(state.app.now()).to_string()
}

async fn page(
    state: &PagesState,
    guest: &VisitorRequest,
    visitor: &CandidateSession,
    task: &TaskId,
    step: &StepId,
    failure: Option<Failure>,
) -> Result<Response, PageError> {
    let me = state.app.delivery().candidate_profile(visitor).await?;
    let words = guest.texts_for(&me.lang);
    let brief = state.app.delivery().step_brief(visitor, step).await?;
    let refused = match &failure {
        Some(Failure::Refused(refused)) => Some(reason(words, refused.code)),
        _ => None,
    };
    let api = address::api(task);
    let media = media_for_candidate(state, words, visitor, &brief.test.instructions).await?;
    let organization = &me.welcome.organization.name;
    let is_running = brief.step.open_instance.is_some();
    let needs = device_needs(&brief.conduct, &brief.test);
    let page = StepBriefPage {
        has_media: media.is_some(),
        notice: RecordingNotice::of(words, organization, &brief.conduct, &brief.retention),
        // Whoever comes back to a running clock is not kept from the questions.
        check: DeviceCheck::of(words, task, step, &needs).filter(|_| !is_running),
        photo: brief.lacks_photo.then(|| format!("{api}/identity-photo")),
        documents: brief.lacking_documents,
        documents_to: format!("{api}/documents"),
        is_fullscreen: brief.conduct.fullscreen.is_some(),
        words: words.script.to_owned(),
        frame: CandidateLayout::for_candidate(words, address::step(task, step), &me),
        step: CandidateStepRow::of(words, task, &brief.step),
        is_running,
        lang: super::tag(brief.test.lang),
        instructions: state
            .rendering
            .render_with(media, brief.test.instructions.len(), |renderer| {
                renderer.blocks(&brief.test.instructions)
            })
            .await,
        time_limit: Some(brief.time_limit)
            .filter(|seconds| *seconds > 0)
            .map(|seconds| words.duration(seconds)),
        sections: brief.test.sections.iter().map(|section| section.title.clone()).collect(),
        action: address::start(task, step),
        token: new_token(state),
        refused,
        back: address::steps(task),
    };
    reply::page(failure.as_ref().map_or(StatusCode::OK, status_of), &page)
}
