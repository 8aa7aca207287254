//! The versions of a question, and putting one on top again.

use super::{Frame, Staff, Tabs, address, based, framed};
use crate::desk::Desk;
use crate::reply;
use crate::staff::tests::{Row, outcome};
use crate::trouble::Trouble;
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
struct Page {
    frame: Frame,
    tabs: Tabs,
    address: String,
    latest: i64,
    based: String,
    versions: Vec<Row>,
    trouble: &'static str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

#[derive(Deserialize)]
pub struct Wanted {
    number: i64,
    based: String,
}

/// `GET /staff/bank/{question}/history`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(id): Path<QuestionId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let (said, trouble) = outcome(&asked.said);
    let question = desk.app.question(staff.caller(), &id).await?;
    let versions = desk.app.question_history(staff.caller(), &id).await?;
    let page = Page {
        frame: framed(&staff, &question).said(said),
        tabs: Tabs::of(&staff, &question, "history"),
        address: address(&id, ""),
        latest: question.version,
        based: hex::encode(question.digest),
        versions: versions.into_iter().map(Row::of).collect(),
        trouble,
    };
    reply::page(StatusCode::OK, &page)
}

/// `POST /staff/bank/{question}/do/restore`.
pub async fn restore(
    State(desk): State<Desk>,
    staff: Staff,
    Path(id): Path<QuestionId>,
    Form(given): Form<Wanted>,
) -> Result<Response, Trouble> {
    let said = match desk.app.restore_question(staff.caller(), &id, given.number, based(&given.based)).await {
        Ok(_) => "restored",
        Err(Failure::Unfit { code: QUESTION_CHANGED, .. }) => "changed",
        Err(Failure::Document(_)) => "unfit",
        Err(other) => return Err(other.into()),
    };
    Ok(reply::go(&address(&id, &format!("/history?said={said}"))))
}
