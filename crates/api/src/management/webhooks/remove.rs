//! `DELETE /webhooks/{id}`: deletes a webhook.

use crate::management::{EmptyResponse, read};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::WebhookId;

/// Deletes a webhook; what waits for it is dropped.
#[utoipa::path(
    delete, path = "/webhooks/{id}", tag = "Webhooks", operation_id = "deleteWebhook",
    params(("id" = String, Path)),
    responses((status = 200, body = EmptyResponse), CommonErrors, PathErrors)
)]
pub async fn delete_webhook(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<EmptyResponse>, Problem> {
    caller.require_whole_organization()?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    state.app.webhooks().delete_webhook(&caller, &WebhookId::from(id)).await?;
    Ok(Json(EmptyResponse {}))
}
