//! `webhook`: where an organization has events sent to, what was sent, and sending it again.

use crate::cli_context::CliContext;
use crate::cli_error::CliError;
use crate::moment;
use crate::output::{OutputWriter, TextTable};
use app::outbox::{LoggedMessage, OutboxFilter, OutboxLogQuery, OutboxTarget};
use app::webhooks::{NewWebhook, WebhookView};
use clap::{Args, Subcommand};
use domain::callback::{CallbackResource, EventType, MessageState};
use domain::time::Timestamp;
use serde_json::json;
use std::collections::BTreeSet;

/// Webhooks: make and list them, see what was sent, send it again
#[derive(Debug, Subcommand)]
pub enum WebhookCommand {
    Create(CreateWebhookArgs),
    List(ListWebhooksArgs),
    Deliveries(DeliveriesArgs),
    Replay(ReplayArgs),
}

/// Make a webhook and print its id and the secret that signs what it is sent
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay webhook create https://crm.example.org/hook
  assay webhook create https://crm.example.org/hook --event test-instance.completed --resource detailed")]
pub struct CreateWebhookArgs {
    /// The address, https
    pub url: String,
    /// Tell of this event; may be repeated [default: every event]
    #[arg(long = "event", value_name = "TYPE", value_parser = event)]
    pub events: Vec<EventType>,
    /// How much of an instance is sent: basic or detailed
    #[arg(long, value_name = "MODE", default_value = "basic", value_parser = resource)]
    pub resource: CallbackResource,
    /// What it is for
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub description: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// List the webhooks
#[derive(Debug, Args)]
pub struct ListWebhooksArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// List what was sent to a webhook or waits to be, the newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay webhook deliveries Wh… --state failed
  assay webhook deliveries callback          The callbacks of candidates")]
pub struct DeliveriesArgs {
    /// The id of the webhook; `callback` is the callbacks of candidates
    pub webhook: String,
    #[command(flatten)]
    pub range: MessageRangeArgs,
    /// Events at most
    #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Send finished events again: same ids, same bytes. Prints how many
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  assay webhook replay Wh… --state failed --since 2027-01-01
  assay webhook replay Wh… --event-id c_00000130")]
pub struct ReplayArgs {
    /// The id of the webhook; `callback` is the callbacks of candidates
    pub webhook: String,
    /// One event, by the id it was sent with
    #[arg(long, value_name = "ID", conflicts_with_all = ["state", "since", "until"])]
    pub event_id: Option<String>,
    #[command(flatten)]
    pub range: MessageRangeArgs,
}

/// Which events.
#[derive(Debug, Args)]
pub struct MessageRangeArgs {
    /// Only those that stand there: pending, delivered, failed or dropped
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub state: Option<MessageState>,
    /// Only events at this moment or later: a day or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub since: Option<Timestamp>,
    /// Only events before this moment
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    pub until: Option<Timestamp>,
}

/// The longest run of a log.
const RUN: u32 = 100;

impl MessageRangeArgs {
    const fn filter(&self) -> OutboxFilter {
        OutboxFilter { state: self.state, since: self.since, until: self.until }
    }
}

impl WebhookCommand {
    /// # Errors
    /// What the use cases refuse.
    pub fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(operator),
            Self::List(list) => list.run(operator),
            Self::Deliveries(deliveries) => deliveries.run(operator),
            Self::Replay(replay) => replay.run(operator),
        }
    }
}

impl CreateWebhookArgs {
    fn run(self, operator: &CliContext) -> anyhow::Result<()> {
        let events: BTreeSet<_> = match self.events.as_slice() {
            [] => EventType::ALL.iter().copied().collect(),
            chosen => chosen.iter().copied().collect(),
        };
        let new = NewWebhook {
            url: self.url,
            events,
            resource: self.resource,
            description: self.description,
        };
        let made = operator
            .run_use_case(operator.app.webhooks().create_webhook(&operator.caller()?, new))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            let mut printed = printed(&made.webhook);
            printed["secret"] = json!(made.secret);
            output.json(&printed)?;
        } else {
            output.line(&made.webhook.row.id)?;
            output.line(&made.secret)?;
        }
        Ok(output.finish()?)
    }
}

impl ListWebhooksArgs {
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let webhooks =
            operator.run_use_case(operator.app.webhooks().list_webhooks(&operator.caller()?))?;
        let mut output = OutputWriter::stdout();
        if self.json {
            webhooks.iter().try_for_each(|webhook| output.json(&printed(webhook)))?;
        } else {
            let mut table = TextTable::new(&["id", "url", "active", "events", "resource"]);
            for webhook in &webhooks {
                let (row, active) = (&webhook.row, if webhook.row.active { "yes" } else { "no" });
                let cells = [
                    row.id.to_string(),
                    row.url.clone(),
                    active.to_owned(),
                    names(webhook).join(", "),
                ];
                table.row(cells.into_iter().chain([row.resource.to_string()]));
            }
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

impl DeliveriesArgs {
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let (caller, target) = (operator.caller()?, OutboxTarget::from(self.webhook.as_str()));
        let mut output = OutputWriter::stdout();
        let mut table =
            TextTable::new(&["event", "type", "at (UTC)", "state", "tries", "last try"])
                .right_aligned(&[4]);
        let (mut left, mut behind) = (self.limit, None);
        loop {
            let query = OutboxLogQuery {
                filter: self.range.filter(),
                behind,
                limit: i64::from(left.min(RUN)),
            };
            let run =
                operator.run_use_case(operator.app.webhooks().messages(&caller, &target, query));
            let run = run.map_err(|error| missing(error, &self.webhook))?;
            left = left.saturating_sub(u32::try_from(run.messages.len()).unwrap_or(u32::MAX));
            behind = run.messages.last().map(|last| last.message.event_id.clone());
            for logged in &run.messages {
                if self.json {
                    output.json(&message_json(logged))?;
                } else {
                    table.row(cells(logged));
                }
            }
            if !run.has_more || left == 0 {
                break;
            }
        }
        if !self.json {
            output.table(&table)?;
        }
        Ok(output.finish()?)
    }
}

impl ReplayArgs {
    fn run(&self, operator: &CliContext) -> anyhow::Result<()> {
        let (caller, target) = (operator.caller()?, OutboxTarget::from(self.webhook.as_str()));
        let replayed = match &self.event_id {
            Some(event) => operator
                .run_use_case(operator.app.webhooks().replay_message(&caller, &target, event))
                .map(|_| 1),
            None => operator.run_use_case(operator.app.webhooks().replay_messages(
                &caller,
                &target,
                self.range.filter(),
            )),
        };
        let mut output = OutputWriter::stdout();
        output.line(replayed.map_err(|error| missing(error, &self.webhook))?)?;
        Ok(output.finish()?)
    }
}

fn missing(error: anyhow::Error, webhook: &str) -> anyhow::Error {
    CliError::name_what_is_missing(
        error,
        &format!("webhook or event of {webhook}"),
        "assay webhook list",
    )
}

fn names(webhook: &WebhookView) -> Vec<&'static str> {
    webhook.events.iter().map(|event| event.as_str()).collect()
}

fn printed(webhook: &WebhookView) -> serde_json::Value {
    json!({
        "webhookId": webhook.row.id,
        "url": webhook.row.url,
        "events": names(webhook),
        "resource": webhook.row.resource.as_str(),
        "description": webhook.row.description,
        "active": webhook.row.active,
        "createdAt": webhook.row.created_at.seconds(),
    })
}

fn type_of(logged: &LoggedMessage) -> &'static str {
    EventType::of(logged.message.kind).map_or("", EventType::as_str)
}

fn message_json(logged: &LoggedMessage) -> serde_json::Value {
    let message = &logged.message;
    let tries = logged.tries.iter().map(|tried| {
        json!({ "at": tried.at.seconds(), "outcome": tried.outcome.as_str(), "status": tried.status, "millis": tried.millis })
    });
    json!({
        "eventId": message.event_id,
        "type": type_of(logged),
        "at": message.at.seconds(),
        "taskId": message.task_id,
        "testInstanceId": message.instance_id,
        "state": message.state.as_str(),
        "dueAt": message.due_at.map(Timestamp::seconds),
        "tries": tries.collect::<Vec<_>>(),
    })
}

fn cells(logged: &LoggedMessage) -> [String; 6] {
    let message = &logged.message;
    let last = logged.tries.last().map_or_else(String::new, |tried| match tried.status {
        Some(status) => format!("{} ({status})", tried.outcome),
        None => tried.outcome.to_string(),
    });
    let (at, tries) = (moment::show(message.at), logged.tries.len().to_string());
    [
        message.event_id.clone(),
        type_of(logged).to_owned(),
        at,
        message.state.to_string(),
        tries,
        last,
    ]
}

fn event(text: &str) -> Result<EventType, String> {
    EventType::parse(text).ok_or_else(|| allowed(EventType::ALL.iter().map(|event| event.as_str())))
}

fn resource(text: &str) -> Result<CallbackResource, String> {
    CallbackResource::parse(text)
        .ok_or_else(|| allowed(CallbackResource::ALL.iter().map(|resource| resource.as_str())))
}

fn state(text: &str) -> Result<MessageState, String> {
    MessageState::parse(text)
        .ok_or_else(|| allowed(MessageState::ALL.iter().map(|state| state.as_str())))
}

fn allowed(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
