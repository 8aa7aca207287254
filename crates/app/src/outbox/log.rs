//! The log of messages: what was sent to whom, how each try went, and sending it again.

use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::WebhookService;
use crate::unit_of_work::UnitOfWork;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::{OrganizationId, WebhookId};
use domain::time::Timestamp;
use storage::Transaction;
pub use storage::outbox::OutboxFilter;
use storage::outbox::{CALLBACK, OutboxAttemptRow, OutboxRow};

/// Whom messages go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxTarget {
    /// The callbacks of candidates.
    Callback,
    Webhook(WebhookId),
}

impl From<&str> for OutboxTarget {
    fn from(text: &str) -> Self {
        if text == CALLBACK { Self::Callback } else { Self::Webhook(text.into()) }
    }
}

impl OutboxTarget {
    fn as_str(&self) -> &str {
        match self {
            Self::Callback => CALLBACK,
            Self::Webhook(id) => id.as_str(),
        }
    }

    /// ExactCandidateFilter secrets sign.
    fn owner<'a>(&'a self, organization: &'a OrganizationId) -> &'a str {
        match self {
            Self::Callback => organization.as_str(),
            Self::Webhook(id) => id.as_str(),
        }
    }

    fn check(
        &self,
        tx: &mut dyn Transaction,
        organization: &OrganizationId,
    ) -> Result<(), Failure> {
        match self {
            Self::Callback => Ok(()),
            Self::Webhook(id) => {
                storage::webhook::find(tx, organization, id)?.ok_or(Failure::NotFound)?;
                Ok(())
            }
        }
    }
}

/// Which part of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxLogQuery {
    pub filter: OutboxFilter,
    /// Go on behind this event, towards older ones.
    pub behind: Option<String>,
    /// 1 to 100.
    pub limit: i64,
}

/// A message with its tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedMessage {
    pub message: OutboxRow,
    pub tries: Vec<OutboxAttemptRow>,
}

/// A part of a log, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxLogPage {
    pub messages: Vec<LoggedMessage>,
    pub has_more: bool,
}

impl WebhookService {
    /// What was sent to a target, or waits to be.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`] for the webhook;
    /// `unknown_cursor`.
    pub async fn messages(
        &self,
        caller: &Caller,
        target: &OutboxTarget,
        query: OutboxLogQuery,
    ) -> Result<OutboxLogPage, Failure> {
        caller.require_whole_organization()?;
        let target = target.clone();
        self.read_for(caller, move |work| {
            let (organization, name) = (work.organization, target.as_str());
            target.check(work.tx, organization)?;
            let behind = match &query.behind {
                None => None,
                Some(event) => match storage::outbox::find(work.tx, organization, name, event)? {
                    Some(message) => Some((message.at, event.as_str())),
                    None => return Err(unknown_event().into()),
                },
            };
            let (filter, limit) = (&query.filter, query.limit + 1);
            let mut rows =
                storage::outbox::list(work.tx, organization, name, filter, behind, limit)?;
            let most = usize::try_from(query.limit).map_err(Failure::internal)?;
            let has_more = rows.len() > most;
            rows.truncate(most);
            let logged = |message: OutboxRow| {
                let tries = storage::outbox::tries(work.tx, &message.target, &message.event_id)?;
                Ok::<_, Failure>(LoggedMessage { message, tries })
            };
            Ok(OutboxLogPage {
                messages: rows.into_iter().map(logged).collect::<Result<_, _>>()?,
                has_more,
            })
        })
        .await
    }

    /// Sends a finished message again: same id, same bytes, tries counted anew.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`] for webhook and
    /// message, and for one whose person was erased.
    pub async fn replay_message(
        &self,
        caller: &Caller,
        target: &OutboxTarget,
        event: &str,
    ) -> Result<LoggedMessage, Failure> {
        caller.require_whole_organization()?;
        let (target, event) = (target.clone(), event.to_owned());
        self.write_for(caller, move |work| {
            target.check(work.tx, work.organization)?;
            let name = target.as_str();
            storage::outbox::replay(work.tx, work.organization, name, &event, work.now)?;
            let message = storage::outbox::find(work.tx, work.organization, name, &event)?;
            // One that waits already is fine as it is.
            let message =
                message.filter(|message| message.body.is_some()).ok_or(Failure::NotFound)?;
            let tries = storage::outbox::tries(work.tx, name, &event)?;
            Ok(LoggedMessage { message, tries })
        })
        .await
    }

    /// Sends all finished messages of a filter again, in batches. Gives how many. Asked again after
    /// the server ended in the middle, it sends the others; those that were delivered meanwhile go
    /// once more, under the same id.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`] for the webhook.
    pub async fn replay_messages(
        &self,
        caller: &Caller,
        target: &OutboxTarget,
        filter: OutboxFilter,
    ) -> Result<u64, Failure> {
        caller.require_whole_organization()?;
        let most = self.settings().batch_size;
        let (mut replayed, mut behind) = (0, (Timestamp(i64::MIN), String::new()));
        loop {
            let (receiver, filter) = (target.clone(), filter.clone());
            let read = move |work: &mut UnitOfWork<'_>| {
                let (organization, name) = (work.organization, receiver.as_str());
                receiver.check(work.tx, organization)?;
                Ok(storage::outbox::finished(work.tx, organization, name, &filter, &behind, most)?)
            };
            let (events, end) = self.read_for(caller, read).await?;
            if !events.is_empty() {
                replayed += self.replay_batch(caller, target, events).await?;
            }
            let Some(end) = end else { return Ok(replayed) };
            behind = end;
        }
    }

    async fn replay_batch(
        &self,
        caller: &Caller,
        target: &OutboxTarget,
        events: Vec<String>,
    ) -> Result<u64, Failure> {
        let target = target.clone();
        self.write_for(caller, move |work| {
            let mut replayed = 0;
            for event in &events {
                replayed += u64::from(storage::outbox::replay(
                    work.tx,
                    work.organization,
                    target.as_str(),
                    event,
                    work.now,
                )?);
            }
            Ok(replayed)
        })
        .await
    }

    /// The newest secret that signs for a target.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `manage`; [`Failure::NotFound`] for the webhook.
    pub async fn callback_secret(
        &self,
        caller: &Caller,
        target: &OutboxTarget,
    ) -> Result<String, Failure> {
        self.secret(caller, target, false).await
    }

    /// Gives a target a new secret; for a day messages are signed by the one before it as well.
    ///
    /// # Errors
    /// As [`WebhookService::callback_secret`].
    pub async fn rotate_callback_secret(
        &self,
        caller: &Caller,
        target: &OutboxTarget,
    ) -> Result<String, Failure> {
        self.secret(caller, target, true).await
    }

    async fn secret(
        &self,
        caller: &Caller,
        target: &OutboxTarget,
        is_renewed: bool,
    ) -> Result<String, Failure> {
        caller.require_whole_organization()?;
        let target = target.clone();
        self.write_for(caller, move |work| {
            target.check(work.tx, work.organization)?;
            let owner = target.owner(work.organization);
            if is_renewed {
                work.app.webhooks().rotate_secret(work.tx, owner, work.now)?;
                let event = crate::webhooks::webhooks_changed_event("secret_rotated")
                    .about("target", target.as_str());
                work.record_event(event)?;
            }
            work.app.webhooks().displayed_secret(work.tx, owner, work.now)
        })
        .await
    }
}

fn unknown_event() -> Fault {
    Fault::new(
        FaultLocation::query("before"),
        ErrorCode::UnknownCursor,
        "must be the id of a message in this log",
    )
}
