//! `GET /webhooks`: the webhooks of the organization.

use super::shape::Webhook;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use serde::Serialize;
use utoipa::ToSchema;

/// The webhooks of the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookList)]
pub(in crate::management) struct Webhooks {
    /// All webhooks of the organization, oldest first.
    webhooks: Vec<Webhook>,
}

/// Lists webhooks, oldest first.
#[utoipa::path(get, path = "/webhooks", tag = "Webhooks", operation_id = "listWebhooks",
    responses((status = 200, body = Webhooks), CommonErrors))]
pub async fn list_webhooks(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Webhooks>, Problem> {
    caller.require_whole_organization()?;
    let [] = read::only_path(incoming, []).await?;
    let webhooks = state.app.webhooks(&caller).await?;
    Ok(Json(Webhooks { webhooks: webhooks.into_iter().map(Webhook::from).collect() }))
}
