//! One webhook with the log of what it was sent. The callbacks of candidates have the same page.

use super::list::short_event_name;
use super::log::{self, WebhookDetailQuery, WebhookMessageRow};
use super::{ADDRESS, CALLBACK};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::outbox::OutboxTarget;
use app::webhooks::{WebhookUpdate, WebhookView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::callback::{EventType, MessageState};
use domain::id::WebhookId;

#[derive(Template)]
#[template(path = "staff/webhooks/one.html")]
struct WebhookDetailPage {
    frame: StaffLayout,
    address: String,
    /// None for the callbacks of candidates.
    webhook: Option<WebhookFacts>,
    query: WebhookDetailQuery,
    states: Vec<&'static str>,
    lines: Vec<WebhookMessageRow>,
    older: Option<String>,
}

struct WebhookFacts {
    description: String,
    events: Vec<&'static str>,
    resource: &'static str,
    active: bool,
    gone: Option<HtmlTime>,
    created: HtmlTime,
}

#[derive(Template)]
#[template(path = "staff/webhooks/secret.html")]
struct WebhookSecretPage {
    frame: StaffLayout,
    secret: String,
    onward: String,
    is_new: bool,
}

/// `GET /staff/webhooks/{webhook}`.
pub async fn show(
    State(pages_state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
    Query(query): Query<WebhookDetailQuery>,
) -> Result<Response, PageError> {
    let target = OutboxTarget::from(webhook.as_str());
    let view = match &target {
        OutboxTarget::Callback => None,
        OutboxTarget::Webhook(id) => {
            Some(pages_state.app.webhooks().webhook(staff.caller(), id).await?)
        }
    };
    let run =
        pages_state.app.webhooks().messages(staff.caller(), &target, log::query(&query)).await?;
    let address = format!("{ADDRESS}/{webhook}");
    let title =
        view.as_ref().map_or("Callbacks of candidates", |view| view.row.url.as_str()).to_owned();
    let last = run.messages.last().map(|logged| logged.message.event_id.clone());
    let page = WebhookDetailPage {
        frame: StaffLayout::new(&staff, StaffArea::Webhooks, title)
            .with_crumb("Webhooks", ADDRESS)
            .with_notice(said(&query)),
        older: last
            .filter(|_| run.has_more)
            .map(|last| format!("{address}?state={}&before={last}", query.state)),
        address,
        webhook: view.map(facts),
        states: MessageState::ALL.iter().map(|state| state.as_str()).collect(),
        query,
        lines: run.messages.into_iter().map(log::message_row).collect(),
    };
    reply::page(StatusCode::OK, &page)
}

fn said(query: &WebhookDetailQuery) -> Option<String> {
    Some(match query.said.as_str() {
        "created" => {
            "Webhook created. Its secret, for checking signatures, is behind the button.".to_owned()
        }
        "saved" => "Saved.".to_owned(),
        "on" => "Activated. It receives what happens from now on.".to_owned(),
        "off" => "Deactivated. Messages waiting for it were dropped.".to_owned(),
        "again" => "It is being sent again.".to_owned(),
        "span" => "Nothing was sent: please enter the times as 2030-05-31T09:00.".to_owned(),
        "many" if query.count == 1 => "1 message is being sent again.".to_owned(),
        "many" => format!("{} messages are being sent again.", query.count),
        _ => return None,
    })
}

fn facts(view: WebhookView) -> WebhookFacts {
    WebhookFacts {
        description: view.row.description,
        events: view.events.iter().map(|event: &EventType| short_event_name(*event)).collect(),
        resource: view.row.resource.as_str(),
        active: view.row.active,
        gone: view.row.gone_at.map(Into::into),
        created: view.row.created_at.into(),
    }
}

/// `POST /staff/webhooks/{webhook}/do/switch`: on or off.
pub async fn set_active(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let is_on = FormValues(pairs).is("active", "yes");
    let update = WebhookUpdate { active: Some(is_on), ..WebhookUpdate::default() };
    state
        .app
        .webhooks()
        .update_webhook(staff.caller(), &WebhookId::from(webhook.clone()), update)
        .await?;
    Ok(reply::redirect(&format!("{ADDRESS}/{webhook}?said={}", if is_on { "on" } else { "off" })))
}

/// `POST /staff/webhooks/{webhook}/do/secret`: answers with the secret, which no address shows.
pub async fn secret(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
) -> Result<Response, PageError> {
    let secret = state
        .app
        .webhooks()
        .callback_secret(staff.caller(), &OutboxTarget::from(webhook.as_str()))
        .await?;
    secret_page(&staff, &webhook, secret, false)
}

/// `POST /staff/webhooks/{webhook}/do/rotate`: answers with the new secret.
pub async fn rotate(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
) -> Result<Response, PageError> {
    let secret = state
        .app
        .webhooks()
        .rotate_callback_secret(staff.caller(), &OutboxTarget::from(webhook.as_str()))
        .await?;
    secret_page(&staff, &webhook, secret, true)
}

fn secret_page(
    staff: &SignedInStaff,
    webhook: &str,
    secret: String,
    is_new: bool,
) -> Result<Response, PageError> {
    let onward = format!("{ADDRESS}/{webhook}");
    let name = if webhook == CALLBACK { "Callbacks of candidates" } else { "Webhook" };
    let frame = StaffLayout::new(staff, StaffArea::Webhooks, "Secret for signatures")
        .with_crumb("Webhooks", ADDRESS);
    let frame = frame.with_crumb(name, onward.clone());
    reply::page(StatusCode::OK, &WebhookSecretPage { frame, secret, onward, is_new })
}

/// `POST /staff/webhooks/{webhook}/do/delete`.
pub async fn delete(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
) -> Result<Response, PageError> {
    state.app.webhooks().delete_webhook(staff.caller(), &WebhookId::from(webhook)).await?;
    Ok(reply::redirect(&format!("{ADDRESS}?said=deleted")))
}
