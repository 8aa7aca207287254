//! The outbox of callbacks: what is due, how it is sent, and what is written down of it.

use super::receiver_queues::{ReceiverQueues, Recovery};
use super::signature::sign;
use crate::App;
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::Actor;
use crate::dispatch::{ClaimedEntry, Dispatcher, Outbox, Sending, failed_attempts};
use crate::failure::Failure;
use crate::ports::{WebhookAttempt, WebhookRequest, WebhookSender};
use crate::services::WebhookService;
use domain::callback::{CallbackOutcome, MessageState, next_attempt_at};
use domain::time::Timestamp;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use storage::Transaction;
use storage::outbox::{CALLBACK, OutboxAttemptRow, OutboxRow};
use tokio::task::JoinError;

/// How long a claimed message is left to whoever claimed it, in milliseconds: longer than a try may
/// take.
const LEASE_MILLIS: i64 = 60_000;
/// Messages of a lane that is well again, brought forward in one transaction.
const BROUGHT_AT_ONCE: i64 = 200;
/// Messages for a receiver that is switched off, dropped with one claim.
const DROPPED_AT_ONCE: i64 = 250;
/// How long finished messages stay for the log and for replay, in milliseconds.
const RETENTION_MILLIS: i64 = 30 * 24 * 3_600_000;
const PRUNED_AT_ONCE: i64 = 500;

/// The outbox of callbacks, who carries them, and what this server knows of the receivers.
pub struct WebhookOutbox {
    sender: Arc<dyn WebhookSender>,
    queues: ReceiverQueues,
    /// Lanes that are well again and may have messages that wait.
    recovered: Vec<(String, Recovery)>,
}

/// Sends callbacks.
pub type WebhookDispatcher = Dispatcher<WebhookOutbox>;

impl WebhookDispatcher {
    #[must_use]
    pub fn new(app: App, sender: Arc<dyn WebhookSender>) -> Self {
        let queues = ReceiverQueues::default();
        Self::of(app, WebhookOutbox { sender, queues, recovered: Vec::new() })
    }
}

impl Outbox for WebhookOutbox {
    type Entry = OutboxRow;
    type Request = WebhookRequest;
    type Attempt = WebhookAttempt;
    /// The lanes with the moment when the earliest of each is due.
    type Waiting = Vec<(String, Timestamp)>;
    /// How many messages of which lanes.
    type Quota = Vec<(String, usize)>;

    const NAME: &'static str = "callbacks";
    const PERIOD: Duration = Duration::from_millis(250);
    const PRUNE_PERIOD: Duration = Duration::from_secs(3600);
    const GRACE: Duration = Duration::from_secs(5);

    fn waiting(tx: &mut dyn Transaction) -> Result<Self::Waiting, Failure> {
        Ok(storage::outbox::lanes(tx)?)
    }

    fn note_lag(&self, app: &App, waiting: &Self::Waiting, now: Timestamp) {
        let earliest = waiting.iter().map(|(_, due_at)| *due_at).min();
        app.meters().note_callback_lag(earliest, now);
    }

    fn quota(&self, waiting: Self::Waiting, _: usize, now: Timestamp) -> Option<Self::Quota> {
        Some(self.queues.quotas(waiting, now)).filter(|quotas| !quotas.is_empty())
    }

    fn claim(
        app: &App,
        tx: &mut dyn Transaction,
        quotas: &Self::Quota,
        now: Timestamp,
    ) -> Result<Vec<ClaimedEntry<Self>>, Failure> {
        app.webhooks().claim_callbacks(tx, quotas, now)
    }

    fn begin(&mut self, message: &OutboxRow) {
        self.queues.begin(&message.lane);
    }

    fn send(&self, request: WebhookRequest) -> Sending<WebhookAttempt> {
        let sender = self.sender.clone();
        Box::pin(async move { sender.send(request).await })
    }

    fn end(&mut self, app: &App, message: &OutboxRow, attempt: &WebhookAttempt) {
        app.meters().note_callback(attempt);
        let resumes_at = attempt.obeyed_retry_after().map(|wanted| wanted.resolve(app.now()));
        let is_failing = attempt.outcome != CallbackOutcome::Delivered;
        let recovery = self.queues.end(&message.lane, &message.event_id, is_failing, resumes_at);
        self.recovered.extend(recovery.map(|recovery| (message.lane.clone(), recovery)));
    }

    fn abandon(&mut self, message: &OutboxRow, error: &JoinError) {
        tracing::error!(%error, "a callback ended unexpectedly; it is tried again when its lease is over");
        self.queues.end(&message.lane, "", true, None);
    }

    fn settle(
        app: &App,
        tx: &mut dyn Transaction,
        returned: &[(OutboxRow, WebhookAttempt)],
        now: Timestamp,
    ) -> Result<(), Failure> {
        app.webhooks().settle_callbacks(tx, returned, now)
    }

    /// What failed while a receiver was away does not wait for the rest of its backoff once the
    /// receiver is well again. Only what is due behind the end of a lease: whatever is due before
    /// comes soon, or is under way at another server.
    async fn after_settling(&mut self, app: &App) -> Result<(), Failure> {
        while let Some((lane, recovery)) = self.recovered.last().cloned() {
            let now = app.now();
            let (after, most) = (now.plus_millis(LEASE_MILLIS), recovery.most_failures());
            let write = move |tx: &mut dyn Transaction| {
                Ok::<_, Failure>(storage::outbox::bring_forward(
                    tx,
                    &lane,
                    now,
                    after,
                    most,
                    BROUGHT_AT_ONCE,
                )?)
            };
            if app.storage().write(write).await? < BROUGHT_AT_ONCE.unsigned_abs() {
                self.recovered.pop();
            }
        }
        Ok(())
    }

    async fn prune(&self, app: &App) -> Result<(), Failure> {
        app.webhooks().prune_outbox().await
    }
}

impl WebhookService {
    /// Sends what is due until `shutdown` is ready, then waits a little for what is under way.
    pub async fn run_callbacks(
        &self,
        sender: Arc<dyn WebhookSender>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        WebhookDispatcher::new(self.app(), sender).run(shutdown).await;
    }

    /// Sends what is due at this moment and waits for how it went. Gives the number of tries.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn deliver_due(&self, sender: Arc<dyn WebhookSender>) -> Result<usize, Failure> {
        WebhookDispatcher::new(self.app(), sender).run_until_idle().await
    }

    /// Removes what was finished long ago.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn prune_outbox(&self) -> Result<(), Failure> {
        if !self.may_destroy() {
            return Ok(());
        }
        let before = self.now().plus_millis(-RETENTION_MILLIS);
        loop {
            let write = move |tx: &mut dyn Transaction| {
                Ok::<_, Failure>(storage::outbox::prune(tx, before, PRUNED_AT_ONCE)?)
            };
            if self.storage().write(write).await? == 0 {
                return Ok(());
            }
        }
    }

    /// Claims messages of these lanes. What nobody wants any more is dropped instead.
    fn claim_callbacks(
        &self,
        tx: &mut dyn Transaction,
        quotas: &[(String, usize)],
        now: Timestamp,
    ) -> Result<Vec<ClaimedEntry<WebhookOutbox>>, Failure> {
        let mut claimed = Vec::new();
        for (lane, free_slots) in quotas {
            // A webhook's lane has its name; the lanes of callbacks are named otherwise.
            let webhook = storage::webhook::find_any(tx, lane)?;
            let is_off = webhook
                .as_ref()
                .is_some_and(|webhook| !webhook.active || webhook.deleted_at.is_some());
            let limit = if is_off {
                DROPPED_AT_ONCE
            } else {
                i64::try_from(*free_slots).map_err(Failure::internal)?
            };
            for mut message in
                storage::outbox::claim(tx, lane, now, now.plus_millis(LEASE_MILLIS), limit)?
            {
                let url = webhook
                    .as_ref()
                    .map(|webhook| webhook.url.clone())
                    .or_else(|| message.url.clone());
                let Some((url, body)) = url.zip(message.body.take()).filter(|_| !is_off) else {
                    storage::outbox::record_attempt(
                        tx,
                        &message,
                        MessageState::Dropped,
                        None,
                        Some(now),
                    )?;
                    continue;
                };
                claimed.push(self.signed_request(tx, message, url, body, now)?);
            }
        }
        Ok(claimed)
    }

    fn signed_request(
        &self,
        tx: &mut dyn Transaction,
        message: OutboxRow,
        url: String,
        body: String,
        now: Timestamp,
    ) -> Result<ClaimedEntry<WebhookOutbox>, Failure> {
        let owner = match message.target.as_str() {
            CALLBACK => message.organization_id.as_str(),
            webhook => webhook,
        };
        let secrets = self.signing_secrets(tx, owner, now)?;
        let (id, seconds) = (message.event_id.clone(), now.seconds());
        let signature =
            sign(secrets.iter().map(|secret| secret.secret.as_slice()), &id, seconds, &body);
        let request = WebhookRequest { url, id, seconds, signature, body };
        Ok(ClaimedEntry { entry: message, request: Ok(request) })
    }

    /// Writes down how tries went.
    fn settle_callbacks(
        &self,
        tx: &mut dyn Transaction,
        returned: &[(OutboxRow, WebhookAttempt)],
        now: Timestamp,
    ) -> Result<(), Failure> {
        for (message, reply) in returned {
            let (state, due_at) = self.verdict(message, reply, now);
            let finished_at = (state != MessageState::Pending).then_some(now);
            if !storage::outbox::record_attempt(tx, message, state, due_at, finished_at)? {
                continue;
            }
            storage::outbox::log(tx, &entry(message, reply, now))?;
            if reply.outcome == CallbackOutcome::Gone {
                retire(tx, message, now)?;
            }
            match state {
                MessageState::Delivered => {
                    self.record_end(tx, AuditEventKind::CallbackSent, message, reply, now)?
                }
                MessageState::Failed => {
                    self.record_end(tx, AuditEventKind::CallbackFailed, message, reply, now)?
                }
                MessageState::Pending | MessageState::Dropped => {}
            }
        }
        Ok(())
    }

    fn verdict(
        &self,
        message: &OutboxRow,
        reply: &WebhookAttempt,
        now: Timestamp,
    ) -> (MessageState, Option<Timestamp>) {
        match reply.outcome {
            CallbackOutcome::Delivered => (MessageState::Delivered, None),
            CallbackOutcome::Gone => (MessageState::Failed, None),
            CallbackOutcome::Refused
            | CallbackOutcome::TimedOut
            | CallbackOutcome::Unreachable
            | CallbackOutcome::Forbidden => {
                let failures = failed_attempts(message.tries, message.tries_before);
                let next =
                    next_attempt_at(failures, now, reply.obeyed_retry_after(), self.random_u64());
                (if next.is_some() { MessageState::Pending } else { MessageState::Failed }, next)
            }
        }
    }

    fn record_end(
        &self,
        tx: &mut dyn Transaction,
        kind: AuditEventKind,
        message: &OutboxRow,
        reply: &WebhookAttempt,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let doer = ActorContext {
            organization: message.organization_id.clone(),
            actor: Actor::system(),
            request: None,
        };
        let event = AuditEvent::of_organization(kind)
            .about("instanceId", &message.instance_id)
            .about("taskId", &message.task_id)
            .about("target", &message.target)
            .with("try", message.tries)
            .with("outcome", reply.outcome);
        self.record_event(tx, now, &doer, event)
    }
}

/// A webhook whose receiver is gone is switched off; what still waits for it is dropped when it is
/// claimed.
fn retire(tx: &mut dyn Transaction, message: &OutboxRow, now: Timestamp) -> Result<(), Failure> {
    let webhook = storage::webhook::find_any(tx, &message.target)?;
    if let Some(webhook) = webhook.filter(|webhook| webhook.active) {
        let gone = storage::webhook::WebhookRow { active: false, gone_at: Some(now), ..webhook };
        storage::webhook::update(tx, &gone)?;
    }
    Ok(())
}

fn entry(message: &OutboxRow, reply: &WebhookAttempt, now: Timestamp) -> OutboxAttemptRow {
    OutboxAttemptRow {
        target: message.target.clone(),
        event_id: message.event_id.clone(),
        n: message.tries,
        at: now,
        outcome: reply.outcome,
        status: reply.status.map(i64::from),
        millis: i64::try_from(reply.taken.as_millis()).unwrap_or(i64::MAX),
    }
}
