//! `GET /webhooks/{id}/secret`: the secret that signs.

use super::shape::Secret;
use crate::incoming::Incoming;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use app::outbox::Target;
use axum::{Extension, Json, extract};

/// Shows the newest secret that signs what a webhook is sent. With the id `callback`: what the callbacks of candidates
/// are signed with.
#[utoipa::path(get, path = "/webhooks/{id}/secret", tag = "Webhooks", operation_id = "getWebhookSecret",
    params(("id" = String, Path)), responses((status = 200, body = Secret), CommonErrors, PathErrors))]
pub async fn get_webhook_secret(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Secret>, Problem> {
    caller.require_whole_organization()?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    Ok(Json(Secret { secret: state.app.callback_secret(&caller, &Target::from(id.as_str())).await? }))
}
