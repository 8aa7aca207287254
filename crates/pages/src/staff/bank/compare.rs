//! Two versions of a question side by side, as a diff of their YAML.

use super::{Frame, Staff, Tabs, address, framed, hunks};
use crate::desk::Desk;
use crate::reply;
use crate::staff::tests::Line;
use crate::trouble::Trouble;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::document::Format;
use domain::id::QuestionId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/bank/compare.html")]
struct Page {
    frame: Frame,
    tabs: Tabs,
    address: String,
    from: i64,
    to: i64,
    numbers: Vec<i64>,
    hunks: Vec<Vec<Line>>,
}

#[derive(Deserialize)]
pub struct Asked {
    from: Option<i64>,
    to: Option<i64>,
}

/// `GET /staff/bank/{question}/compare`: the last change, unless two versions are named.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(id): Path<QuestionId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let question = desk.app.question(staff.caller(), &id).await?;
    let to = asked.to.unwrap_or(question.version);
    let from = asked.from.unwrap_or_else(|| (to - 1).max(1));
    let old = desk.app.question_text(staff.caller(), &id, Some(from), Format::Yaml).await?;
    let new = desk.app.question_text(staff.caller(), &id, Some(to), Format::Yaml).await?;
    let page = Page {
        frame: framed(&staff, &question),
        tabs: Tabs::of(&staff, &question, "history"),
        address: address(&id, ""),
        from,
        to,
        numbers: (1..=question.version).rev().collect(),
        hunks: hunks(&old.text, &new.text),
    };
    reply::page(StatusCode::OK, &page)
}
