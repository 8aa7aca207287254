//! Mail as it is shown.

use crate::openapi::EnumWord;
use app::mail::{MailAttemptRow, MailRow as Row, MailView};
use domain::mail::{MailKind, MailOutcome, MailState};
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

type MailKindWord = EnumWord<MailKind>;
type MailStateWord = EnumWord<MailState>;
type MailOutcomeWord = EnumWord<MailOutcome>;

/// One mail to one address: an invitation, or the confirmation of a submission.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Mail)]
pub(in crate::management) struct ManagedMail {
    /// Id of the mail.
    mail_id: String,
    /// Id of the task.
    task_id: String,
    /// Id of the candidate.
    candidate_id: String,
    /// Whether it invites, or confirms what was submitted.
    #[schema(inline)]
    kind: MailKindWord,
    /// The template it was written by; null for a confirmation.
    email_template_name: Option<String>,
    /// Id of the instance whose submission it confirms; null for an invitation.
    test_instance_id: Option<String>,
    /// Null once the candidate was deleted or erased.
    recipient: Option<String>,
    /// Whether it waits, was sent, was kept for want of a mail server, failed for good or was
    /// cancelled.
    #[schema(inline)]
    state: MailStateWord,
    /// When it was made, in seconds since the epoch.
    created_at: i64,
    /// Not sent before this moment.
    send_at: i64,
    /// Of the next try, while it waits.
    due_at: Option<i64>,
    /// When it was sent or given up, in seconds since the epoch; null before.
    finished_at: Option<i64>,
    /// Every try to hand it to the mail server, oldest first.
    tries: Vec<MailTryItem>,
}

/// A mail with its text: as it was sent, or while it waits as it would be sent now.
#[derive(Serialize, ToSchema)]
#[schema(as = MailWithText)]
pub(in crate::management) struct MailWithText {
    /// The mail.
    mail: ManagedMail,
    /// Its subject; null once the candidate was deleted or erased.
    subject: Option<String>,
    /// Its text; null once the candidate was deleted or erased.
    text: Option<String>,
}

/// One try to hand a mail to the mail server.
#[derive(Serialize, ToSchema)]
#[schema(as = MailTry)]
struct MailTryItem {
    /// From 1.
    n: i64,
    /// When it was made, in seconds since the epoch.
    at: i64,
    /// What became of the try.
    #[schema(inline)]
    outcome: MailOutcomeWord,
    /// Of the mail server's answer, if there was one.
    status: Option<i64>,
    /// What the mail server said, or what was wrong.
    reply: Option<String>,
    /// How long it took, in milliseconds.
    millis: i64,
}

impl ManagedMail {
    pub(super) fn of(row: Row, tries: Vec<MailAttemptRow>) -> Self {
        Self {
            mail_id: row.id.to_string(),
            task_id: row.task_id.to_string(),
            candidate_id: row.candidate_id.to_string(),
            kind: row.kind().into(),
            email_template_name: Some(row.template).filter(|_| row.instance_id.is_none()),
            test_instance_id: row.instance_id.map(|id| id.to_string()),
            recipient: row.recipient,
            state: row.state.into(),
            created_at: row.created_at.seconds(),
            send_at: row.send_at.seconds(),
            due_at: row.due_at.map(Timestamp::seconds),
            finished_at: row.finished_at.map(Timestamp::seconds),
            tries: tries.into_iter().map(MailTryItem::from).collect(),
        }
    }
}

impl From<MailView> for ManagedMail {
    fn from(view: MailView) -> Self {
        Self::of(view.mail, view.tries)
    }
}

impl From<MailView> for MailWithText {
    fn from(mut view: MailView) -> Self {
        let (subject, text) = (view.mail.subject.take(), view.mail.body.take());
        Self { mail: view.into(), subject, text }
    }
}

impl From<MailAttemptRow> for MailTryItem {
    fn from(entry: MailAttemptRow) -> Self {
        let MailAttemptRow { n, at, outcome, status, reply, millis, .. } = entry;
        Self { n, at: at.seconds(), outcome: outcome.into(), status, reply, millis }
    }
}
