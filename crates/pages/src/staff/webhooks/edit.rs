//! Making and changing a webhook.

use super::{ADDRESS, Area, Frame, Given, Staff, Told};
use crate::desk::Desk;
use crate::reply;
use crate::trouble::Trouble;
use app::webhooks::{NewWebhook, WebhookUpdate};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::callback::{EventType, Resource};
use domain::id::WebhookId;
use std::collections::BTreeSet;

type Pairs = Form<Vec<(String, String)>>;

#[derive(Template)]
#[template(path = "staff/webhooks/edit.html")]
struct Page {
    frame: Frame,
    told: Told,
    given: Given,
    events: Vec<Choice>,
    /// Where the form goes, and where one goes without it.
    action: String,
    back: String,
    verb: &'static str,
}

struct Choice {
    event: &'static str,
    about: &'static str,
    is_chosen: bool,
}

/// The page's purpose: a new webhook, or one that is there.
struct Purpose {
    title: &'static str,
    action: String,
    back: String,
    verb: &'static str,
}

impl Purpose {
    fn new() -> Self {
        let (title, verb) = ("New webhook", "Create the webhook");
        Self { title, action: format!("{ADDRESS}/do/create"), back: ADDRESS.to_owned(), verb }
    }

    fn of(webhook: &str) -> Self {
        let back = format!("{ADDRESS}/{webhook}");
        Self { title: "Change the webhook", action: format!("{back}/do/update"), back, verb: "Save" }
    }
}

/// `GET /staff/webhooks/new`.
pub async fn new(staff: Staff) -> Result<Response, Trouble> {
    staff.caller().require_whole_organization()?;
    let mut given = Given::default();
    given.set("event", EventType::Completed.as_str());
    page(&staff, given, Told::default(), Purpose::new())
}

/// `POST /staff/webhooks/do/create`.
pub async fn create(State(desk): State<Desk>, staff: Staff, Form(pairs): Pairs) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let new = NewWebhook {
        url: given.text("url").trim().to_owned(),
        events: events(&given),
        resource: resource(&given),
        description: given.text("description").trim().to_owned(),
    };
    match desk.app.create_webhook(staff.caller(), new).await {
        Ok(created) => Ok(reply::go(&format!("{ADDRESS}/{}?said=created", created.webhook.row.id))),
        Err(failure) => page(&staff, given, Told::of(failure)?, Purpose::new()),
    }
}

/// `GET /staff/webhooks/{webhook}/edit`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Path(webhook): Path<String>) -> Result<Response, Trouble> {
    let view = desk.app.webhook(staff.caller(), &WebhookId::from(webhook.clone())).await?;
    let mut given = Given::default();
    given.set("url", view.row.url);
    given.set("description", view.row.description);
    given.set("resource", view.row.resource.as_str());
    view.events.iter().for_each(|event| given.set("event", event.as_str()));
    page(&staff, given, Told::default(), Purpose::of(&webhook))
}

/// `POST /staff/webhooks/{webhook}/do/update`.
pub async fn update(
    State(desk): State<Desk>,
    staff: Staff,
    Path(webhook): Path<String>,
    Form(pairs): Pairs,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    let update = WebhookUpdate {
        url: Some(given.text("url").trim().to_owned()),
        events: Some(events(&given)),
        resource: Some(resource(&given)),
        description: Some(given.text("description").trim().to_owned()),
        active: None,
    };
    match desk.app.update_webhook(staff.caller(), &WebhookId::from(webhook.clone()), update).await {
        Ok(_) => Ok(reply::go(&format!("{ADDRESS}/{webhook}?said=saved"))),
        Err(failure) => page(&staff, given, Told::of(failure)?, Purpose::of(&webhook)),
    }
}

fn events(given: &Given) -> BTreeSet<EventType> {
    given.all("event").filter_map(EventType::parse).collect()
}

fn resource(given: &Given) -> Resource {
    Resource::parse(given.text("resource")).unwrap_or(Resource::Basic)
}

fn page(staff: &Staff, given: Given, told: Told, purpose: Purpose) -> Result<Response, Trouble> {
    let status = if told.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let choice = |event: &EventType| Choice {
        event: event.as_str(),
        about: about(*event),
        is_chosen: given.is("event", event.as_str()),
    };
    let events = EventType::ALL.iter().map(choice).collect();
    let Purpose { title, action, back, verb } = purpose;
    let frame = Frame::new(staff, Area::Webhooks, title).under("Webhooks", ADDRESS);
    reply::page(status, &Page { frame, told, given, events, action, back, verb })
}

const fn about(event: EventType) -> &'static str {
    match event {
        EventType::Completed => "a test was handed in or closed",
        EventType::Rescored => "figures changed after an evaluation or a correction",
        EventType::Reinstated => "a completed test was opened again",
        EventType::Ignored => "a result was put aside",
        EventType::Reacknowledged => "a result that was put aside counts again",
    }
}
