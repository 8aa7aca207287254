//! `POST /tests`: keeps a document as a test or as the next version of one.

use super::document::receive_document;
use super::response_schema::{DocumentWarning, ManagedTest};
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{formed, id, query};
use crate::request::value::name;
use crate::state::ApiState;
use app::caller::Caller;
use app::test_library::{ImportedTest, TestImportOptions};
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::id::TestId;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

query! {
    /// Where the test is put.
    pub(super) struct ImportTestQuery {
        /// Folder of the test.
        folder: Option<String> = formed(name()),
        /// Keeps the document as the next version of this test.
        test_id: Option<TestId> = id::<TestId>(),
    }
}

/// A test as it is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ImportedTest)]
pub(in crate::management) struct ImportTestResponse {
    #[serde(flatten)]
    test: ManagedTest,
    /// False when the latest version was this very document.
    is_new_version: bool,
    /// Advice about the document; it does not prevent keeping it.
    warnings: Vec<DocumentWarning>,
}

impl From<ImportedTest> for ImportTestResponse {
    fn from(imported: ImportedTest) -> Self {
        Self {
            test: imported.test.into(),
            is_new_version: imported.is_new_version,
            warnings: imported.warnings.into_iter().map(DocumentWarning::from).collect(),
        }
    }
}

/// Keeps a test document. A document with errors answers 400 with all of them; warnings do not
/// prevent keeping it.
#[utoipa::path(
    post, path = "/tests", tag = "Tests", operation_id = "importTest", params(ImportTestQuery),
    request_body(content((serde_json::Value = "application/json"), (String = "application/yaml"))),
    responses((status = 200, body = ImportTestResponse), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn import_test(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ImportTestResponse>, Problem> {
    caller.require(Right::WriteTests)?;
    let (bytes, format) = receive_document(&head, body).await?;
    let mut faults = Faults::new();
    let ImportTestQuery { folder, test_id: test } = read::query(&head, &mut faults);
    faults.into_result()?;
    let options = TestImportOptions { test, folder, labels: None, based_on: None };
    let imported = state.app.test_library().import_test(&caller, &bytes, format, options).await?;
    Ok(Json(imported.into()))
}
