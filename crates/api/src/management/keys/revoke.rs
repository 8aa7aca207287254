//! `DELETE /keys/{id}`: ends an API key.

use crate::incoming::Incoming;
use crate::management::{Empty, read};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::KeyId;
use domain::instance::Scope;

/// Ends an API key at once. Repeating it is harmless.
#[utoipa::path(delete, path = "/keys/{id}", tag = "Keys", operation_id = "revokeKey",
    params(("id" = String, Path)), responses((status = 200, body = Empty), CommonErrors, PathErrors))]
pub async fn revoke_key(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Empty>, Problem> {
    caller.require(Scope::Manage)?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    state.app.revoke_key(&caller, &KeyId::from(id)).await?;
    Ok(Json(Empty {}))
}
