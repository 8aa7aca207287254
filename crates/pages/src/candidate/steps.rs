//! The list of a candidate's steps.

use super::layout::CandidateLayout;
use super::withheld::WithheldNotice;
use crate::html_time::HtmlTime;
use crate::lang::Language;
use crate::page_error::PageError;
use crate::refusal::reason;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use crate::{address, reply};
use app::delivery::steps::{CandidateStepView, ResultNotice};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TaskId;
use domain::refusal::Refusal;

#[derive(Template)]
#[template(path = "candidate/steps.html")]
struct CandidateStepsPage {
    frame: CandidateLayout,
    steps: Vec<CandidateStepRow>,
}

/// A step as it is listed.
pub struct CandidateStepRow {
    pub title: String,
    /// `open`, `running`, `done` or `closed`, for its look.
    pub look: &'static str,
    pub state: &'static str,
    /// Why it is closed, or what it asks for first.
    pub reason: Option<&'static str>,
    pub opens: Option<HtmlTime>,
    pub closes: Option<HtmlTime>,
    /// Used and allowed; nothing where any number is.
    pub attempts: Option<(u64, i64)>,
    pub address: String,
    /// The word on the way in; none when there is none.
    pub action: Option<&'static str>,
    pub receipts: Vec<String>,
    /// Where completed instances show what was recorded; none where it is the answers only.
    pub recorded: Vec<String>,
    pub results: Vec<ResultLine>,
}

/// What is said of a result: its address, or why there is none yet.
pub enum ResultLine {
    Shown(String),
    Withheld(WithheldNotice),
}

impl ResultLine {
    /// A line of the steps and of the receipt.
    pub fn of(words: &'static Language, task: &TaskId, notice: &ResultNotice) -> Self {
        match notice.withheld {
            None => Self::Shown(address::result(task, &notice.instance)),
            Some(withheld) => Self::Withheld(WithheldNotice::of(words, withheld)),
        }
    }
}

/// `GET /t/{task}/steps`.
pub async fn show(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path(task): Path<String>,
) -> Result<Response, PageError> {
    let (visitor, task) = (guest.candidate_session()?, TaskId::from(task));
    let me = state.app.delivery().candidate_profile(&visitor).await?;
    if !me.form.is_empty() {
        return Ok(reply::redirect(&address::form(&task)));
    }
    let words = guest.texts_for(&me.lang);
    let steps = state.app.delivery().steps(&visitor).await?;
    let steps = steps.iter().map(|step| CandidateStepRow::of(words, &task, step)).collect();
    reply::page(
        StatusCode::OK,
        &CandidateStepsPage {
            frame: CandidateLayout::for_candidate(words, address::steps(&task), &me),
            steps,
        },
    )
}

impl CandidateStepRow {
    /// How a step looks to its candidate. Whether it is open has been decided.
    pub fn of(words: &'static Language, task: &TaskId, view: &CandidateStepView) -> Self {
        let (look, state, action) = match (&view.access, &view.open_instance, view.is_completed) {
            (Ok(()), Some(_), _) => ("running", words.state_running, Some(words.step_go_on)),
            (Ok(()), None, true) => ("open", words.state_open, Some(words.step_again)),
            (Ok(()), None, false) => ("open", words.state_open, Some(words.step_open)),
            (Err(_), _, true) => ("done", words.state_done, None),
            // The photo and the documents are handed over on the step's own page.
            (Err(Refusal::EvidenceRequired), _, false) => {
                ("open", words.state_open, Some(words.step_open))
            }
            (Err(_), _, false) => ("closed", words.state_closed, None),
        };
        let time = |at| HtmlTime::in_language(at, words);
        Self {
            title: view.title.clone(),
            look,
            state,
            reason: view
                .access
                .err()
                .map(|refusal| reason(words, refusal))
                .filter(|_| !view.is_completed),
            opens: view.window.after.map(time),
            closes: view.window.before.map(time),
            attempts: Some((view.attempts, view.attempt_limit)).filter(|(_, limit)| *limit > 1),
            address: address::step(task, &view.step),
            action,
            receipts: view
                .completed
                .iter()
                .map(|instance| address::receipt(task, instance))
                .collect(),
            recorded: view
                .completed
                .iter()
                .filter(|_| view.is_recorded)
                .map(|instance| address::recorded(task, instance))
                .collect(),
            results: view
                .results
                .iter()
                .map(|notice| ResultLine::of(words, task, notice))
                .collect(),
        }
    }
}
