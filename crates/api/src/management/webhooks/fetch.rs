//! `GET /webhooks/{id}`: one webhook.

use super::shape::Webhook;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::WebhookId;

/// Fetches a webhook.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "Webhooks", operation_id = "getWebhook",
    params(("id" = String, Path)), responses((status = 200, body = Webhook), CommonErrors, PathErrors))]
pub async fn get_webhook(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Webhook>, Problem> {
    caller.require_whole_organization()?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    Ok(Json(state.app.webhook(&caller, &WebhookId::from(id)).await?.into()))
}
