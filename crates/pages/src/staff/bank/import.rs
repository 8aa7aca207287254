//! Questions as text: many at once, one without a script, and taking one away as a file.

use super::{ADDRESS, FaultExcerpt, address, is_approver, with_excerpts};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::bank::{BankRight, QUESTION_CHANGED, QuestionSubmitOptions};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::document::DocumentFormat;
use domain::id::QuestionId;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/bank/import.html")]
struct QuestionImportPage {
    frame: StaffLayout,
    errors: FormErrors,
    faults: Vec<FaultExcerpt>,
    values: FormValues,
    /// Another version is on top by now.
    has_changed: bool,
    may_approve: bool,
}

/// Whether a text is imported as a new question or over an old one.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct QuestionImportQuery {
    /// The question whose text is to be changed.
    question: String,
}

/// The version to export; none is the present one.
#[derive(Deserialize)]
pub struct QuestionExportQuery {
    version: Option<i64>,
}

/// `GET /staff/bank/import`.
pub async fn import_form(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<QuestionImportQuery>,
) -> Result<Response, PageError> {
    staff.caller().bank_reach(BankRight::Submit)?;
    let mut values = FormValues::default();
    if !query.question.is_empty() {
        let id = QuestionId::from(query.question.clone());
        let text =
            state.app.bank().question_text(staff.caller(), &id, None, DocumentFormat::Yaml).await?;
        values.set("question", query.question);
        values.set("based", hex::encode(text.digest));
        values.set("text", text.text);
    }
    page(&staff, values, FormErrors::default(), Vec::new(), false)
}

/// `POST /staff/bank/do/import`.
pub async fn import(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let question = values.non_empty("question").map(QuestionId::from);
    let is_new = question.is_none();
    let options = QuestionSubmitOptions {
        question,
        folder: values.non_empty("folder").filter(|_| is_new),
        labels: Some(values.list("labels")).filter(|labels| is_new && !labels.is_empty()),
        approve: values.has("approve"),
        based_on: super::parse_base_digest(values.text("based")),
    };
    match state
        .app
        .bank()
        .submit_questions(
            staff.caller(),
            values.text("text").as_bytes(),
            DocumentFormat::Guess,
            options,
        )
        .await
    {
        Ok(stored) => Ok(reply::redirect(&match stored.as_slice() {
            [one] => address(
                &one.question.id,
                if one.is_new_version { "?said=kept" } else { "?said=same" },
            ),
            many => format!("{ADDRESS}?said=imported&count={}", many.len()),
        })),
        Err(Failure::Document(faults)) => {
            let faults = with_excerpts(&faults, values.text("text"));
            page(&staff, values, FormErrors::default(), faults, false)
        }
        Err(Failure::Unfit { code: QUESTION_CHANGED, .. }) => {
            page(&staff, values, FormErrors::default(), Vec::new(), true)
        }
        Err(failure) => page(&staff, values, FormErrors::of(failure)?, Vec::new(), false),
    }
}

/// `GET /staff/bank/{question}/get/{file}`: `document.json` or `document.yaml`, of the latest
/// version unless one is named.
pub async fn export(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((id, file)): Path<(QuestionId, String)>,
    Query(query): Query<QuestionExportQuery>,
) -> Result<Response, PageError> {
    let (format, ending, kind) = match file.as_str() {
        "document.json" => (DocumentFormat::Json, "json", "application/json"),
        "document.yaml" => (DocumentFormat::Yaml, "yaml", "application/yaml"),
        _ => return Err(Failure::NotFound.into()),
    };
    let key = state.app.bank().question(staff.caller(), &id).await?.key;
    let text = state.app.bank().question_text(staff.caller(), &id, query.version, format).await?;
    let disposition = format!("attachment; filename=\"{key}-{}.{ending}\"", text.number);
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, text.text).into_response())
}

fn page(
    staff: &SignedInStaff,
    values: FormValues,
    errors: FormErrors,
    faults: Vec<FaultExcerpt>,
    has_changed: bool,
) -> Result<Response, PageError> {
    let status = match (has_changed, errors.is_empty() && faults.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::OK,
        (_, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let name = if values.text("question").is_empty() {
        "Import questions"
    } else {
        "The question as text"
    };
    let frame = StaffLayout::new(staff, StaffArea::Bank, name).with_crumb("Question bank", ADDRESS);
    let frame = frame.with_script("staff/editor/source.js");
    let may_approve = is_approver(staff);
    reply::page(
        status,
        &QuestionImportPage { frame, errors, faults, values, has_changed, may_approve },
    )
}
