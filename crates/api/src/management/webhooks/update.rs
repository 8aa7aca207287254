//! `PATCH /webhooks/{id}`: changes a webhook.

use super::schema::ManagedWebhook;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{boolean, callback_url, set, text, word};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::validation::LONGEST_TEXT;
use app::webhooks::WebhookUpdate;
use axum::{Extension, Json, extract};
use domain::callback::{CallbackResource, EventType};
use domain::id::WebhookId;

request! {
    /// A change of a webhook; what is absent stays.
    pub(in crate::management) struct UpdateWebhookRequest as "WebhookChange"
        into WebhookUpdate by to_update
    {
        /// An absolute `https` URL without user and fragment; `http` if the operator allows it.
        url: Option<String> = optional(callback_url()),
        /// What it is told of, in place of the present choice.
        events: Option<Vec<EventType>> =
            optional(set(1..=EventType::ALL.len(), word::<EventType>())),
        /// How much of an instance is sent.
        resource: Option<CallbackResource> = optional(word::<CallbackResource>()),
        /// What it is for, for staff.
        description: Option<String> = optional(text(0..=LONGEST_TEXT)),
        /// Switched off, it is told nothing, and what waits for it is dropped.
        active: Option<bool> = optional(boolean()),
    }
}

fn to_update(change: UpdateWebhookRequest, _: &BodyObject<'_>) -> Option<WebhookUpdate> {
    let UpdateWebhookRequest { url, events, resource, description, active } = change;
    let events = events.map(|events| events.into_iter().collect());
    Some(WebhookUpdate { url, events, resource, description, active })
}

/// Changes a webhook. What is absent stays; what waits for it goes to its new address.
#[utoipa::path(patch, path = "/webhooks/{id}", tag = "Webhooks", operation_id = "updateWebhook",
    params(("id" = String, Path)), request_body = UpdateWebhookRequest,
    responses((status = 200, body = ManagedWebhook), CommonErrors, PathErrors, BodyErrors))]
pub async fn update_webhook(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedWebhook>, Problem> {
    caller.require_whole_organization()?;
    let ([id], update) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, UpdateWebhookRequest::read).await?;
    Ok(Json(
        state.app.webhooks().update_webhook(&caller, &WebhookId::from(id), update).await?.into(),
    ))
}
