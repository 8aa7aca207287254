//! `POST /tests/check`: tells everything that is wrong with a document.

use super::document::receive;
use super::shape::Warning;
use crate::incoming::Incoming;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// A document without errors.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckedTest)]
pub(in crate::management) struct Checked {
    /// The test's key.
    key: String,
    /// The test's title.
    title: String,
    /// Advice about the document; it does not prevent keeping it.
    warnings: Vec<Warning>,
}

/// Checks a test document and keeps nothing. A document with errors answers 400 with all of them.
#[utoipa::path(post, path = "/tests/check", tag = "Tests", operation_id = "checkTest",
    request_body(content((serde_json::Value = "application/json"), (String = "application/yaml"))),
    responses((status = 200, body = Checked), CommonErrors, BodyErrors))]
pub async fn check_test(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Checked>, Problem> {
    caller.require(Scope::TestsWrite)?;
    let (bytes, format) = receive(&head, body).await?;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    faults.into_result()?;
    let checked = state.app.check_test(&caller, &bytes, format).await?;
    Ok(Json(Checked {
        key: checked.test.key.to_string(),
        title: checked.test.title.clone(),
        warnings: checked.warnings.into_iter().map(Warning::from).collect(),
    }))
}
