//! Webhooks and the log of what was sent, as they are sent themselves.

use crate::openapi::{word_schema, words};
use app::outbox::{Logged, Message, Try};
use app::webhooks::WebhookView;
use domain::callback::{EventType, MessageState, Outcome, Resource};
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{ArrayBuilder, RefOr, Schema};

pub(super) fn resources() -> RefOr<Schema> {
    word_schema("How much of an instance is sent.", Resource::ALL, Resource::as_str)
}

pub(super) fn event_types() -> RefOr<Schema> {
    ArrayBuilder::new()
        .items(words(EventType::ALL, EventType::as_str))
        .description(Some("What it is told of."))
        .min_items(Some(1))
        .build()
        .into()
}

pub(super) fn event_type() -> RefOr<Schema> {
    word_schema("What happened to the instance.", EventType::ALL, EventType::as_str)
}

pub(super) fn states() -> RefOr<Schema> {
    word_schema(
        "Whether it waits, was delivered, failed for good or was dropped.",
        MessageState::ALL,
        MessageState::as_str,
    )
}

pub(super) fn outcomes() -> RefOr<Schema> {
    word_schema(
        "What became of the try: `refused` is any other status than 2xx, `gone` is 410, `forbidden` an address that must not be dialled.",
        Outcome::ALL,
        Outcome::as_str,
    )
}

/// A receiver of events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(in crate::management) struct Webhook {
    /// Id of the webhook.
    webhook_id: String,
    /// Where events are sent to.
    url: String,
    #[schema(schema_with = event_types)]
    events: Vec<EventType>,
    #[schema(schema_with = resources)]
    resource: Resource,
    /// What staff wrote about it.
    description: String,
    /// Whether it is told of anything.
    active: bool,
    /// When its receiver answered 410, by which it was switched off.
    gone_at: Option<i64>,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
}

/// A webhook with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(in crate::management) struct Created {
    /// The webhook.
    pub(super) webhook: Webhook,
    /// What its messages are signed with: `whsec_` and Base64. It can be read again.
    pub(super) secret: String,
}

/// What messages of a webhook are signed with.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
pub(in crate::management) struct Secret {
    /// `whsec_` and Base64.
    pub(super) secret: String,
}

impl From<WebhookView> for Webhook {
    fn from(view: WebhookView) -> Self {
        let WebhookView { row, events } = view;
        Self {
            webhook_id: row.id.to_string(),
            url: row.url,
            events: events.into_iter().collect(),
            resource: row.resource,
            description: row.description,
            active: row.active,
            gone_at: row.gone_at.map(Timestamp::seconds),
            created_at: row.created_at.seconds(),
        }
    }
}

/// One event for one receiver.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub(in crate::management) struct Delivery {
    /// `webhook-id` of the message and cursor of the change.
    event_id: String,
    #[schema(schema_with = event_type)]
    r#type: String,
    /// Id of the task.
    task_id: String,
    /// Id of the test instance.
    test_instance_id: String,
    /// Id of the candidate.
    candidate_id: String,
    /// When it happened, in seconds since the epoch.
    at: i64,
    #[schema(schema_with = states)]
    state: MessageState,
    /// Of the next try, while it is pending.
    due_at: Option<i64>,
    /// When it was delivered or given up, in seconds since the epoch; null before.
    finished_at: Option<i64>,
    /// Every try to deliver it, oldest first.
    tries: Vec<OneTry>,
}

/// One try to deliver a message.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryTry)]
struct OneTry {
    /// From 1.
    n: i64,
    /// When it was made, in seconds since the epoch.
    at: i64,
    #[schema(schema_with = outcomes)]
    outcome: Outcome,
    /// Of the answer, if there was one.
    status: Option<i64>,
    /// How long it took, in milliseconds.
    millis: i64,
}

impl Delivery {
    pub(super) fn of(message: Message, tries: Vec<Try>) -> Self {
        Self {
            event_id: message.event_id,
            r#type: format!("test-instance.{}", message.kind),
            task_id: message.task_id.to_string(),
            test_instance_id: message.instance_id.to_string(),
            candidate_id: message.candidate_id.to_string(),
            at: message.at.seconds(),
            state: message.state,
            due_at: message.due_at.map(Timestamp::seconds),
            finished_at: message.finished_at.map(Timestamp::seconds),
            tries: tries.into_iter().map(OneTry::from).collect(),
        }
    }
}

impl From<Logged> for Delivery {
    fn from(logged: Logged) -> Self {
        Self::of(logged.message, logged.tries)
    }
}

impl From<Try> for OneTry {
    fn from(entry: Try) -> Self {
        let Try { n, at, outcome, status, millis, .. } = entry;
        Self { n, at: at.seconds(), outcome, status, millis }
    }
}
