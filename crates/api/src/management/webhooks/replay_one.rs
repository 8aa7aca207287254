//! `POST /webhooks/{id}/deliveries/{eventId}/replay`: sends one event again.

use super::shape::Delivery;
use crate::body::receive::ONE_MEBIBYTE;
use crate::incoming::Incoming;
use crate::management::{Empty, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use app::outbox::Target;
use axum::{Extension, Json, extract};

/// Sends an event again at once: same id, same bytes. One that waits for a try already stays as it is.
#[utoipa::path(post, path = "/webhooks/{id}/deliveries/{eventId}/replay", tag = "Webhooks",
    operation_id = "replayDelivery", params(("id" = String, Path), ("eventId" = String, Path)), request_body = Empty,
    responses((status = 200, body = Delivery), CommonErrors, PathErrors, BodyErrors))]
pub async fn replay_delivery(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Delivery>, Problem> {
    caller.require_whole_organization()?;
    let names = ["id", "eventId"];
    let ([id, event], ()) = read::path_and_body(incoming, names, ONE_MEBIBYTE, |_| Some(())).await?;
    let logged = state.app.replay_message(&caller, &Target::from(id.as_str()), &event).await?;
    Ok(Json(logged.into()))
}
