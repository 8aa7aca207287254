//! The log of mail.

use super::{ADDRESS, Area, Frame, Staff};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::trouble::Trouble;
use app::mail::{Filter, MailQuery, MailView};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{MailId, TaskId};
use domain::mail::MailState;
use serde::Deserialize;

const PER_PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "staff/mail/list.html")]
struct Page {
    frame: Frame,
    asked: Asked,
    states: Vec<&'static str>,
    mails: Vec<Line>,
    older: Option<String>,
}

struct Line {
    address: String,
    recipient: String,
    template: String,
    task: String,
    candidate: String,
    state: &'static str,
    class: &'static str,
    at: Moment,
    tries: i64,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    state: String,
    task: String,
    before: String,
}

impl Asked {
    fn is(&self, state: &str) -> bool {
        self.state == state
    }
}

/// `GET /staff/mail`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter =
        Filter { task: some(&asked.task).map(TaskId::from), candidate: None, state: MailState::parse(&asked.state) };
    let query = MailQuery { filter, behind: some(&asked.before).map(MailId::from), limit: PER_PAGE };
    let run = desk.app.mails(staff.caller(), query).await?;
    let last = run.mails.last().map(|view| view.mail.id.clone()).filter(|_| run.has_more);
    let page = Page {
        frame: Frame::new(&staff, Area::Mail, "Mail"),
        older: last.map(|last| format!("{ADDRESS}?state={}&task={}&before={last}", asked.state, asked.task)),
        asked,
        states: MailState::ALL.iter().map(|state| state.as_str()).collect(),
        mails: run.mails.into_iter().map(line).collect(),
    };
    reply::page(StatusCode::OK, &page)
}

fn line(view: MailView) -> Line {
    let mail = view.mail;
    Line {
        address: format!("{ADDRESS}/{}", mail.id),
        recipient: mail.recipient.unwrap_or_else(|| "erased".to_owned()),
        template: mail.template,
        candidate: format!("/staff/tasks/{}/candidates/{}", mail.task_id, mail.candidate_id),
        task: mail.task_id.to_string(),
        state: mail.state.as_str(),
        class: class(mail.state),
        at: mail.finished_at.unwrap_or(mail.send_at).into(),
        tries: mail.tries,
    }
}

/// The colour of a state.
pub const fn class(state: MailState) -> &'static str {
    match state {
        MailState::Waiting => "open",
        MailState::Failed => "bad",
        MailState::Cancelled => "",
        _ => "done",
    }
}
