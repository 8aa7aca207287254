//! `POST /webhooks/{id}/rotate`: gives a webhook a new secret.

use super::shape::Secret;
use crate::body::receive::ONE_MEBIBYTE;
use crate::incoming::Incoming;
use crate::management::{Empty, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use app::outbox::Target;
use axum::{Extension, Json, extract};

/// Gives a webhook a new secret; for a day messages carry a signature of the one before it as well. With the id
/// `callback`: the secret of the callbacks of candidates.
#[utoipa::path(post, path = "/webhooks/{id}/rotate", tag = "Webhooks", operation_id = "rotateWebhookSecret",
    params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = Secret), CommonErrors, PathErrors, BodyErrors))]
pub async fn rotate_webhook_secret(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Secret>, Problem> {
    caller.require_whole_organization()?;
    let ([id], ()) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, |_| Some(())).await?;
    Ok(Json(Secret { secret: state.app.rotate_callback_secret(&caller, &Target::from(id.as_str())).await? }))
}
