//! `POST /webhooks`: makes a webhook.

use super::schema::{WebhookWithSecret, event_types, resources};
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{ValueReader as _, callback_url};
use crate::state::ApiState;
use app::caller::Caller;
use app::validation::LONGEST_TEXT;
use app::webhooks::NewWebhook;
use axum::{Extension, Json, extract};
use domain::callback::{CallbackResource, EventType};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A webhook to be made.
#[derive(ToSchema)]
#[schema(as = NewWebhook)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct CreateWebhookRequest {
    /// An absolute `https` URL without user and fragment; `http` if the operator allows it.
    #[schema(min_length = 1, max_length = 2000)]
    url: String,
    #[schema(schema_with = event_types)]
    events: Vec<String>,
    /// How much of an instance is sent; `basic` when omitted.
    #[schema(schema_with = resources, required = false)]
    resource: Option<String>,
    /// What it is for, for staff.
    #[schema(nullable = false, max_length = 200)]
    description: Option<String>,
}

/// Makes a webhook: from now on, events of all candidates of the organization are sent to it,
/// signed with its secret.
#[utoipa::path(
    post, path = "/webhooks", tag = "Webhooks", operation_id = "createWebhook",
    request_body = CreateWebhookRequest,
    responses((status = 200, body = WebhookWithSecret), CommonErrors, BodyErrors)
)]
pub async fn create_webhook(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<WebhookWithSecret>, Problem> {
    caller.require_whole_organization()?;
    let ([], new) = read::path_and_body(incoming, [], ONE_MEBIBYTE, shape).await?;
    let created = state.app.create_webhook(&caller, new).await?;
    Ok(Json(WebhookWithSecret { webhook: created.webhook.into(), secret: created.secret }))
}

fn shape(object: &BodyObject<'_>) -> Option<NewWebhook> {
    let url = callback_url().read(&object.required("url"));
    let events = object
        .required("events")
        .set(1..=EventType::ALL.len(), |item| item.one_of(EventType::ALL, EventType::as_str));
    let resource =
        object.optional("resource").one_of(CallbackResource::ALL, CallbackResource::as_str);
    let description =
        object.optional("description").text(0..=LONGEST_TEXT).unwrap_or_default().to_owned();
    let events = events?.into_iter().collect::<BTreeSet<_>>();
    Some(NewWebhook {
        url: url?,
        events,
        resource: resource.unwrap_or(CallbackResource::Basic),
        description,
    })
}
