//! Two versions of a question side by side, as a diff of their YAML.

use super::{QuestionTabs, address, hunks, page_layout};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffLayout};
use crate::staff::test_library::DiffLine;
use crate::state::PagesState;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::document::DocumentFormat;
use domain::id::QuestionId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/bank/compare.html")]
struct QuestionComparePage {
    frame: StaffLayout,
    tabs: QuestionTabs,
    address: String,
    from: i64,
    to: i64,
    numbers: Vec<i64>,
    hunks: Vec<Vec<DiffLine>>,
}

/// Numbers of the two versions that are compared; the page chooses absent ones.
#[derive(Deserialize)]
pub struct QuestionCompareQuery {
    from: Option<i64>,
    to: Option<i64>,
}

/// `GET /staff/bank/{question}/compare`: the last change, unless two versions are named.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
    Query(query): Query<QuestionCompareQuery>,
) -> Result<Response, PageError> {
    let question = state.app.bank().question(staff.caller(), &id).await?;
    let to = query.to.unwrap_or(question.version);
    let from = query.from.unwrap_or_else(|| (to - 1).max(1));
    let old = state
        .app
        .bank()
        .question_text(staff.caller(), &id, Some(from), DocumentFormat::Yaml)
        .await?;
    let new =
        state.app.bank().question_text(staff.caller(), &id, Some(to), DocumentFormat::Yaml).await?;
    let page = QuestionComparePage {
        frame: page_layout(&staff, &question),
        tabs: QuestionTabs::of(&staff, &question, "history"),
        address: address(&id, ""),
        from,
        to,
        numbers: (1..=question.version).rev().collect(),
        hunks: hunks(&old.text, &new.text),
    };
    reply::page(StatusCode::OK, &page)
}
