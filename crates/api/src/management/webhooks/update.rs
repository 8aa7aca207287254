//! `PATCH /webhooks/{id}`: changes a webhook.

use super::schema::{ManagedWebhook, event_types, resources};
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{ValueReader as _, callback_url};
use crate::state::ApiState;
use app::caller::Caller;
use app::validation::LONGEST_TEXT;
use app::webhooks::WebhookUpdate;
use axum::{Extension, Json, extract};
use domain::callback::{CallbackResource, EventType};
use domain::id::WebhookId;
use utoipa::ToSchema;

/// A change of a webhook; what is absent stays.
#[derive(ToSchema)]
#[schema(as = WebhookChange)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct UpdateWebhookRequest {
    /// An absolute `https` URL without user and fragment; `http` if the operator allows it.
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    url: Option<String>,
    #[schema(schema_with = event_types, required = false)]
    events: Option<Vec<String>>,
    #[schema(schema_with = resources, required = false)]
    resource: Option<String>,
    /// What it is for, for staff.
    #[schema(nullable = false, max_length = 200)]
    description: Option<String>,
    /// Switched off, it is told nothing, and what waits for it is dropped.
    #[schema(nullable = false)]
    active: Option<bool>,
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
    let ([id], update) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, shape).await?;
    Ok(Json(state.app.update_webhook(&caller, &WebhookId::from(id), update).await?.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<WebhookUpdate> {
    let events = object
        .optional("events")
        .set(1..=EventType::ALL.len(), |item| item.one_of(EventType::ALL, EventType::as_str));
    Some(WebhookUpdate {
        url: callback_url().read(&object.optional("url")),
        events: events.map(|events| events.into_iter().collect()),
        resource: object
            .optional("resource")
            .one_of(CallbackResource::ALL, CallbackResource::as_str),
        description: object.optional("description").text(0..=LONGEST_TEXT).map(str::to_owned),
        active: object.optional("active").boolean(),
    })
}
