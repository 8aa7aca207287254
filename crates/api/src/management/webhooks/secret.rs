//! `GET /webhooks/{id}/secret`: the secret that signs.

use super::schema::WebhookSecret;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use app::outbox::OutboxTarget;
use axum::{Extension, Json, extract};

/// Shows the newest secret that signs what a webhook is sent. With the id `callback`: what the
/// callbacks of candidates are signed with.
#[utoipa::path(
    get, path = "/webhooks/{id}/secret", tag = "Webhooks", operation_id = "getWebhookSecret",
    params(("id" = String, Path)),
    responses((status = 200, body = WebhookSecret), CommonErrors, PathErrors)
)]
pub async fn get_webhook_secret(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<WebhookSecret>, Problem> {
    caller.require_whole_organization()?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(WebhookSecret {
        secret: state
            .app
            .webhooks()
            .callback_secret(&caller, &OutboxTarget::from(id.as_str()))
            .await?,
    }))
}
