//! Making and changing a webhook.

use super::ADDRESS;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::webhooks::{NewWebhook, WebhookUpdate};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::callback::{CallbackResource, EventType};
use domain::id::WebhookId;
use std::collections::BTreeSet;

type WebhookFormPairs = Form<Vec<(String, String)>>;

#[derive(Template)]
#[template(path = "staff/webhooks/edit.html")]
struct WebhookEditPage {
    frame: StaffLayout,
    errors: FormErrors,
    values: FormValues,
    events: Vec<EventChoice>,
    /// Where the form goes, and where one goes without it.
    action: String,
    back: String,
    verb: &'static str,
}

struct EventChoice {
    event: &'static str,
    about: &'static str,
    is_chosen: bool,
}

/// The page's purpose: a new webhook, or one that is there.
struct WebhookFormPurpose {
    title: &'static str,
    action: String,
    back: String,
    verb: &'static str,
}

impl WebhookFormPurpose {
    fn new() -> Self {
        let (title, verb) = ("New webhook", "Create webhook");
        Self { title, action: format!("{ADDRESS}/do/create"), back: ADDRESS.to_owned(), verb }
    }

    fn of(webhook: &str) -> Self {
        let back = format!("{ADDRESS}/{webhook}");
        Self { title: "Edit webhook", action: format!("{back}/do/update"), back, verb: "Save" }
    }
}

/// `GET /staff/webhooks/new`.
pub async fn new(staff: SignedInStaff) -> Result<Response, PageError> {
    staff.caller().require_whole_organization()?;
    let mut values = FormValues::default();
    values.set("event", EventType::Completed.as_str());
    page(&staff, values, FormErrors::default(), WebhookFormPurpose::new())
}

/// `POST /staff/webhooks/do/create`.
pub async fn create(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): WebhookFormPairs,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let new = NewWebhook {
        url: values.text("url").trim().to_owned(),
        events: events(&values),
        resource: resource(&values),
        description: values.text("description").trim().to_owned(),
    };
    match state.app.webhooks().create_webhook(staff.caller(), new).await {
        Ok(created) => {
            Ok(reply::redirect(&format!("{ADDRESS}/{}?said=created", created.webhook.row.id)))
        }
        Err(failure) => page(&staff, values, FormErrors::of(failure)?, WebhookFormPurpose::new()),
    }
}

/// `GET /staff/webhooks/{webhook}/edit`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
) -> Result<Response, PageError> {
    let view =
        state.app.webhooks().webhook(staff.caller(), &WebhookId::from(webhook.clone())).await?;
    let mut values = FormValues::default();
    values.set("url", view.row.url);
    values.set("description", view.row.description);
    values.set("resource", view.row.resource.as_str());
    view.events.iter().for_each(|event| values.set("event", event.as_str()));
    page(&staff, values, FormErrors::default(), WebhookFormPurpose::of(&webhook))
}

/// `POST /staff/webhooks/{webhook}/do/update`.
pub async fn update(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
    Form(pairs): WebhookFormPairs,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    let update = WebhookUpdate {
        url: Some(values.text("url").trim().to_owned()),
        events: Some(events(&values)),
        resource: Some(resource(&values)),
        description: Some(values.text("description").trim().to_owned()),
        active: None,
    };
    match state
        .app
        .webhooks()
        .update_webhook(staff.caller(), &WebhookId::from(webhook.clone()), update)
        .await
    {
        Ok(_) => Ok(reply::redirect(&format!("{ADDRESS}/{webhook}?said=saved"))),
        Err(failure) => {
            page(&staff, values, FormErrors::of(failure)?, WebhookFormPurpose::of(&webhook))
        }
    }
}

fn events(values: &FormValues) -> BTreeSet<EventType> {
    values.all("event").filter_map(EventType::parse).collect()
}

fn resource(values: &FormValues) -> CallbackResource {
    CallbackResource::parse(values.text("resource")).unwrap_or(CallbackResource::Basic)
}

fn page(
    staff: &SignedInStaff,
    values: FormValues,
    errors: FormErrors,
    purpose: WebhookFormPurpose,
) -> Result<Response, PageError> {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let choice = |event: &EventType| EventChoice {
        event: event.as_str(),
        about: event_description(*event),
        is_chosen: values.is("event", event.as_str()),
    };
    let events = EventType::ALL.iter().map(choice).collect();
    let WebhookFormPurpose { title, action, back, verb } = purpose;
    let frame = StaffLayout::new(staff, StaffArea::Webhooks, title).with_crumb("Webhooks", ADDRESS);
    reply::page(status, &WebhookEditPage { frame, errors, values, events, action, back, verb })
}

const fn event_description(event: EventType) -> &'static str {
    match event {
        EventType::Completed => "a test was submitted or ended",
        EventType::Rescored => "a score changed after grading or a correction",
        EventType::Reinstated => "a completed test was reopened",
        EventType::Ignored => "a result was excluded",
        EventType::Reacknowledged => "an excluded result was included again",
    }
}
