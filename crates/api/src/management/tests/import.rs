//! `POST /tests`: keeps a document as a test or as the next version of one.

use super::document::receive;
use super::shape::{Test, Warning};
use crate::incoming::Incoming;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use app::tests::ImportOptions;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::TestId;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its description is used")]
struct Options {
    /// Folder of the test.
    #[param(nullable = false)]
    folder: Option<String>,
    /// Keeps the document as the next version of this test.
    #[param(nullable = false)]
    test_id: Option<String>,
}

/// A test as it is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportedTest)]
pub(in crate::management) struct Imported {
    #[serde(flatten)]
    test: Test,
    /// False when the latest version was this very document.
    is_new_version: bool,
    /// Advice about the document; it does not prevent keeping it.
    warnings: Vec<Warning>,
}

/// Keeps a test document. A document with errors answers 400 with all of them; warnings do not prevent keeping it.
#[utoipa::path(post, path = "/tests", tag = "Tests", operation_id = "importTest", params(Options),
    request_body(content((serde_json::Value = "application/json"), (String = "application/yaml"))),
    responses((status = 200, body = Imported), CommonErrors, BodyErrors))]
pub async fn import_test(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Imported>, Problem> {
    caller.require(Scope::TestsWrite)?;
    let (bytes, format) = receive(&head, body).await?;
    let mut faults = Faults::new();
    let mut query = head.query();
    let (folder, test) = (query.text("folder"), query.text("testId").map(TestId::from));
    query.finish(&mut faults);
    faults.into_result()?;
    let options = ImportOptions { test, folder, labels: None, based_on: None };
    let imported = state.app.import_test(&caller, &bytes, format, options).await?;
    Ok(Json(Imported {
        test: imported.test.into(),
        is_new_version: imported.is_new_version,
        warnings: imported.warnings.into_iter().map(Warning::from).collect(),
    }))
}
