//! Sending: claiming what is due, handing it to the postman, and writing down how it went.
//!
//! Several servers may do so at once. A claim is a lease; a server that goes away is followed by
//! another when its leases are over. Delivery is at least once: an answer that could not be written
//! down is asked for again.

use super::receiver_queues::{ReceiverQueues, Recovery};
use super::signature::sign;
use crate::App;
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::Actor;
use crate::failure::Failure;
use crate::ports::{WebhookAttempt, WebhookRequest, WebhookSender};
use domain::callback::{CallbackOutcome, MessageState, next_attempt_at};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use storage::Transaction;
use storage::outbox::{CALLBACK, OutboxAttemptRow, OutboxRow};
use tokio::task::{Id, JoinError, JoinSet};

/// How often the background loop looks.
const PERIOD: Duration = Duration::from_millis(250);
/// How long a claimed message is left to whoever claimed it, in milliseconds: longer than a try may
/// take.
const LEASE_MILLIS: i64 = 60_000;
/// Messages of a lane that is well again, brought forward in one transaction.
const BROUGHT_AT_ONCE: i64 = 200;
/// Messages for a receiver that is switched off, dropped with one claim.
const DROPPED_AT_ONCE: i64 = 250;
/// How long finished messages stay for the log and for replay, in milliseconds.
const RETENTION_MILLIS: i64 = 30 * 24 * 3_600_000;
const PRUNE_PERIOD: Duration = Duration::from_secs(3600);
const PRUNED_AT_ONCE: i64 = 500;
/// How long what is under way may go on once the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// One server's hands: what it has under way, and what it knows of the receivers.
pub struct WebhookDispatcher {
    app: App,
    postman: Arc<dyn WebhookSender>,
    lanes: ReceiverQueues,
    under_way: JoinSet<(OutboxRow, WebhookAttempt)>,
    lanes_under_way: HashMap<Id, String>,
    /// Came back and is not written down yet.
    returned: Vec<(OutboxRow, WebhookAttempt)>,
    /// Lanes that are well again and may have messages that wait.
    recovered: Vec<(String, Recovery)>,
}

/// A claimed message with what it is sent with.
struct ClaimedMessage {
    message: OutboxRow,
    letter: WebhookRequest,
}

impl App {
    /// Sends what is due until `shutdown` is ready, then waits a little for what is under way.
    pub async fn run_callbacks(
        &self,
        postman: Arc<dyn WebhookSender>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        let mut dispatcher = WebhookDispatcher::new(self.clone(), postman);
        let mut shutdown = std::pin::pin!(shutdown);
        let (mut ticks, mut prunes) = (interval(PERIOD), interval(PRUNE_PERIOD));
        loop {
            let outcome = tokio::select! {
                () = &mut shutdown => break,
                _ = ticks.tick() => dispatcher.run_round().await,
                _ = prunes.tick() => self.prune_outbox().await,
                () = dispatcher.wait_for_attempts(), if dispatcher.is_busy() => dispatcher.run_round().await,
            };
            if let Err(failure) = outcome {
                tracing::error!(%failure, "callbacks could not be seen to");
            }
        }
        dispatcher.end().await;
    }

    /// Sends what is due at this moment and waits for how it went. Gives the number of tries.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn deliver_due(&self, postman: Arc<dyn WebhookSender>) -> Result<usize, Failure> {
        let mut dispatcher = WebhookDispatcher::new(self.clone(), postman);
        let mut tries = 0;
        loop {
            let begun = dispatcher.dispatch().await?;
            tries += begun;
            while dispatcher.is_busy() {
                dispatcher.wait_for_attempts().await;
            }
            dispatcher.record_attempts().await?;
            if begun == 0 {
                return Ok(tries);
            }
        }
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
    fn claim(
        &self,
        tx: &mut dyn Transaction,
        quotas: &[(String, usize)],
        now: Timestamp,
    ) -> Result<Vec<ClaimedMessage>, Failure> {
        let mut claimed = Vec::new();
        for (lane, room) in quotas {
            // A webhook's lane has its name; the lanes of callbacks are named otherwise.
            let webhook = storage::webhook::find_any(tx, lane)?;
            let is_off = webhook
                .as_ref()
                .is_some_and(|webhook| !webhook.active || webhook.deleted_at.is_some());
            let limit = if is_off { DROPPED_AT_ONCE } else { i64::try_from(*room).unwrap_or(1) };
            for message in
                storage::outbox::claim(tx, lane, now, now.plus_millis(LEASE_MILLIS), limit)?
            {
                if is_off || message.body.is_none() {
                    storage::outbox::record_attempt(
                        tx,
                        &message,
                        MessageState::Dropped,
                        None,
                        Some(now),
                    )?;
                    continue;
                }
                let url = webhook
                    .as_ref()
                    .map(|webhook| webhook.url.clone())
                    .or_else(|| message.url.clone());
                claimed.push(self.signed_request(tx, message, url.unwrap_or_default(), now)?);
            }
        }
        Ok(claimed)
    }

    fn signed_request(
        &self,
        tx: &mut dyn Transaction,
        mut message: OutboxRow,
        url: String,
        now: Timestamp,
    ) -> Result<ClaimedMessage, Failure> {
        let owner = match message.target.as_str() {
            CALLBACK => message.organization_id.as_str(),
            webhook => webhook,
        };
        let secrets = self.signing_secrets(tx, owner, now)?;
        let (id, seconds, body) =
            (message.event_id.clone(), now.seconds(), message.body.take().unwrap_or_default());
        let signature =
            sign(secrets.iter().map(|secret| secret.secret.as_slice()), &id, seconds, &body);
        Ok(ClaimedMessage { message, letter: WebhookRequest { url, id, seconds, signature, body } })
    }

    /// Writes down how tries went.
    fn write_down(
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
            _ => {
                let failures =
                    u32::try_from(message.tries - message.tries_before).unwrap_or(u32::MAX);
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

impl WebhookDispatcher {
    #[must_use]
    pub fn new(app: App, postman: Arc<dyn WebhookSender>) -> Self {
        Self {
            app,
            postman,
            lanes: ReceiverQueues::default(),
            under_way: JoinSet::new(),
            lanes_under_way: HashMap::new(),
            returned: Vec::new(),
            recovered: Vec::new(),
        }
    }

    /// Whether something is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Claims what is due and there is room for, and sends it off. Gives how many messages that
    /// were.
    ///
    /// # Errors
    /// When the database cannot be read or written; what was claimed is free again when its lease
    /// is over.
    pub async fn dispatch(&mut self) -> Result<usize, Failure> {
        let now = self.app.now();
        let read = |tx: &mut dyn Transaction| Ok::<_, Failure>(storage::outbox::lanes(tx)?);
        let waiting = self.app.storage().read(read).await?;
        let earliest = waiting.iter().map(|(_, due_at)| *due_at).min();
        self.app.meters().note_callback_lag(earliest, now);
        let quotas = self.lanes.quotas(waiting, now);
        if quotas.is_empty() {
            return Ok(0);
        }
        let app = self.app.clone();
        let write = move |tx: &mut dyn Transaction| app.claim(tx, &quotas, now);
        let claimed = self.app.storage().write(write).await?;
        let begun = claimed.len();
        for ClaimedMessage { message, letter } in claimed {
            self.lanes.begin(&message.lane);
            let (postman, lane) = (self.postman.clone(), message.lane.clone());
            let task = self.under_way.spawn(async move { (message, postman.send(letter).await) });
            self.lanes_under_way.insert(task.id(), lane);
        }
        Ok(begun)
    }

    /// Waits until something came back and takes all that did.
    pub async fn wait_for_attempts(&mut self) {
        if let Some(joined) = self.under_way.join_next_with_id().await {
            self.take(joined);
        }
        while let Some(joined) = self.under_way.try_join_next_with_id() {
            self.take(joined);
        }
    }

    fn take(&mut self, joined: Result<(Id, (OutboxRow, WebhookAttempt)), JoinError>) {
        let now = self.app.now();
        match joined {
            Ok((id, (message, reply))) => {
                self.lanes_under_way.remove(&id);
                self.app.meters().note_callback(&reply);
                let resumes_at = reply.obeyed_retry_after().map(|wanted| wanted.resolve(now));
                let is_failing = reply.outcome != CallbackOutcome::Delivered;
                let recovery =
                    self.lanes.end(&message.lane, &message.event_id, is_failing, resumes_at);
                self.recovered.extend(recovery.map(|recovery| (message.lane.clone(), recovery)));
                self.returned.push((message, reply));
            }
            Err(error) => {
                tracing::error!(%error, "a callback ended unexpectedly; it is tried again when its lease is over");
                if let Some(lane) = self.lanes_under_way.remove(&error.id()) {
                    self.lanes.end(&lane, "", true, None);
                }
            }
        }
    }

    /// Writes down how it went with all that came back. What could not be written down is kept for
    /// the next time.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn record_attempts(&mut self) -> Result<(), Failure> {
        if self.returned.is_empty() {
            return Ok(());
        }
        let (app, now) = (self.app.clone(), self.app.now());
        let returned: Arc<[(OutboxRow, WebhookAttempt)]> = self.returned.clone().into();
        let write = move |tx: &mut dyn Transaction| app.write_down(tx, &returned, now);
        self.app.storage().write(write).await?;
        self.returned.clear();
        self.bring_forward().await
    }

    /// What failed while a receiver was away does not wait for the rest of its time once the
    /// receiver is well again. Only what is due behind the end of a lease: whatever is due before
    /// comes soon, or is under way at another server.
    async fn bring_forward(&mut self) -> Result<(), Failure> {
        while let Some((lane, recovery)) = self.recovered.last().cloned() {
            let now = self.app.now();
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
            if self.app.storage().write(write).await? < BROUGHT_AT_ONCE.unsigned_abs() {
                self.recovered.pop();
            }
        }
        Ok(())
    }

    async fn run_round(&mut self) -> Result<(), Failure> {
        self.record_attempts().await?;
        self.dispatch().await?;
        Ok(())
    }

    async fn end(mut self) {
        let rest = async {
            while self.is_busy() {
                self.wait_for_attempts().await;
            }
        };
        if tokio::time::timeout(GRACE, rest).await.is_err() {
            tracing::info!(
                cut_off = self.under_way.len(),
                "callbacks under way were left to the next server"
            );
        }
        if let Err(failure) = self.record_attempts().await {
            tracing::error!(%failure, "how callbacks went was not written down; they are sent again");
        }
    }
}

fn interval(period: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}
