//! The log of mail: what was sent to whom, how each try went, sending it again and calling it off.

use super::invitation_template::MailText;
use super::{MailAttemptRow, MailFilter, MailRow};
use crate::caller::Caller;
use crate::evaluation::can_access_task;
use crate::failure::Failure;
use crate::services::MailService;
use crate::unit_of_work::UnitOfWork;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::MailId;
use domain::mail::MailState;
use domain::role::Right;
use std::collections::HashMap;
use storage::Transaction;

/// Which part of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailQuery {
    pub filter: MailFilter,
    /// Go on behind this mail, towards older ones.
    pub behind: Option<MailId>,
    /// 1 to 100.
    pub limit: i64,
}

/// A mail with its tries. One that waits is shown as it would be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailView {
    pub mail: MailRow,
    pub tries: Vec<MailAttemptRow>,
}

/// A part of the log, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailPage {
    /// Those that wait without a text.
    pub mails: Vec<MailView>,
    pub has_more: bool,
}

impl MailService {
    /// Mail of the organization, as far as the key reaches.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `candidates:read`; `unknown_cursor`.
    pub async fn mails(&self, caller: &Caller, query: MailQuery) -> Result<MailPage, Failure> {
        let page = move |work: &mut UnitOfWork<'_>| run(work, &query);
        self.read_as(caller, Right::ReadCandidates, page).await
    }

    /// One mail with its text and tries.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `candidates:read`; [`Failure::NotFound`].
    pub async fn find_mail(&self, caller: &Caller, mail: &MailId) -> Result<MailView, Failure> {
        let mail = mail.clone();
        self.read_as(caller, Right::ReadCandidates, move |work| mail_view(work, &mail)).await
    }

    /// Sends a finished mail again at once, as it would be written now; tries count anew. One that
    /// waits stays as it is.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `candidates:write`; [`Failure::NotFound`], also when
    /// its person was deleted or erased.
    pub async fn resend_mail(&self, caller: &Caller, mail: &MailId) -> Result<MailView, Failure> {
        self.change_mail(caller, mail, storage::mail::resend).await
    }

    /// Calls off a mail that waits. One that is finished stays as it is.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `candidates:write`; [`Failure::NotFound`].
    pub async fn cancel_mail(&self, caller: &Caller, mail: &MailId) -> Result<MailView, Failure> {
        self.change_mail(caller, mail, storage::mail::cancel).await
    }

    async fn change_mail(
        &self,
        caller: &Caller,
        mail: &MailId,
        change: MailChange,
    ) -> Result<MailView, Failure> {
        let mail = mail.clone();
        self.write_as(caller, Right::WriteCandidates, move |work| {
            let row = reached(work, &mail)?;
            if row.recipient.is_none() {
                return Err(Failure::NotFound);
            }
            change(work.tx, work.organization, &mail, work.now)?;
            mail_view(work, &mail)
        })
        .await
    }
}

fn mail_view(work: &mut UnitOfWork<'_>, mail: &MailId) -> Result<MailView, Failure> {
    let mut mail = reached(work, mail)?;
    if mail.state == MailState::Waiting
        && let Ok(words) = work.app.mail().render_mail(work.tx, &mail)?
    {
        let MailText { subject, body, lang } = words;
        (mail.subject, mail.body, mail.lang) = (Some(subject), Some(body), Some(lang));
    }
    let tries = storage::mail::tries(work.tx, &mail.id)?;
    Ok(MailView { mail, tries })
}

type MailChange = fn(
    &mut dyn Transaction,
    &domain::id::OrganizationId,
    &MailId,
    domain::time::Timestamp,
) -> Result<bool, storage::StorageError>;

/// A mail of a task within the caller's limits.
fn reached(work: &mut UnitOfWork<'_>, mail: &MailId) -> Result<MailRow, Failure> {
    let mail = storage::mail::find(work.tx, work.organization, mail)?.ok_or(Failure::NotFound)?;
    if can_access_task(work.tx, work.caller, &mail.task_id, &mut HashMap::new())? {
        Ok(mail)
    } else {
        Err(Failure::NotFound)
    }
}

fn run(work: &mut UnitOfWork<'_>, query: &MailQuery) -> Result<MailPage, Failure> {
    let mut behind = match &query.behind {
        None => None,
        Some(id) => match storage::mail::find(work.tx, work.organization, id)? {
            Some(mail) => Some((mail.created_at, mail.id)),
            None => return Err(unknown_mail().into()),
        },
    };
    let most = usize::try_from(query.limit).map_err(Failure::internal)?;
    let (mut within, mut mails) = (HashMap::new(), Vec::new());
    loop {
        let from = behind.as_ref().map(|(at, id)| (*at, id));
        let rows =
            storage::mail::list(work.tx, work.organization, &query.filter, from, query.limit + 1)?;
        let is_last = rows.len() <= most;
        for mail in rows {
            behind = Some((mail.created_at, mail.id.clone()));
            if mails.len() <= most
                && can_access_task(work.tx, work.caller, &mail.task_id, &mut within)?
            {
                mails.push(mail);
            }
        }
        if is_last || mails.len() > most {
            let has_more = mails.len() > most;
            mails.truncate(most);
            let view = |mail: MailRow| {
                Ok::<_, Failure>(MailView { tries: storage::mail::tries(work.tx, &mail.id)?, mail })
            };
            return Ok(MailPage {
                mails: mails.into_iter().map(view).collect::<Result<_, _>>()?,
                has_more,
            });
        }
    }
}

fn unknown_mail() -> Fault {
    Fault::new(
        FaultLocation::query("before"),
        ErrorCode::UnknownCursor,
        "must be the id of a mail in this log",
    )
}
