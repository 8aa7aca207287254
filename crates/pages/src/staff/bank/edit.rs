//! The editor of one question: the page that holds its document, and what its script sends it to.
//! The editor of tests puts questions into the bank by the same way.

use super::{
    ADDRESS, QuestionTabs, fault_response, is_approver, page_layout, parse_base_digest, state_badge,
};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::bank::{BankRight, QUESTION_CHANGED, QuestionSubmitOptions};
use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::document::DocumentFormat;
use domain::id::QuestionId;
use serde::Deserialize;
use serde_json::json;

/// What a new question begins with; its author may choose another kind.
const EMPTY: &str = r#"{"key":"","kind":"multiplechoice","text":"","choices":[{"key":"a","text":"","percentage":100},{"key":"b","text":"","percentage":0}]}"#;

#[derive(Template)]
#[template(path = "staff/bank/edit.html")]
struct QuestionEditorPage {
    frame: StaffLayout,
    tabs: Option<QuestionTabs>,
    /// Empty while the question was never kept.
    question: String,
    based: String,
    document: String,
    /// Whether the reader may approve it in the same breath.
    may_approve: bool,
}

/// `GET /staff/bank/new`.
pub async fn new_form(staff: SignedInStaff) -> Result<Response, PageError> {
    staff.caller().bank_reach(BankRight::Submit)?;
    let frame = StaffLayout::new(&staff, StaffArea::Bank, "New question")
        .with_crumb("Question bank", ADDRESS);
    let page = QuestionEditorPage {
        frame: frame.with_script("staff/editor/bank.js"),
        tabs: None,
        question: String::new(),
        based: String::new(),
        document: EMPTY.to_owned(),
        may_approve: is_approver(&staff),
    };
    reply::page(StatusCode::OK, &page)
}

/// `GET /staff/bank/{question}/edit`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(id): Path<QuestionId>,
) -> Result<Response, PageError> {
    let question = state.app.bank().question(staff.caller(), &id).await?;
    if !question.may_be_written_by(staff.caller()) {
        return Err(Failure::from(app::failure::MissingRight::Permission(
            domain::role::Right::UseBank,
        ))
        .into());
    }
    let text =
        state.app.bank().question_text(staff.caller(), &id, None, DocumentFormat::Json).await?;
    let page = QuestionEditorPage {
        frame: page_layout(&staff, &question).with_script("staff/editor/bank.js"),
        tabs: Some(QuestionTabs::of(&staff, &question, "edit")),
        question: id.to_string(),
        based: hex::encode(text.digest),
        document: text.text,
        may_approve: is_approver(&staff) && question.approved_at.is_none(),
    };
    reply::page(StatusCode::OK, &page)
}

/// What the script sends. The document travels as text, so that every figure in it stays as it was
/// written.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SaveQuestionForm {
    question: String,
    based: String,
    text: String,
    approve: bool,
}

/// `POST /staff/bank/do/save`.
pub async fn save(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Json(sent): Json<SaveQuestionForm>,
) -> Result<Response, PageError> {
    let question = (!sent.question.is_empty()).then(|| QuestionId::from(sent.question.clone()));
    let options = QuestionSubmitOptions {
        question: question.clone(),
        based_on: parse_base_digest(&sent.based),
        approve: sent.approve,
        ..QuestionSubmitOptions::default()
    };
    match state
        .app
        .bank()
        .submit_questions(staff.caller(), sent.text.as_bytes(), DocumentFormat::Json, options)
        .await
    {
        Ok(mut stored) => {
            let stored = stored.pop().ok_or(Failure::NotFound)?.question;
            let text = state
                .app
                .bank()
                .question_text(staff.caller(), &stored.id, None, DocumentFormat::Json)
                .await?;
            Ok(Json(json!({
                "question": stored.id.as_str(), "based": hex::encode(text.digest), "version": text.number,
                "text": text.text, "state": stored.state.as_str(), "word": state_badge(stored.state).0, "faults": [],
            }))
            .into_response())
        }
        Err(Failure::Unfit { code: QUESTION_CHANGED, .. }) => {
            let question = question.ok_or(Failure::NotFound)?;
            let text = state
                .app
                .bank()
                .question_text(staff.caller(), &question, None, DocumentFormat::Json)
                .await?;
            let theirs = json!({ "based": hex::encode(text.digest), "version": text.number, "text": text.text });
            Ok((StatusCode::CONFLICT, Json(theirs)).into_response())
        }
        Err(failure) => fault_response(failure),
    }
}

/// `POST /staff/bank/do/check`.
pub async fn check(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Json(sent): Json<SaveQuestionForm>,
) -> Result<Response, PageError> {
    match state
        .app
        .bank()
        .check_questions(staff.caller(), sent.text.as_bytes(), DocumentFormat::Json)
        .await
    {
        Ok(()) => Ok(Json(json!({ "faults": [] })).into_response()),
        Err(failure) => fault_response(failure),
    }
}
