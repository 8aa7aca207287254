//! The log of messages: what was sent to whom, how each try went, and sending it again.

use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::WebhookService;
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
        let (organization, target) = (caller.organization.clone(), target.clone());
        let read = move |tx: &mut dyn Transaction| {
            target.check(tx, &organization)?;
            let behind = match &query.behind {
                None => None,
                Some(event) => {
                    match storage::outbox::find(tx, &organization, target.as_str(), event)? {
                        Some(message) => Some((message.at, event.as_str())),
                        None => return Err(unknown_event().into()),
                    }
                }
            };
            let (name, filter) = (target.as_str(), &query.filter);
            let mut rows =
                storage::outbox::list(tx, &organization, name, filter, behind, query.limit + 1)?;
            let most = usize::try_from(query.limit).map_err(Failure::internal)?;
            let has_more = rows.len() > most;
            rows.truncate(most);
            let logged = |message: OutboxRow| {
                let tries = storage::outbox::tries(tx, &message.target, &message.event_id)?;
                Ok::<_, Failure>(LoggedMessage { message, tries })
            };
            Ok(OutboxLogPage {
                messages: rows.into_iter().map(logged).collect::<Result<_, _>>()?,
                has_more,
            })
        };
        self.storage().read(read).await
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
        let now = self.now();
        let (organization, target, event) =
            (caller.organization.clone(), target.clone(), event.to_owned());
        let write = move |tx: &mut dyn Transaction| {
            target.check(tx, &organization)?;
            let name = target.as_str();
            storage::outbox::replay(tx, &organization, name, &event, now)?;
            let message = storage::outbox::find(tx, &organization, name, &event)?;
            // One that waits already is fine as it is.
            let message =
                message.filter(|message| message.body.is_some()).ok_or(Failure::NotFound)?;
            let tries = storage::outbox::tries(tx, name, &event)?;
            Ok(LoggedMessage { message, tries })
        };
        self.storage().write(write).await
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
            let (organization, of, filter) =
                (caller.organization.clone(), target.clone(), filter.clone());
            let read = move |tx: &mut dyn Transaction| {
                of.check(tx, &organization)?;
                Ok::<_, Failure>(storage::outbox::finished(
                    tx,
                    &organization,
                    of.as_str(),
                    &filter,
                    &behind,
                    most,
                )?)
            };
            let (events, end) = self.storage().read(read).await?;
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
        let (organization, target, now) = (caller.organization.clone(), target.clone(), self.now());
        let write = move |tx: &mut dyn Transaction| {
            let mut replayed = 0;
            for event in &events {
                replayed += u64::from(storage::outbox::replay(
                    tx,
                    &organization,
                    target.as_str(),
                    event,
                    now,
                )?);
            }
            Ok(replayed)
        };
        self.storage().write(write).await
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
        let now = self.now();
        let (app, caller, target) = (self.clone(), caller.clone(), target.clone());
        let write = move |tx: &mut dyn Transaction| {
            target.check(tx, &caller.organization)?;
            let owner = target.owner(&caller.organization);
            if is_renewed {
                app.rotate_secret(tx, owner, now)?;
                let event = crate::webhooks::webhooks_changed_event("secret_rotated")
                    .about("target", target.as_str());
                app.record_event(tx, now, &caller, event)?;
            }
            app.displayed_secret(tx, owner, now)
        };
        self.storage().write(write).await
    }
}

fn unknown_event() -> Fault {
    Fault::new(
        FaultLocation::query("before"),
        ErrorCode::UnknownCursor,
        "must be the id of a message in this log",
    )
}
