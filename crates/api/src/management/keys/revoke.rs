//! `DELETE /keys/{id}`: ends an API key.

use crate::management::{EmptyResponse, read};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::KeyId;
use domain::role::Right;

/// Ends an API key at once. Repeating it is harmless.
#[utoipa::path(
    delete, path = "/keys/{id}", tag = "Keys", operation_id = "revokeKey",
    params(("id" = String, Path)),
    responses((status = 200, body = EmptyResponse), CommonErrors, PathErrors)
)]
pub async fn revoke_key(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<EmptyResponse>, Problem> {
    caller.require(Right::Manage)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    state.app.keys().revoke_key(&caller, &KeyId::from(id)).await?;
    Ok(Json(EmptyResponse {}))
}
