//! `GET /tests/schema`: the JSON Schema of test documents.

use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use app::caller::Caller;
use axum::{Extension, Json};
use domain::role::Right;

/// Sends the JSON Schema of test documents, for editors.
#[utoipa::path(get, path = "/tests/schema", tag = "Tests", operation_id = "testSchema",
    responses((status = 200, body = serde_json::Value), CommonErrors))]
pub async fn test_schema(
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<serde_json::Value>, Problem> {
    caller.require(Right::ReadTests)?;
    let [] = read::path_ids_only(incoming, []).await?;
    Ok(Json(domain::document::json_schema()))
}
