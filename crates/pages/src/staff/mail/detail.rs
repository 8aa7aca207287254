//! One mail, as it was sent or would be sent now.

use super::ADDRESS;
use super::list::{purpose, state_class, state_words};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::mail::MailAttemptRow;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::MailId;
use domain::mail::MailState;
use serde::Deserialize;
use std::fmt::Write as _;

#[derive(Template)]
#[template(path = "staff/mail/one.html")]
struct MailDetailPage {
    frame: StaffLayout,
    address: String,
    recipient: Option<String>,
    template: String,
    candidate: String,
    state: &'static str,
    class: &'static str,
    is_waiting: bool,
    send: HtmlTime,
    next: Option<HtmlTime>,
    finished: Option<HtmlTime>,
    body: Option<String>,
    lang: String,
    tries: Vec<MailTryRow>,
}

struct MailTryRow {
    at: HtmlTime,
    said: String,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MailDetailQuery {
    said: String,
}

/// `GET /staff/mail/{mail}`.
pub async fn show(
    State(pages_state): State<PagesState>,
    staff: SignedInStaff,
    Path(mail): Path<String>,
    Query(query): Query<MailDetailQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "sent" => Some("The mail is being sent again."),
        "cancelled" => Some("The mail was cancelled."),
        _ => None,
    };
    let view = pages_state.app.mail().find_mail(staff.caller(), &MailId::from(mail)).await?;
    let mail = view.mail;
    let title = mail.subject.clone().unwrap_or_else(|| "Mail".to_owned());
    let page = MailDetailPage {
        frame: StaffLayout::new(&staff, StaffArea::Mail, title)
            .with_crumb("Mail", ADDRESS)
            .with_notice(said),
        address: format!("{ADDRESS}/{}", mail.id),
        candidate: format!("/staff/tasks/{}/candidates/{}", mail.task_id, mail.candidate_id),
        template: purpose(&mail),
        recipient: mail.recipient,
        state: state_words(mail.state),
        class: state_class(mail.state),
        is_waiting: mail.state == MailState::Waiting,
        send: mail.send_at.into(),
        next: mail.due_at.filter(|_| mail.state == MailState::Waiting).map(Into::into),
        finished: mail.finished_at.map(Into::into),
        body: mail.body,
        lang: mail.lang.unwrap_or_else(|| "en".to_owned()),
        tries: view.tries.into_iter().map(one_try).collect(),
    };
    reply::page(StatusCode::OK, &page)
}

fn one_try(one: MailAttemptRow) -> MailTryRow {
    let mut said = one.outcome.as_str().to_owned();
    if let Some(status) = one.status {
        let _ = write!(said, ", {status}");
    }
    if let Some(reply) = &one.reply {
        let _ = write!(said, ": {reply}");
    }
    MailTryRow { at: one.at.into(), said }
}

/// `POST /staff/mail/{mail}/do/send`.
pub async fn send(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(mail): Path<String>,
) -> Result<Response, PageError> {
    let mail = MailId::from(mail);
    state.app.mail().resend_mail(staff.caller(), &mail).await?;
    Ok(reply::redirect(&format!("{ADDRESS}/{mail}?said=sent")))
}

/// `POST /staff/mail/{mail}/do/cancel`.
pub async fn cancel(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(mail): Path<String>,
) -> Result<Response, PageError> {
    let mail = MailId::from(mail);
    state.app.mail().cancel_mail(staff.caller(), &mail).await?;
    Ok(reply::redirect(&format!("{ADDRESS}/{mail}?said=cancelled")))
}
