//! `POST /webhooks/{id}/rotate`: gives a webhook a new secret.

use super::schema::WebhookSecret;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::{EmptyResponse, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use app::outbox::OutboxTarget;
use axum::{Extension, Json, extract};

/// Gives a webhook a new secret; for a day messages carry a signature of the one before it as well.
/// With the id `callback`: the secret of the callbacks of candidates.
#[utoipa::path(
    post, path = "/webhooks/{id}/rotate", tag = "Webhooks", operation_id = "rotateWebhookSecret",
    params(("id" = String, Path)), request_body = EmptyResponse,
    responses((status = 200, body = WebhookSecret), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn rotate_webhook_secret(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<WebhookSecret>, Problem> {
    caller.require_whole_organization()?;
    let ([id], ()) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(WebhookSecret {
        secret: state
            .app
            .webhooks()
            .rotate_callback_secret(&caller, &OutboxTarget::from(id.as_str()))
            .await?,
    }))
}
