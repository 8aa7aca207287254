//! The versions of a question, and putting one on top again.

use super::{QuestionTabs, address, page_layout, parse_base_digest};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffLayout};
use crate::staff::test_library::{VersionHistoryRow, restore_result};
use crate::state::PagesState;
use app::Failure;
use app::bank::QUESTION_CHANGED;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::QuestionId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/bank/history.html")]
struct QuestionHistoryPage {
    frame: StaffLayout,
    tabs: QuestionTabs,
    address: String,
    latest: i64,
    based: String,
    versions: Vec<VersionHistoryRow>,
    trouble: &'static str,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct QuestionHistoryQuery {
    said: String,
}

/// The version to bring back, and the digest of the one that the reader saw.
#[derive(Deserialize)]
pub struct RestoreQuestionForm {
    number: i64,
    based: String,
}

/// `GET /staff/bank/{question}/history`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Query(query): Query<QuestionHistoryQuery>,
) -> Result<Response, PageError> {
    let (said, trouble) = restore_result(&query.said);
    let question = state.app.bank().question(staff.caller(), &id).await?;
    let versions = state.app.bank().question_history(staff.caller(), &id).await?;
    let page = QuestionHistoryPage {
        frame: page_layout(&staff, &question).with_notice(said),
        tabs: QuestionTabs::of(&staff, &question, "history"),
        address: address(&id, ""),
        latest: question.version,
        based: hex::encode(question.digest),
        versions: versions.into_iter().map(VersionHistoryRow::of).collect(),
        trouble,
    };
    reply::page(StatusCode::OK, &page)
}

/// `POST /staff/bank/{question}/do/restore`.
pub async fn restore(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Form(form): Form<RestoreQuestionForm>,
) -> Result<Response, PageError> {
    let said = match state
        .app
        .bank()
        .restore_question(staff.caller(), &id, form.number, parse_base_digest(&form.based))
        .await
    {
        Ok(_) => "restored",
        Err(Failure::Unfit { code: QUESTION_CHANGED, .. }) => "changed",
        Err(Failure::Document(_)) => "unfit",
        Err(other) => return Err(other.into()),
    };
    Ok(reply::redirect(&address(&id, &format!("/history?said={said}"))))
}
