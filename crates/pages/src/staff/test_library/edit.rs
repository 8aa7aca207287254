//! The editor: the page that holds a document, and what its script sends it to.

use super::faults::{FaultExcerpt, without_excerpt};
use super::source::parse_base_digest;
use super::{ADDRESS, TestTabs, page_layout};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::test_library::{TEST_CHANGED, TestImportOptions};
use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::document::DocumentFormat;
use domain::id::TestId;
use serde::Deserialize;
use serde_json::json;

/// What a new test begins with; its author fills in the rest.
const EMPTY: &str = r#"{"assay":1,"key":"","title":"","sections":[{"key":"section-1","title":"Section 1","pages":[{"key":"page-1","questions":[]}]}]}"#;

#[derive(Template)]
#[template(path = "staff/tests/edit.html")]
struct TestEditorPage {
    frame: StaffLayout,
    tabs: Option<TestTabs>,
    /// Empty while the test was never kept.
    test: String,
    based: String,
    document: String,
}

/// `GET /staff/tests/new`.
pub async fn new_form(staff: SignedInStaff) -> Result<Response, PageError> {
    let frame = StaffLayout::new(&staff, StaffArea::Tests, "New test").with_crumb("Tests", ADDRESS);
    let frame = frame.with_script("staff/editor/editor.js");
    let (test, based, document) = (String::new(), String::new(), EMPTY.to_owned());
    reply::page(StatusCode::OK, &TestEditorPage { frame, tabs: None, test, based, document })
}

/// `GET /staff/tests/{test}/edit`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(test): Path<String>,
) -> Result<Response, PageError> {
    let id = TestId::from(test);
    let title = state.app.test_library().test(staff.caller(), &id).await?.title;
    let text =
        state.app.test_library().test_text(staff.caller(), &id, None, DocumentFormat::Json).await?;
    let page = TestEditorPage {
        frame: page_layout(&staff, &title).with_script("staff/editor/editor.js"),
        tabs: Some(TestTabs::of(&staff, &id, "edit")),
        test: id.to_string(),
        based: hex::encode(text.digest),
        document: text.text,
    };
    reply::page(StatusCode::OK, &page)
}

/// What the script sends. The document travels as text, so that every figure in it stays as it was
/// written.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub struct SaveTestForm {
    test: String,
    based: String,
    text: String,
}

/// `POST /staff/tests/do/save`.
pub async fn save(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Json(sent): Json<SaveTestForm>,
) -> Result<Response, PageError> {
    let test = (!sent.test.is_empty()).then(|| TestId::from(sent.test.clone()));
    let options = TestImportOptions {
        test: test.clone(),
        based_on: parse_base_digest(&sent.based),
        ..TestImportOptions::default()
    };
    match state
        .app
        .test_library()
        .import_test(staff.caller(), sent.text.as_bytes(), DocumentFormat::Json, options)
        .await
    {
        Ok(stored) => {
            let text = state
                .app
                .test_library()
                .test_text(staff.caller(), &stored.test.id, None, DocumentFormat::Json)
                .await?;
            let warnings: Vec<FaultExcerpt> = stored.warnings.iter().map(without_excerpt).collect();
            Ok(Json(json!({
                "test": stored.test.id.to_string(), "based": hex::encode(text.digest), "version": text.number,
                "text": text.text, "faults": warnings,
            }))
            .into_response())
        }
        Err(Failure::Unfit { code: TEST_CHANGED, .. }) => {
            let test = test.ok_or(Failure::NotFound)?;
            let text = state
                .app
                .test_library()
                .test_text(staff.caller(), &test, None, DocumentFormat::Json)
                .await?;
            let theirs = json!({ "based": hex::encode(text.digest), "version": text.number, "text": text.text });
            Ok((StatusCode::CONFLICT, Json(theirs)).into_response())
        }
        Err(failure) => fault_response(failure),
    }
}

/// `POST /staff/tests/do/check`.
pub async fn check(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Json(sent): Json<SaveTestForm>,
) -> Result<Response, PageError> {
    match state
        .app
        .test_library()
        .check_test(staff.caller(), sent.text.as_bytes(), DocumentFormat::Json)
        .await
    {
        Ok(checked) => {
            let warnings: Vec<FaultExcerpt> =
                checked.warnings.iter().map(without_excerpt).collect();
            Ok(Json(json!({ "faults": warnings })).into_response())
        }
        Err(failure) => fault_response(failure),
    }
}

/// The faults of a document that was sent by a script.
///
/// # Errors
/// Whatever is no fault of it.
pub fn fault_response(failure: Failure) -> Result<Response, PageError> {
    let shown: Vec<FaultExcerpt> = match &failure {
        Failure::Document(faults) => faults.iter().map(without_excerpt).collect(),
        Failure::Faults(faults) => faults
            .iter()
            .map(|fault| FaultExcerpt {
                pointer: match &fault.place {
                    domain::fault::FaultLocation::Body(pointer) => pointer.to_string(),
                    _ => String::new(),
                },
                code: fault.code.as_str(),
                message: fault.message(),
                detail: None,
                line: None,
                excerpt: String::new(),
            })
            .collect(),
        _ => return Err(failure.into()),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "faults": shown }))).into_response())
}
