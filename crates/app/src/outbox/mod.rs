//! Callbacks: what receivers are told of changed instances (REST specification, 9).
//!
//! A change and the messages about it are one transaction, so none is told that did not happen and none is lost. The
//! bytes of a message are those of its event. Who carries them is a port ([`crate::ports::Postman`]); when, is the
//! [`Dispatcher`]'s matter. Nothing here may hold up a candidate: a change that nobody listens to costs one statement.

mod dispatch;
mod lanes;
mod log;
mod signature;

pub use dispatch::Dispatcher;
pub use log::{Filter, LogQuery, LogRun, Logged, Target};
pub use signature::{SECRET_PREFIX, sign};

use crate::App;
use crate::candidates::KeptCallback;
use crate::failure::Failure;
use crate::json::from_json;
use crate::ports::Draw;
use crate::printed::{listed, print_instance};
use domain::callback::{EventType, MessageState, Resource};
use domain::time::Timestamp;
use serde_json::value::RawValue;
use storage::Transaction;
use storage::instance::Instance;
use storage::listing::Mode;
use storage::outbox::{CALLBACK, Recipient};
pub use storage::outbox::{Message, Try};
use storage::webhook::Secret;

/// Both secrets sign for this long after one was changed.
const ROTATION_MILLIS: i64 = 24 * 3_600_000;

impl App {
    /// Writes the messages about a change that was just written into the instance's row, in the same transaction.
    ///
    /// # Errors
    /// When the database cannot be read or written, or holds what does not read.
    pub(crate) fn announce(&self, tx: &mut dyn Transaction, instance: &Instance) -> Result<(), Failure> {
        let Some(event) = EventType::of(instance.change_kind) else { return Ok(()) };
        let Instance { organization_id, candidate_id, change_kind, .. } = instance;
        let recipients = storage::outbox::recipients(tx, organization_id, candidate_id, *change_kind)?;
        if recipients.is_empty() {
            return Ok(());
        }
        // Read each time: a failover may have begun an epoch since the last message.
        let event_id = crate::feed::history(tx, &instance.task_id)?.issue(&instance.task_id, instance.revision);
        for recipient in recipients {
            let message = message(instance, event, &event_id, recipient)?;
            storage::outbox::insert(tx, &message)?;
        }
        Ok(())
    }

    /// The secrets that sign for an owner, the newest first. The first one is made when it is asked for.
    fn signing_secrets(&self, tx: &mut dyn Transaction, owner: &str, now: Timestamp) -> Result<Vec<Secret>, Failure> {
        let secrets = storage::webhook::secrets(tx, owner, now)?;
        if !secrets.is_empty() {
            return Ok(secrets);
        }
        self.renew_secret(tx, owner, now)?;
        Ok(storage::webhook::secrets(tx, owner, now)?)
    }

    /// Gives an owner a new secret; the one before it signs as well for a day.
    pub(crate) fn renew_secret(&self, tx: &mut dyn Transaction, owner: &str, now: Timestamp) -> Result<(), Failure> {
        let secret = self.chance().bytes::<32>();
        storage::webhook::add_secret(tx, owner, &secret, now, now.plus_millis(ROTATION_MILLIS))?;
        Ok(())
    }

    /// The newest secret of an owner as it is shown.
    pub(crate) fn shown_secret(
        &self,
        tx: &mut dyn Transaction,
        owner: &str,
        now: Timestamp,
    ) -> Result<String, Failure> {
        let secrets = self.signing_secrets(tx, owner, now)?;
        let newest = secrets.first().ok_or_else(|| Failure::internal("a secret was made and is not there"))?;
        Ok(signature::shown(&newest.secret))
    }
}

fn message(instance: &Instance, event: EventType, event_id: &str, to: Recipient) -> Result<Message, Failure> {
    let (target, lane, url, body) = match to {
        Recipient::Callback(text) => {
            let callback: KeptCallback<'_> = from_json(&text)?;
            let body = body(instance, event, callback.params, callback.resource);
            (
                CALLBACK.to_owned(),
                lanes::of_callback(&instance.organization_id, &callback.url),
                Some(callback.url),
                body,
            )
        }
        Recipient::Webhook { id, resource } => {
            let none = RawValue::from_string("{}".to_owned()).map_err(Failure::internal)?;
            (id.clone(), id, None, body(instance, event, &none, resource))
        }
    };
    Ok(Message {
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

fn body(instance: &Instance, event: EventType, params: &RawValue, resource: Resource) -> String {
    let mode = match resource {
        Resource::Basic => Mode::Basic,
        Resource::Detailed => Mode::Detailed,
    };
    let mut body = format!(
        "{{\"type\":\"{event}\",\"timestamp\":\"{}\",\"data\":{{\"params\":{params},\"testInstance\":",
        instance.changed_at.rfc3339()
    );
    print_instance(&instance.organization_id, &instance.task_id, &listed(instance, mode), &mut body);
    body.push_str("}}");
    body
}
