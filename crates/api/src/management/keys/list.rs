//! `GET /keys`: the API keys of the organization.

use super::shape::Key;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Code;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// The keys of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyList)]
pub(in crate::management) struct Keys {
    /// All keys of the organization that are no wider than the one that asks.
    keys: Vec<Key>,
}

/// Lists API keys, oldest first, revoked ones too; never their secrets.
#[utoipa::path(get, path = "/keys", tag = "Keys", operation_id = "listKeys",
    responses((status = 200, body = Keys), CommonErrors))]
pub async fn list_keys(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Keys>, Problem> {
    caller.require(Scope::Manage)?;
    let [] = read::only_path(incoming, []).await?;
    let keys = state.app.list_keys(&caller).await?;
    Ok(Json(Keys { keys: keys.into_iter().map(Key::of).collect::<Result<_, Code>>()? }))
}
