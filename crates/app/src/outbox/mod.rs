//! Callbacks: what receivers are told of changed instances (REST specification, 9).
//!
//! A change and the messages about it are one transaction, so none is told that did not happen and
//! none is lost. The bytes of a message are those of its event. Who carries them is a port
//! ([`crate::ports::WebhookSender`]); when, is the [`WebhookDispatcher`]'s matter. Nothing here may
//! hold up a candidate: a change that nobody listens to costs one statement.

mod dispatcher;
mod log;
mod receiver_queues;
mod signature;

pub use dispatcher::WebhookDispatcher;
pub use log::{LoggedMessage, OutboxFilter, OutboxLogPage, OutboxLogQuery, OutboxTarget};
pub use signature::{SECRET_PREFIX, sign};

use crate::candidates::StoredCallback;
use crate::failure::Failure;
use crate::json::from_json;
use crate::ports::RngExt;
use crate::serialize::{as_listed, serialize_instance};
use crate::services::WebhookService;
use domain::callback::{CallbackResource, EventType, MessageState};
use domain::time::Timestamp;
use serde_json::value::RawValue;
use storage::Transaction;
use storage::instance::InstanceRow;
use storage::listing::ListingDetail;
use storage::outbox::{CALLBACK, MessageRecipient};
pub use storage::outbox::{OutboxAttemptRow, OutboxRow};
use storage::webhook::WebhookSecretRow;

/// Both secrets sign for this long after one was changed.
const ROTATION_MILLIS: i64 = 24 * 3_600_000;

impl WebhookService {
    /// Writes the messages about a change that was just written into the instance's row, in the
    /// same transaction.
    ///
    /// # Errors
    /// When the database cannot be read or written, or holds what does not read.
    pub(crate) fn enqueue_callbacks(
        &self,
        tx: &mut dyn Transaction,
        instance: &InstanceRow,
    ) -> Result<(), Failure> {
        let Some(event) = EventType::of(instance.change_kind) else { return Ok(()) };
        let InstanceRow { organization_id, candidate_id, change_kind, .. } = instance;
        let recipients =
            storage::outbox::recipients(tx, organization_id, candidate_id, *change_kind)?;
        if recipients.is_empty() {
            return Ok(());
        }
        // Read each time: a failover may have begun an epoch since the last message.
        let event_id = crate::change_feed::task_history(tx, &instance.task_id)?
            .issue(&instance.task_id, instance.revision);
        for recipient in recipients {
            let message = message(instance, event, &event_id, recipient)?;
            storage::outbox::insert(tx, &message)?;
        }
        Ok(())
    }

    /// The secrets that sign for an owner, the newest first. The first one is made when it is asked
    /// for.
    fn signing_secrets(
        &self,
        tx: &mut dyn Transaction,
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<WebhookSecretRow>, Failure> {
        let secrets = storage::webhook::secrets(tx, owner, now)?;
        if !secrets.is_empty() {
            return Ok(secrets);
        }
        self.rotate_secret(tx, owner, now)?;
        Ok(storage::webhook::secrets(tx, owner, now)?)
    }

    /// Gives an owner a new secret; the one before it signs as well for a day.
    pub(crate) fn rotate_secret(
        &self,
        tx: &mut dyn Transaction,
        owner: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let secret = self.rng().bytes::<32>();
        storage::webhook::add_secret(tx, owner, &secret, now, now.plus_millis(ROTATION_MILLIS))?;
        Ok(())
    }

    /// The newest secret of an owner as it is shown.
    pub(crate) fn displayed_secret(
        &self,
        tx: &mut dyn Transaction,
        owner: &str,
        now: Timestamp,
    ) -> Result<String, Failure> {
        let secrets = self.signing_secrets(tx, owner, now)?;
        let newest = secrets
            .first()
            .ok_or_else(|| Failure::internal("a secret was made and is not there"))?;
        Ok(signature::display_secret(&newest.secret))
    }
}

fn message(
    instance: &InstanceRow,
    event: EventType,
    event_id: &str,
    to: MessageRecipient,
) -> Result<OutboxRow, Failure> {
    let (target, lane, url, body) = match to {
        MessageRecipient::Callback(text) => {
            let callback: StoredCallback<'_> = from_json(&text)?;
            let body = body(instance, event, callback.params, callback.resource);
            (
                CALLBACK.to_owned(),
                receiver_queues::callback_queue_key(&instance.organization_id, &callback.url),
                Some(callback.url),
                body,
            )
        }
        MessageRecipient::Webhook { id, resource } => {
            let none = RawValue::from_string("{}".to_owned()).map_err(Failure::internal)?;
            (id.clone(), id, None, body(instance, event, &none, resource))
        }
    };
    Ok(OutboxRow {
        target,
        event_id: event_id.to_owned(),
        organization_id: instance.organization_id.clone(),
        task_id: instance.task_id.clone(),
        instance_id: instance.id.clone(),
        candidate_id: instance.candidate_id.clone(),
        kind: instance.change_kind,
        at: instance.changed_at,
        lane,
        url,
        body: Some(body),
        state: MessageState::Pending,
        tries: 0,
        tries_before: 0,
        due_at: Some(instance.changed_at),
        finished_at: None,
    })
}

fn body(
    instance: &InstanceRow,
    event: EventType,
    params: &RawValue,
    resource: CallbackResource,
) -> String {
    let mode = match resource {
        CallbackResource::Basic => ListingDetail::Basic,
        CallbackResource::Detailed => ListingDetail::Detailed,
    };
    let mut body = format!(
        "{{\"type\":\"{event}\",\"timestamp\":\"{}\",\"data\":{{\"params\":{params},\"testInstance\":",
        instance.changed_at.rfc3339()
    );
    serialize_instance(
        &instance.organization_id,
        &instance.task_id,
        &as_listed(instance, mode),
        &mut body,
    );
    body.push_str("}}");
    body
}
