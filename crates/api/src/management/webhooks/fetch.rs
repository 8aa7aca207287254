//! `GET /webhooks/{id}`: one webhook.

use super::schema::ManagedWebhook;
use crate::management::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::WebhookId;

/// Fetches a webhook.
#[utoipa::path(
    get, path = "/webhooks/{id}", tag = "Webhooks", operation_id = "getWebhook",
    params(("id" = String, Path)),
    responses((status = 200, body = ManagedWebhook), CommonErrors, PathErrors)
)]
pub async fn get_webhook(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedWebhook>, Problem> {
    caller.require_whole_organization()?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    Ok(Json(state.app.webhooks().webhook(&caller, &WebhookId::from(id)).await?.into()))
}
