//! `GET /webhooks`: the webhooks of the organization.

use super::schema::ManagedWebhook;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use serde::Serialize;
use utoipa::ToSchema;

/// The webhooks of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookList)]
pub(in crate::management) struct WebhookList {
    /// All webhooks of the organization, oldest first.
    webhooks: Vec<ManagedWebhook>,
}

/// Lists webhooks, oldest first.
#[utoipa::path(get, path = "/webhooks", tag = "Webhooks", operation_id = "listWebhooks",
    responses((status = 200, body = WebhookList), CommonErrors))]
pub async fn list_webhooks(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<WebhookList>, Problem> {
    caller.require_whole_organization()?;
    let [] = read::path_ids_only(incoming, []).await?;
    let webhooks = state.app.webhooks().list_webhooks(&caller).await?;
    Ok(Json(WebhookList { webhooks: webhooks.into_iter().map(ManagedWebhook::from).collect() }))
}
