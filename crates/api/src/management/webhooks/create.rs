//! `POST /webhooks`: makes a webhook.

use super::schema::WebhookWithSecret;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{callback_url, set, text, word};
use crate::request::{RequestObject as _, or_default, or_value, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::validation::LONGEST_TEXT;
use app::webhooks::NewWebhook;
use axum::{Extension, Json, extract};
use domain::callback::{CallbackResource, EventType};

request! {
    /// A webhook to be made.
    pub(in crate::management) struct CreateWebhookRequest as "NewWebhook"
        into NewWebhook by to_webhook
    {
        /// An absolute `https` URL without user and fragment; `http` if the operator allows it.
        url: String = callback_url(),
        /// What it is told of.
        events: Vec<EventType> = set(1..=EventType::ALL.len(), word::<EventType>()),
        /// How much of an instance is sent; `basic` when omitted.
        resource: CallbackResource =
            or_value(word::<CallbackResource>(), CallbackResource::Basic),
        /// What it is for, for staff.
        description: String = or_default(text(0..=LONGEST_TEXT)),
    }
}

fn to_webhook(new: CreateWebhookRequest, _: &BodyObject<'_>) -> Option<NewWebhook> {
    let CreateWebhookRequest { url, events, resource, description } = new;
    Some(NewWebhook { url, events: events.into_iter().collect(), resource, description })
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
    let ([], new) =
        read::path_and_body(incoming, [], ONE_MEBIBYTE, CreateWebhookRequest::read).await?;
    let created = state.app.webhooks().create_webhook(&caller, new).await?;
    Ok(Json(WebhookWithSecret { webhook: created.webhook.into(), secret: created.secret }))
}
