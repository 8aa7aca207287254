//! `/organization`: whose key this is, and how long its files are kept.

use super::read;
use crate::body::receive::ONE_MEBIBYTE;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::integer;
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::KeyId;
use domain::proctoring::RETENTION_DAYS;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

/// The organization of the key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organization)]
pub(super) struct OrganizationResponse {
    /// Id of the organization.
    organization_id: String,
    /// Its name.
    name: String,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
    /// The key that asked.
    key_id: Option<String>,
    /// Days that recordings, identity photos and documents stay after completion.
    #[schema(minimum = 1, maximum = 3650)]
    evidence_days: i64,
}

async fn organization(
    state: &ApiState,
    caller: &Caller,
) -> Result<Json<OrganizationResponse>, Problem> {
    let row = state.app.organizations().organization(&caller.organization).await?;
    Ok(Json(OrganizationResponse {
        organization_id: row.id.to_string(),
        name: row.name,
        created_at: row.created_at.seconds(),
        key_id: caller.key().map(KeyId::to_string),
        evidence_days: state.app.proctoring().evidence_days(caller).await?,
    }))
}

/// Tells the organization of the key. Any key may ask.
#[utoipa::path(get, path = "/organization", tag = "Organization", operation_id = "getOrganization",
    responses((status = 200, body = OrganizationResponse), CommonErrors))]
pub async fn get_organization(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<OrganizationResponse>, Problem> {
    let [] = read::path_ids_only(incoming, []).await?;
    organization(&state, &caller).await
}

request! {
    /// A change of the organization; what is absent stays.
    pub(super) struct UpdateOrganizationRequest as "OrganizationChange" {
        /// Days that recordings, identity photos and documents stay after completion.
        evidence_days: Option<i64> = optional(integer::<i64>(RETENTION_DAYS)),
    }
}

/// Changes settings of the organization; what is absent stays. Files whose time is over by then go
/// within minutes.
///
/// Asks for the scope `manage` of a key that is not limited to tasks or folders.
#[utoipa::path(
    patch, path = "/organization", tag = "Organization", operation_id = "updateOrganization",
    request_body = UpdateOrganizationRequest,
    responses((status = 200, body = OrganizationResponse), CommonErrors, BodyErrors)
)]
pub async fn update_organization(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<OrganizationResponse>, Problem> {
    caller.require(Right::Manage)?;
    let ([], change) =
        read::path_and_body(incoming, [], ONE_MEBIBYTE, UpdateOrganizationRequest::read).await?;
    caller.require_whole_organization()?;
    if let Some(days) = change.evidence_days {
        state.app.proctoring().set_evidence_days(&caller, days).await?;
    }
    organization(&state, &caller).await
}
