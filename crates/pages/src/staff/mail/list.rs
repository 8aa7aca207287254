//! The log of mail.

use super::ADDRESS;
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::mail::{MailFilter, MailQuery, MailRow, MailView};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{MailId, TaskId};
use domain::mail::{MailKind, MailState};
use serde::Deserialize;

const PER_PAGE: i64 = 50;
/// Tasks that are offered.
const MOST_TASKS: u32 = 200;

#[derive(Template)]
#[template(path = "staff/mail/list.html")]
struct MailLogPage {
    frame: StaffLayout,
    query: MailLogQuery,
    states: Vec<(&'static str, &'static str)>,
    has_mail_server: bool,
    /// Ids and titles of tasks, the newest first; none for who may not read tasks.
    tasks: Vec<(String, String)>,
    mails: Vec<MailLogRow>,
    older: Option<String>,
}

struct MailLogRow {
    address: String,
    recipient: String,
    template: String,
    candidate: String,
    state: &'static str,
    class: &'static str,
    at: HtmlTime,
    tries: i64,
}

/// Filters of the mail log, and the mail before which the page begins.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct MailLogQuery {
    state: String,
    task: String,
    before: String,
}

impl MailLogQuery {
    fn is(&self, state: &str) -> bool {
        self.state == state
    }

    fn is_of(&self, task: &str) -> bool {
        self.task == task
    }
}

/// `GET /staff/mail`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<MailLogQuery>,
) -> Result<Response, PageError> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = MailFilter {
        task: some(&query.task).map(TaskId::from),
        candidate: None,
        state: MailState::parse(&query.state),
    };
    let page_query =
        MailQuery { filter, behind: some(&query.before).map(MailId::from), limit: PER_PAGE };
    let run = state.app.mail().mails(staff.caller(), page_query).await?;
    let last = run.mails.last().map(|view| view.mail.id.clone()).filter(|_| run.has_more);
    let page = MailLogPage {
        frame: StaffLayout::new(&staff, StaffArea::Mail, "Mail"),
        older: last.map(|last| {
            format!("{ADDRESS}?state={}&task={}&before={last}", query.state, query.task)
        }),
        tasks: tasks(&state, &staff, &query.task).await,
        query,
        states: MailState::ALL.iter().map(|state| (state.as_str(), state_words(*state))).collect(),
        has_mail_server: state.app.settings().has_mail_server,
        mails: run.mails.into_iter().map(line).collect(),
    };
    reply::page(StatusCode::OK, &page)
}

/// The tasks that can be chosen, the one that is chosen among them.
async fn tasks(state: &PagesState, staff: &SignedInStaff, chosen: &str) -> Vec<(String, String)> {
    let Ok((total, _)) = state.app.tasks().list_tasks(staff.caller(), 0, 0).await else {
        return Vec::new();
    };
    let skip = total.saturating_sub(MOST_TASKS.into());
    let Ok((_, views)) = state.app.tasks().list_tasks(staff.caller(), MOST_TASKS, skip).await
    else {
        return Vec::new();
    };
    let mut tasks: Vec<_> =
        views.into_iter().rev().map(|view| (view.id.to_string(), view.title)).collect();
    if !chosen.is_empty() && !tasks.iter().any(|(id, _)| id == chosen) {
        tasks.insert(0, (chosen.to_owned(), chosen.to_owned()));
    }
    tasks
}

fn line(view: MailView) -> MailLogRow {
    let mail = view.mail;
    MailLogRow {
        address: format!("{ADDRESS}/{}", mail.id),
        template: purpose(&mail),
        recipient: mail.recipient.unwrap_or_else(|| "erased".to_owned()),
        candidate: format!("/staff/tasks/{}/candidates/{}", mail.task_id, mail.candidate_id),
        state: state_words(mail.state),
        class: state_class(mail.state),
        at: mail.finished_at.unwrap_or(mail.send_at).into(),
        tries: mail.tries,
    }
}

/// What staff read of a state.
pub const fn state_words(state: MailState) -> &'static str {
    match state {
        MailState::Waiting => "Waiting",
        MailState::Sent => "Sent",
        MailState::Kept => "Not sent (no mail server)",
        MailState::Failed => "Failed",
        MailState::Cancelled => "Cancelled",
    }
}

/// What a mail is, for staff: the name of an invitation's template, or that it confirms.
pub fn purpose(mail: &MailRow) -> String {
    match mail.kind() {
        MailKind::Invitation => mail.template.clone(),
        MailKind::Confirmation => "Confirmation of a submission".to_owned(),
    }
}

/// The colour of a state.
pub const fn state_class(state: MailState) -> &'static str {
    match state {
        MailState::Waiting => "open",
        MailState::Failed => "bad",
        MailState::Kept => "warn",
        MailState::Cancelled => "",
        _ => "done",
    }
}
