//! A question as a candidate sees it, to try out. Nothing is kept.

use super::{address, preview, title};
use crate::page_error::PageError;
use crate::staff::support::SignedInStaff;
use crate::state::PagesState;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::id::QuestionId;
use std::collections::BTreeMap;

/// `GET /staff/bank/{question}/preview`.
pub async fn show(
    State(desk): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Query(asked): Query<preview::TestPreviewQuery>,
) -> Result<Response, PageError> {
    let question = desk.app.bank().question(staff.caller(), &id).await?;
    let seed = asked.seed();
    let trial = desk.app.bank().try_question(staff.caller(), &id, &seed, BTreeMap::new()).await;
    let about = preview::PreviewSubject {
        back: address(&id, ""),
        attempt: address(&id, "/do/try"),
        store: format!("{id}-{}", hex::encode(&question.digest[..8])),
        title: title(&question),
    };
    preview::page(&desk, about, seed, trial).await
}

/// `POST /staff/bank/{question}/do/try`: what the answers would earn.
pub async fn score(
    State(desk): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Json(tried): Json<preview::PreviewAnswersForm>,
) -> Result<Response, PageError> {
    let (seed, answers) = tried.read();
    Ok(preview::trial_score(
        &desk.app.bank().try_question(staff.caller(), &id, &seed, answers).await?,
    ))
}
