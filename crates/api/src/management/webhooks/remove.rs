//! `DELETE /webhooks/{id}`: deletes a webhook.

use crate::incoming::Incoming;
use crate::management::{Empty, read};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::WebhookId;

/// Deletes a webhook; what waits for it is dropped.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "Webhooks", operation_id = "deleteWebhook",
    params(("id" = String, Path)), responses((status = 200, body = Empty), CommonErrors, PathErrors))]
pub async fn delete_webhook(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Json<Empty>, Problem> {
    caller.require_whole_organization()?;
    let [id] = read::only_path(incoming, ["id"]).await?;
    state.app.delete_webhook(&caller, &WebhookId::from(id)).await?;
    Ok(Json(Empty {}))
}
