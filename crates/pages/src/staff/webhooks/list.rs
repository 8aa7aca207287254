//! All webhooks.

use super::{ADDRESS, Area, CALLBACK, Frame, Staff};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::webhooks::WebhookView;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::callback::EventType;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/webhooks/list.html")]
struct Page {
    frame: Frame,
    webhooks: Vec<Line>,
    callbacks: String,
}

struct Line {
    address: String,
    url: String,
    description: String,
    events: Vec<&'static str>,
    active: bool,
    is_gone: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

/// `GET /staff/webhooks`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let said = (asked.said == "deleted").then_some("The webhook is deleted.");
    let webhooks = desk.app.webhooks(staff.caller()).await?.into_iter().map(line).collect();
    let frame = Frame::new(&staff, Area::Webhooks, "Webhooks").said(said);
    reply::page(StatusCode::OK, &Page { frame, webhooks, callbacks: format!("{ADDRESS}/{CALLBACK}") })
}

fn line(view: WebhookView) -> Line {
    Line {
        address: format!("{ADDRESS}/{}", view.row.id),
        url: view.row.url,
        description: view.row.description,
        events: view.events.iter().map(|event| short(*event)).collect(),
        active: view.row.active,
        is_gone: view.row.gone_at.is_some(),
    }
}

/// An event's name without what all have in common.
pub fn short(event: EventType) -> &'static str {
    event.as_str().trim_start_matches("test-instance.")
}
