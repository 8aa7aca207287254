//! `GET /organization`: whose key this is.

use super::read;
use crate::incoming::Incoming;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::KeyId;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organization)]
pub(super) struct Organization {
    organization_id: String,
    name: String,
    created_at: i64,
    /// The key that asked.
    key_id: Option<String>,
}

/// Tells the organization of the key. Any key may ask.
#[utoipa::path(get, path = "/organization", tag = "Organization", operation_id = "getOrganization",
    responses((status = 200, body = Organization), CommonErrors))]
pub async fn get_organization(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Organization>, Problem> {
    let [] = read::only_path(incoming, []).await?;
    let row = state.app.organization(&caller.organization).await?;
    Ok(Json(Organization {
        organization_id: row.id.to_string(),
        name: row.name,
        created_at: row.created_at.seconds(),
        key_id: caller.key().map(KeyId::to_string),
    }))
}
