//! In practice mode: what is told of an answer that the candidate has checked. A piece of a page,
//! which the script puts beside the question.

use super::reviewed_answer::outcome_words;
use crate::lang::Language;
use crate::page_error::PageError;
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use app::Failure;
use app::delivery::practice::CheckedAnswer;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::InstanceId;
use domain::refusal::Refusal;
use markup::Renderer;

#[derive(Template)]
#[template(path = "candidate/checked.html")]
struct CheckedPart {
    /// The outcome, or why there is none.
    outcome: &'static str,
    look: &'static str,
    /// HTML.
    feedback: String,
    /// HTML of each choice and of what is said about it.
    chosen: Vec<(String, String)>,
}

/// `POST /t/{task}/sit/{instance}/check/{slot}`.
pub async fn check(
    State(state): State<PagesState>,
    guest: VisitorRequest,
    Path((_, instance, slot)): Path<(String, String, u32)>,
) -> Result<Response, PageError> {
    let (visitor, instance) = (guest.candidate_session()?, InstanceId::from(instance));
    let me = state.app.delivery().candidate_profile(&visitor).await?;
    let words = guest.texts_for(&me.lang);
    let part = match state.app.delivery().check_answer(&visitor, &instance, slot).await {
        Ok(checked) => {
            let bytes = checked.feedback.len()
                + checked.chosen.iter().map(|said| said.feedback.len()).sum::<usize>();
            state.rendering.render(bytes, |renderer| part(words, &checked, renderer)).await
        }
        Err(Failure::Refused(refused)) => match sentence(words, refused.code) {
            Some(outcome) => {
                CheckedPart { outcome, look: "", feedback: String::new(), chosen: Vec::new() }
            }
            None => return Err(Failure::Refused(refused).into()),
        },
        Err(failure) => return Err(failure.into()),
    };
    crate::reply::page(StatusCode::OK, &part)
}

fn part(words: &'static Language, checked: &CheckedAnswer, renderer: &Renderer) -> CheckedPart {
    let (outcome, look) = outcome_words(words, checked.outcome);
    let chosen = checked.chosen.iter();
    CheckedPart {
        outcome,
        look,
        feedback: renderer.blocks(&checked.feedback),
        chosen: chosen
            .map(|said| (renderer.inline(&said.text), renderer.blocks(&said.feedback)))
            .collect(),
    }
}

/// What is said of an answer that cannot be checked; none where that is no matter of the answer.
fn sentence(words: &'static Language, refusal: Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::NothingToCheck => Some(words.check_blank),
        Refusal::AnswerNotValid => Some(words.check_incomplete),
        Refusal::NotScoredAutomatically => Some(words.check_person),
        Refusal::TooManyChecks => Some(words.check_wait),
        _ => None,
    }
}
