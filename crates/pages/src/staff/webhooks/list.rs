//! All webhooks.

use super::{ADDRESS, CALLBACK};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::webhooks::WebhookView;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::callback::EventType;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/webhooks/list.html")]
struct WebhookListPage {
    frame: StaffLayout,
    webhooks: Vec<WebhookListRow>,
    callbacks: String,
}

struct WebhookListRow {
    address: String,
    url: String,
    description: String,
    events: Vec<&'static str>,
    active: bool,
    is_gone: bool,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct WebhookListQuery {
    said: String,
}

/// `GET /staff/webhooks`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<WebhookListQuery>,
) -> Result<Response, PageError> {
    let said = (query.said == "deleted").then_some("Webhook deleted.");
    let webhooks =
        state.app.webhooks().list_webhooks(staff.caller()).await?.into_iter().map(line).collect();
    let frame = StaffLayout::new(&staff, StaffArea::Webhooks, "Webhooks").with_notice(said);
    reply::page(
        StatusCode::OK,
        &WebhookListPage { frame, webhooks, callbacks: format!("{ADDRESS}/{CALLBACK}") },
    )
}

fn line(view: WebhookView) -> WebhookListRow {
    WebhookListRow {
        address: format!("{ADDRESS}/{}", view.row.id),
        url: view.row.url,
        description: view.row.description,
        events: view.events.iter().map(|event| short_event_name(*event)).collect(),
        active: view.row.active,
        is_gone: view.row.gone_at.is_some(),
    }
}

/// An event's name without what all have in common.
pub fn short_event_name(event: EventType) -> &'static str {
    event.as_str().trim_start_matches("test-instance.")
}
