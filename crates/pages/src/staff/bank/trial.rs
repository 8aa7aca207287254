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
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Query(query): Query<preview::TestPreviewQuery>,
) -> Result<Response, PageError> {
    let question = state.app.bank().question(staff.caller(), &id).await?;
    let seed = query.seed();
    let trial = state.app.bank().try_question(staff.caller(), &id, &seed, BTreeMap::new()).await;
    let about = preview::PreviewSubject {
        back: address(&id, ""),
        attempt: address(&id, "/do/try"),
        store: format!("{id}-{}", hex::encode(&question.digest[..8])),
        title: title(&question),
        organization: staff.caller().organization.clone(),
    };
    preview::page(&state, about, seed, trial).await
}

/// `POST /staff/bank/{question}/do/try`: what the answers would earn.
pub async fn score(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Json(tried): Json<preview::PreviewAnswersForm>,
) -> Result<Response, PageError> {
    let (seed, answers) = tried.read();
    Ok(preview::trial_score(
        &state.app.bank().try_question(staff.caller(), &id, &seed, answers).await?,
    ))
}
