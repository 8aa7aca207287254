//! What was sent, how each try went, and sending it again.

use super::one::Asked;
use super::{ADDRESS, Given, Staff};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::staff::Told;
use crate::trouble::Trouble;
use app::outbox::{Filter, LogQuery, Logged, Target, Try};
use axum::extract::{Form, Path, State};
use axum::response::Response;
use domain::callback::MessageState;
use std::fmt::Write as _;

const PER_PAGE: i64 = 50;

/// A message as the page shows it.
pub struct Line {
    pub event: String,
    pub kind: &'static str,
    pub at: Moment,
    pub task: String,
    pub instance: String,
    pub state: &'static str,
    pub class: &'static str,
    pub next: Option<Moment>,
    pub tries: Vec<OneTry>,
    pub may_replay: bool,
}

pub struct OneTry {
    pub at: Moment,
    pub said: String,
}

/// Which part of the log the page asks for.
pub fn query(asked: &Asked) -> LogQuery {
    let filter = Filter { state: MessageState::parse(&asked.state), ..Filter::default() };
    LogQuery { filter, behind: Some(asked.before.clone()).filter(|before| !before.is_empty()), limit: PER_PAGE }
}

pub fn line(logged: Logged) -> Line {
    let Logged { message, tries } = logged;
    let is_finished = message.state != MessageState::Pending;
    Line {
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

fn one_try(one: Try) -> OneTry {
    let mut said = one.outcome.as_str().to_owned();
    if let Some(status) = one.status {
        let _ = write!(said, ", {status}");
    }
    let _ = write!(said, ", {} ms", one.millis);
    OneTry { at: one.at.into(), said }
}

/// `POST /staff/webhooks/{webhook}/do/replay`: one message.
pub async fn replay(
    State(desk): State<Desk>,
    staff: Staff,
    Path(webhook): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let given = Given(pairs);
    desk.app.replay_message(staff.caller(), &Target::from(webhook.as_str()), given.text("event")).await?;
    Ok(reply::go(&format!("{ADDRESS}/{webhook}?said=again")))
}

/// `POST /staff/webhooks/{webhook}/do/replay-many`: all of a state and a span of time. A span that cannot be read sends
/// nothing: too much would go out.
pub async fn replay_many(
    State(desk): State<Desk>,
    staff: Staff,
    Path(webhook): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let (given, mut told) = (Given(pairs), Told::default());
    let filter = Filter {
        state: MessageState::parse(given.text("state")),
        since: given.instant("since", &mut told, "/since"),
        until: given.instant("until", &mut told, "/until"),
    };
    if !told.is_empty() {
        return Ok(reply::go(&format!("{ADDRESS}/{webhook}?said=span")));
    }
    let count = desk.app.replay_messages(staff.caller(), &Target::from(webhook.as_str()), filter).await?;
    Ok(reply::go(&format!("{ADDRESS}/{webhook}?said=many&count={count}")))
}
