//! `POST /webhooks/{id}/deliveries/{eventId}/replay`: sends one event again.

use super::schema::WebhookDelivery;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::{EmptyResponse, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use app::outbox::OutboxTarget;
use axum::{Extension, Json, extract};

/// Sends an event again at once: same id, same bytes. One that waits for a try already stays as it
/// is.
#[utoipa::path(
    post, path = "/webhooks/{id}/deliveries/{eventId}/replay", tag = "Webhooks",
    operation_id = "replayDelivery", params(("id" = String, Path), ("eventId" = String, Path)),
    request_body = EmptyResponse,
    responses((status = 200, body = WebhookDelivery), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn replay_delivery(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<WebhookDelivery>, Problem> {
    caller.require_whole_organization()?;
    let names = ["id", "eventId"];
    let ([id, event], ()) =
        read::path_and_body(incoming, names, ONE_MEBIBYTE, |_| Some(())).await?;
    let logged = state
        .app
        .webhooks()
        .replay_message(&caller, &OutboxTarget::from(id.as_str()), &event)
        .await?;
    Ok(Json(logged.into()))
}
