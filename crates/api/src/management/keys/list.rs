//! `GET /keys`: the API keys of the organization.

use super::schema::ManagedApiKey;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::ErrorCode;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

/// The keys of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyList)]
pub(in crate::management) struct ApiKeyList {
    /// All keys of the organization that are no wider than the one that asks.
    keys: Vec<ManagedApiKey>,
}

/// Lists API keys, oldest first, revoked ones too; never their secrets.
#[utoipa::path(get, path = "/keys", tag = "Keys", operation_id = "listKeys",
    responses((status = 200, body = ApiKeyList), CommonErrors))]
pub async fn list_keys(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ApiKeyList>, Problem> {
    caller.require(Right::Manage)?;
    let [] = read::path_ids_only(incoming, []).await?;
    let keys = state.app.keys().list_keys(&caller).await?;
    Ok(Json(ApiKeyList {
        keys: keys.into_iter().map(ManagedApiKey::of).collect::<Result<_, ErrorCode>>()?,
    }))
}
