//! Webhooks and the log of what was sent, as they are sent themselves.

use crate::openapi::EnumWord;
use app::outbox::{LoggedMessage, OutboxAttemptRow, OutboxRow};
use app::webhooks::WebhookView;
use domain::callback::{CallbackOutcome, CallbackResource, EventType, MessageState};
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

type CallbackOutcomeWord = EnumWord<CallbackOutcome>;
type CallbackResourceWord = EnumWord<CallbackResource>;
type EventTypeWord = EnumWord<EventType>;
type MessageStateWord = EnumWord<MessageState>;

/// A receiver of events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(in crate::management) struct ManagedWebhook {
    /// Id of the webhook.
    webhook_id: String,
    /// Where events are sent to.
    url: String,
    /// What it is told of.
    #[schema(inline, min_items = 1)]
    events: Vec<EventTypeWord>,
    /// How much of an instance is sent.
    #[schema(inline)]
    resource: CallbackResourceWord,
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
pub(in crate::management) struct WebhookWithSecret {
    /// The webhook.
    pub(super) webhook: ManagedWebhook,
    /// What its messages are signed with: `whsec_` and Base64. It can be read again.
    pub(super) secret: String,
}

/// What messages of a webhook are signed with.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
pub(in crate::management) struct WebhookSecret {
    /// `whsec_` and Base64.
    pub(super) secret: String,
}

impl From<WebhookView> for ManagedWebhook {
    fn from(view: WebhookView) -> Self {
        let WebhookView { row, events } = view;
        Self {
            webhook_id: row.id.to_string(),
            url: row.url,
            events: events.into_iter().map(EnumWord).collect(),
            resource: row.resource.into(),
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
pub(in crate::management) struct WebhookDelivery {
    /// `webhook-id` of the message and cursor of the change.
    event_id: String,
    /// What happened to the instance.
    #[schema(value_type = EventTypeWord, inline)]
    r#type: String,
    /// Id of the task.
    task_id: String,
    /// Id of the test instance.
    test_instance_id: String,
    /// Id of the candidate.
    candidate_id: String,
    /// When it happened, in seconds since the epoch.
    at: i64,
    /// Whether it waits, was delivered, failed for good or was dropped.
    #[schema(inline)]
    state: MessageStateWord,
    /// Of the next try, while it is pending.
    due_at: Option<i64>,
    /// When it was delivered or given up, in seconds since the epoch; null before.
    finished_at: Option<i64>,
    /// Every try to deliver it, oldest first.
    tries: Vec<DeliveryTry>,
}

/// One try to deliver a message.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryTry)]
struct DeliveryTry {
    /// From 1.
    n: i64,
    /// When it was made, in seconds since the epoch.
    at: i64,
    /// What became of the try: `refused` is any other status than 2xx, `gone` is 410, `forbidden`
    /// an address that must not be dialled.
    #[schema(inline)]
    outcome: CallbackOutcomeWord,
    /// Of the answer, if there was one.
    status: Option<i64>,
    /// How long it took, in milliseconds.
    millis: i64,
}

impl WebhookDelivery {
    pub(super) fn of(message: OutboxRow, tries: Vec<OutboxAttemptRow>) -> Self {
        Self {
            event_id: message.event_id,
            r#type: format!("test-instance.{}", message.kind),
            task_id: message.task_id.to_string(),
            test_instance_id: message.instance_id.to_string(),
            candidate_id: message.candidate_id.to_string(),
            at: message.at.seconds(),
            state: message.state.into(),
            due_at: message.due_at.map(Timestamp::seconds),
            finished_at: message.finished_at.map(Timestamp::seconds),
            tries: tries.into_iter().map(DeliveryTry::from).collect(),
        }
    }
}

impl From<LoggedMessage> for WebhookDelivery {
    fn from(logged: LoggedMessage) -> Self {
        Self::of(logged.message, logged.tries)
    }
}

impl From<OutboxAttemptRow> for DeliveryTry {
    fn from(entry: OutboxAttemptRow) -> Self {
        let OutboxAttemptRow { n, at, outcome, status, millis, .. } = entry;
        Self { n, at: at.seconds(), outcome: outcome.into(), status, millis }
    }
}
