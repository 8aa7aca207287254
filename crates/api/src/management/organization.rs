//! `/organization`: whose key this is, and how long its files are kept.

use super::read;
use crate::body::BodyField;
use crate::body::receive::ONE_MEBIBYTE;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{TextForm, and_then, integer, nullable, text};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::organization_profile::{LOGO_BYTES, LONGEST_PROFILE_TEXT, ProfileUpdate, is_colour};
use axum::{Extension, Json, extract};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::fault::ErrorCode;
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
    /// The colour of candidates' pages, as `#17577f`; null is the standard one.
    colour: Option<String>,
    /// Whom candidates can ask, in Markdown; empty without.
    contact: String,
    /// What candidates are told about their data, in Markdown; empty without.
    privacy_notice: String,
    /// Who publishes the pages, in Markdown; empty without.
    imprint: String,
    /// Where the logo can be read, without a key; null without one.
    logo_url: Option<String>,
}

async fn organization(
    state: &ApiState,
    caller: &Caller,
) -> Result<Json<OrganizationResponse>, Problem> {
    let row = state.app.organizations().organization(&caller.organization).await?;
    let profile = state.app.organizations().organization_profile(&caller.organization).await?;
    let url = &state.app.settings().public_url;
    let logo_url = profile.logo.map(|digest| format!("{url}/o/{}/logo?v={digest}", row.id));
    Ok(Json(OrganizationResponse {
        organization_id: row.id.to_string(),
        name: row.name,
        created_at: row.created_at.seconds(),
        key_id: caller.key().map(KeyId::to_string),
        evidence_days: state.app.proctoring().evidence_days(caller).await?,
        colour: profile.colour,
        contact: profile.contact,
        privacy_notice: profile.privacy_notice,
        imprint: profile.imprint,
        logo_url,
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

const LONGEST_LOGO_TEXT: usize = LOGO_BYTES.div_ceil(3) * 4;

const COLOUR: TextForm = TextForm {
    should: "must be # and six digits of 0-9 and a-f, such as #17577f",
    pattern: Some("^#[0-9A-Fa-f]{6}$"),
    format: None,
    test: is_colour,
};

fn read_base64(text: String, field: &BodyField<'_>) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty());
    if bytes.is_none() {
        field.refuse(ErrorCode::InvalidFormat, "must be a picture in base64");
    }
    bytes
}

request! {
    /// A change of the organization; what is absent stays.
    pub(super) struct UpdateOrganizationRequest as "OrganizationChange" {
        /// Days that recordings, identity photos and documents stay after completion.
        evidence_days: Option<i64> = optional(integer::<i64>(RETENTION_DAYS)),
        /// The colour of candidates' pages, as `#17577f`; null is the standard one. Where it would
        /// be hard to read, a lighter or darker shade of it is shown.
        colour: Option<Option<String>> = optional(nullable(text(7..=7).of_form(COLOUR))),
        /// Whom candidates can ask, in Markdown.
        contact: Option<String> = optional(text(0..=LONGEST_PROFILE_TEXT)),
        /// What candidates are told about their data, in Markdown.
        privacy_notice: Option<String> = optional(text(0..=LONGEST_PROFILE_TEXT)),
        /// Who publishes the pages, in Markdown.
        imprint: Option<String> = optional(text(0..=LONGEST_PROFILE_TEXT)),
        /// A picture in base64: PNG, JPEG, WebP or GIF of at most 256 KiB; null removes the logo.
        logo: Option<Option<Vec<u8>>> = optional(nullable(and_then(
            text(0..=LONGEST_LOGO_TEXT),
            read_base64,
        ))),
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
    let update = ProfileUpdate {
        colour: change.colour.map(Option::unwrap_or_default),
        contact: change.contact,
        privacy_notice: change.privacy_notice,
        imprint: change.imprint,
        logo: change.logo.map(Option::unwrap_or_default),
    };
    if update != ProfileUpdate::default() {
        state.app.organizations().update_organization_profile(&caller, update).await?;
    }
    if let Some(days) = change.evidence_days {
        state.app.proctoring().set_evidence_days(&caller, days).await?;
    }
    organization(&state, &caller).await
}
