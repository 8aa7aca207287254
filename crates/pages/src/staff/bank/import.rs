//! Questions as text: many at once, one without a script, and taking one away as a file.

use super::{ADDRESS, Area, Frame, Given, Shown, Staff, Told, address, beside, is_approver};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::bank::{QUESTION_CHANGED, Right, SubmitOptions};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::document::Format;
use domain::id::QuestionId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/bank/import.html")]
struct Page {
    frame: Frame,
    told: Told,
    faults: Vec<Shown>,
    given: Given,
    /// Another version is on top by now.
    has_changed: bool,
    may_approve: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The question whose text is to be changed.
    question: String,
}

#[derive(Deserialize)]
pub struct Version {
    version: Option<i64>,
}

/// `GET /staff/bank/import`.
pub async fn begin(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    staff.caller().bank(Right::Submit)?;
    let mut given = Given::default();
    if !asked.question.is_empty() {
        let id = QuestionId::from(asked.question.clone());
        let text = desk.app.question_text(staff.caller(), &id, None, Format::Yaml).await?;
        given.set("question", asked.question);
        given.set("based", hex::encode(text.digest));
        given.set("text", text.text);
    }
    page(&staff, given, Told::default(), Vec::new(), false)
}

/// `POST /staff/bank/do/import`.
pub async fn import(
    State(desk): State<Desk>,
    staff: Staff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let question = given.some("question").map(QuestionId::from);
    let is_new = question.is_none();
    let options = SubmitOptions {
        question,
        folder: given.some("folder").filter(|_| is_new),
        labels: Some(given.list("labels")).filter(|labels| is_new && !labels.is_empty()),
        approve: given.has("approve"),
        based_on: super::based(given.text("based")),
    };
    match desk.app.submit_questions(staff.caller(), given.text("text").as_bytes(), Format::Guess, options).await {
        Ok(kept) => Ok(reply::go(&match kept.as_slice() {
            [one] => address(&one.question.id, if one.is_new_version { "?said=kept" } else { "?said=same" }),
            many => format!("{ADDRESS}?said=imported&count={}", many.len()),
        })),
        Err(Failure::Document(faults)) => {
            let faults = beside(&faults, given.text("text"));
            page(&staff, given, Told::default(), faults, false)
        }
        Err(Failure::Unfit { code: QUESTION_CHANGED, .. }) => page(&staff, given, Told::default(), Vec::new(), true),
        Err(failure) => page(&staff, given, Told::of(failure)?, Vec::new(), false),
    }
}

/// `GET /staff/bank/{question}/get/{file}`: `document.json` or `document.yaml`, of the latest version unless one is named.
pub async fn export(
    State(desk): State<Desk>,
    staff: Staff,
    Path((id, file)): Path<(QuestionId, String)>,
    Query(asked): Query<Version>,
) -> Result<Response, Trouble> {
    let (format, ending, kind) = match file.as_str() {
        "document.json" => (Format::Json, "json", "application/json"),
        "document.yaml" => (Format::Yaml, "yaml", "application/yaml"),
        _ => return Err(Failure::NotFound.into()),
    };
    let key = desk.app.question(staff.caller(), &id).await?.key;
    let text = desk.app.question_text(staff.caller(), &id, asked.version, format).await?;
    let disposition = format!("attachment; filename=\"{key}-{}.{ending}\"", text.number);
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, text.text).into_response())
}

fn page(staff: &Staff, given: Given, told: Told, faults: Vec<Shown>, has_changed: bool) -> Result<Response, Trouble> {
    let status = match (has_changed, told.is_empty() && faults.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::OK,
        (_, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let name = if given.text("question").is_empty() { "Import questions" } else { "The question as text" };
    let frame = Frame::new(staff, Area::Bank, name).under("Question bank", ADDRESS);
    let frame = frame.with_script("staff/editor/source.js");
    let may_approve = is_approver(staff);
    reply::page(status, &Page { frame, told, faults, given, has_changed, may_approve })
}
