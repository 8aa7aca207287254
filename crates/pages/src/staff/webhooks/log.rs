//! What was sent, how each try went, and sending it again.

use super::ADDRESS;
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff};
use crate::state::PagesState;
use app::outbox::{LoggedMessage, OutboxAttemptRow, OutboxFilter, OutboxLogQuery, OutboxTarget};
use axum::extract::{Form, Path, State};
use axum::response::Response;
use domain::callback::MessageState;
use serde::Deserialize;
use std::fmt::Write as _;

const PER_PAGE: i64 = 50;

/// What the page of a webhook is asked for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct WebhookDetailQuery {
    pub state: String,
    /// Behind this message, towards older ones.
    pub before: String,
    pub said: String,
    pub count: u64,
}

impl WebhookDetailQuery {
    /// Whether the log is limited to this state of messages.
    pub fn is(&self, state: &str) -> bool {
        self.state == state
    }
}

/// A message as the page shows it.
pub struct WebhookMessageRow {
    pub event: String,
    pub kind: &'static str,
    pub at: HtmlTime,
    pub task: String,
    pub instance: String,
    pub state: &'static str,
    pub class: &'static str,
    pub next: Option<HtmlTime>,
    pub tries: Vec<WebhookTryRow>,
    pub may_replay: bool,
}

/// One attempt to deliver a message, and how it went in words.
pub struct WebhookTryRow {
    pub at: HtmlTime,
    pub said: String,
}

/// Which part of the log the page asks for.
pub fn query(query: &WebhookDetailQuery) -> OutboxLogQuery {
    let filter =
        OutboxFilter { state: MessageState::parse(&query.state), ..OutboxFilter::default() };
    OutboxLogQuery {
        filter,
        behind: Some(query.before.clone()).filter(|before| !before.is_empty()),
        limit: PER_PAGE,
    }
}

/// A message and its attempts as a row of the log.
pub fn message_row(logged: LoggedMessage) -> WebhookMessageRow {
    let LoggedMessage { message, tries } = logged;
    let is_finished = message.state != MessageState::Pending;
    WebhookMessageRow {
        event: message.event_id,
        kind: message.kind.as_str(),
        at: message.at.into(),
        task: message.task_id.to_string(),
        instance: message.instance_id.to_string(),
        state: message.state.as_str(),
        class: match message.state {
            MessageState::Pending => "open",
            MessageState::Delivered => "done",
            MessageState::Failed => "bad",
            MessageState::Dropped => "",
        },
        next: message.due_at.filter(|_| !is_finished).map(Into::into),
        may_replay: is_finished && message.body.is_some(),
        tries: tries.into_iter().map(one_try).collect(),
    }
}

fn one_try(one: OutboxAttemptRow) -> WebhookTryRow {
    let mut said = one.outcome.as_str().to_owned();
    if let Some(status) = one.status {
        let _ = write!(said, ", {status}");
    }
    let _ = write!(said, ", {} ms", one.millis);
    WebhookTryRow { at: one.at.into(), said }
}

/// `POST /staff/webhooks/{webhook}/do/replay`: one message.
pub async fn replay(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let values = FormValues(pairs);
    state
        .app
        .webhooks()
        .replay_message(staff.caller(), &OutboxTarget::from(webhook.as_str()), values.text("event"))
        .await?;
    Ok(reply::redirect(&format!("{ADDRESS}/{webhook}?said=again")))
}

/// `POST /staff/webhooks/{webhook}/do/replay-many`: all of a state and a span of time. A span that
/// cannot be read sends nothing: too much would go out.
pub async fn replay_many(
    State(pages_state): State<PagesState>,
    staff: SignedInStaff,
    Path(webhook): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let filter = OutboxFilter {
        state: MessageState::parse(values.text("state")),
        since: values.instant("since", &mut errors, "/since"),
        until: values.instant("until", &mut errors, "/until"),
    };
    if !errors.is_empty() {
        return Ok(reply::redirect(&format!("{ADDRESS}/{webhook}?said=span")));
    }
    let count = pages_state
        .app
        .webhooks()
        .replay_messages(staff.caller(), &OutboxTarget::from(webhook.as_str()), filter)
        .await?;
    Ok(reply::redirect(&format!("{ADDRESS}/{webhook}?said=many&count={count}")))
}
