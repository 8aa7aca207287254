//! `GET /tests/schema`: the JSON Schema of test documents.

use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use app::caller::Caller;
use axum::{Extension, Json};
use domain::instance::Scope;

/// Sends the JSON Schema of test documents, for editors.
#[utoipa::path(get, path = "/tests/schema", tag = "Tests", operation_id = "testSchema",
    responses((status = 200, body = serde_json::Value), CommonErrors))]
pub async fn test_schema(
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<serde_json::Value>, Problem> {
    caller.require(Scope::TestsRead)?;
    let [] = read::only_path(incoming, []).await?;
    Ok(Json(domain::document::json_schema()))
}
