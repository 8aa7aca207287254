//! `POST /tests/check`: tells everything that is wrong with a document.

use super::document::receive_document;
use super::response_schema::DocumentWarning;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

/// A document without errors.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckedTest)]
pub(in crate::management) struct CheckTestResponse {
    /// The test's key.
    key: String,
    /// The test's title.
    title: String,
    /// Advice about the document; it does not prevent keeping it.
    warnings: Vec<DocumentWarning>,
}

/// Checks a test document and keeps nothing. A document with errors answers 400 with all of them.
#[utoipa::path(post, path = "/tests/check", tag = "Tests", operation_id = "checkTest",
    request_body(content((serde_json::Value = "application/json"), (String = "application/yaml"))),
    responses((status = 200, body = CheckTestResponse), CommonErrors, BodyErrors))]
pub async fn check_test(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<CheckTestResponse>, Problem> {
    caller.require(Right::WriteTests)?;
    let (bytes, format) = receive_document(&head, body).await?;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    faults.into_result()?;
    let checked = state.app.test_library().check_test(&caller, &bytes, format).await?;
    Ok(Json(CheckTestResponse {
        key: checked.test.key.to_string(),
        title: checked.test.title.clone(),
        warnings: checked.warnings.into_iter().map(DocumentWarning::from).collect(),
    }))
}
