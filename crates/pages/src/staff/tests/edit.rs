//! The editor: the page that holds a document, and what its script sends it to.

use super::faults::{Shown, plain};
use super::source::based;
use super::{ADDRESS, Area, Frame, Staff, Tabs, framed};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::Failure;
use app::tests::{ImportOptions, TEST_CHANGED};
use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::document::Format;
use domain::id::TestId;
use serde::Deserialize;
use serde_json::json;

/// What a new test begins with; its author fills in the rest.
const EMPTY: &str = r#"{"assay":1,"key":"","title":"","sections":[{"key":"section-1","title":"Section 1","pages":[{"key":"page-1","questions":[]}]}]}"#;

#[derive(Template)]
#[template(path = "staff/tests/edit.html")]
struct Page {
    frame: Frame,
    tabs: Option<Tabs>,
    /// Empty while the test was never kept.
    test: String,
    based: String,
    document: String,
}

/// `GET /staff/tests/new`.
pub async fn begin(staff: Staff) -> Result<Response, Trouble> {
    let frame = Frame::new(&staff, Area::Tests, "New test").under("Tests", ADDRESS);
    let frame = frame.with_script("staff/editor/editor.js");
    let (test, based, document) = (String::new(), String::new(), EMPTY.to_owned());
    reply::page(StatusCode::OK, &Page { frame, tabs: None, test, based, document })
}

/// `GET /staff/tests/{test}/edit`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Path(test): Path<String>) -> Result<Response, Trouble> {
    let id = TestId::from(test);
    let title = desk.app.test(staff.caller(), &id).await?.title;
    let text = desk.app.test_text(staff.caller(), &id, None, Format::Json).await?;
    let page = Page {
        frame: framed(&staff, &title).with_script("staff/editor/editor.js"),
        tabs: Some(Tabs::of(&staff, &id, "edit")),
        test: id.to_string(),
        based: hex::encode(text.digest),
        document: text.text,
    };
    reply::page(StatusCode::OK, &page)
}

/// What the script sends. The document travels as text, so that every figure in it stays as it was written.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct Sent {
    test: String,
    based: String,
    text: String,
}

/// `POST /staff/tests/do/save`.
pub async fn save(State(desk): State<Desk>, staff: Staff, Json(sent): Json<Sent>) -> Result<Response, Trouble> {
    let test = (!sent.test.is_empty()).then(|| TestId::from(sent.test.clone()));
    let options = ImportOptions { test: test.clone(), based_on: based(&sent.based), ..ImportOptions::default() };
    match desk.app.import_test(staff.caller(), sent.text.as_bytes(), Format::Json, options).await {
        Ok(kept) => {
            let text = desk.app.test_text(staff.caller(), &kept.test.id, None, Format::Json).await?;
            let warnings: Vec<Shown> = kept.warnings.iter().map(plain).collect();
            Ok(Json(json!({
                "test": kept.test.id.to_string(), "based": hex::encode(text.digest), "version": text.number,
                "text": text.text, "faults": warnings,
            }))
            .into_response())
        }
        Err(Failure::Unfit { code: TEST_CHANGED, .. }) => {
            let test = test.ok_or(Failure::NotFound)?;
            let text = desk.app.test_text(staff.caller(), &test, None, Format::Json).await?;
            let theirs = json!({ "based": hex::encode(text.digest), "version": text.number, "text": text.text });
            Ok((StatusCode::CONFLICT, Json(theirs)).into_response())
        }
        Err(failure) => refused(failure),
    }
}

/// `POST /staff/tests/do/check`.
pub async fn check(State(desk): State<Desk>, staff: Staff, Json(sent): Json<Sent>) -> Result<Response, Trouble> {
    match desk.app.check_test(staff.caller(), sent.text.as_bytes(), Format::Json).await {
        Ok(checked) => {
            let warnings: Vec<Shown> = checked.warnings.iter().map(plain).collect();
            Ok(Json(json!({ "faults": warnings })).into_response())
        }
        Err(failure) => refused(failure),
    }
}

/// The faults of a document that was sent by a script.
///
/// # Errors
/// Whatever is no fault of it.
pub fn refused(failure: Failure) -> Result<Response, Trouble> {
    let shown: Vec<Shown> = match &failure {
        Failure::Document(faults) => faults.iter().map(plain).collect(),
        Failure::Faults(faults) => faults
            .iter()
            .map(|fault| Shown {
                pointer: match &fault.place {
                    domain::fault::Place::Body(pointer) => pointer.to_string(),
                    _ => String::new(),
                },
                code: fault.code.as_str(),
                message: fault.message.clone(),
                detail: None,
                line: None,
                excerpt: String::new(),
            })
            .collect(),
        _ => return Err(failure.into()),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "faults": shown }))).into_response())
}
