//! Sending: claiming mail that is due, handing it to the mailer, and writing down how it went.
//!
//! As with callbacks, several servers may do so at once, a claim is a lease, and delivery is at
//! least once: a mail whose outcome could not be written down goes again under the same Message-ID.

use super::invitation_template::MailText;
use super::{MailAttemptRow, MailRow};
use crate::App;
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::Actor;
use crate::failure::Failure;
use crate::ports::{MailAttempt, Mailer, OutgoingMail};
use domain::id::MailId;
use domain::mail::{MailOutcome, MailState, next_mail_state};
use domain::time::Timestamp;
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use storage::Transaction;
use tokio::task::JoinSet;

/// How often the background loop looks.
const PERIOD: Duration = Duration::from_secs(1);
/// Mails under way at once on one server.
const MOST: usize = 4;
/// How long a claimed mail is left to whoever claimed it, in milliseconds: longer than a try may
/// take.
const LEASE_MILLIS: i64 = 180_000;
/// How long finished mail stays for the log, in milliseconds.
const RETENTION_MILLIS: i64 = 30 * 24 * 3_600_000;
const TIDY_PERIOD: Duration = Duration::from_secs(600);
const PRUNED_AT_ONCE: i64 = 500;
/// How long what is under way may go on once the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// Characters of a server's answer that are kept.
const LONGEST_REPLY: usize = 500;

/// One server's hands.
pub struct MailDispatcher {
    app: App,
    mailer: Arc<dyn Mailer>,
    under_way: JoinSet<(MailRow, MailAttempt)>,
    /// Came back and is not written down yet.
    returned: Vec<(MailRow, MailAttempt)>,
}

/// A claimed mail, and what is to be handed over, or the outcome of one about which nothing can be
/// said.
struct ClaimedMail {
    mail: MailRow,
    outgoing: Result<OutgoingMail, MailAttempt>,
}

impl App {
    /// Sends mail that is due until `shutdown` is ready, then waits a little for what is under way.
    pub async fn run_mail(
        &self,
        mailer: Arc<dyn Mailer>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        let mut room = MailDispatcher::new(self.clone(), mailer.clone());
        let mut shutdown = std::pin::pin!(shutdown);
        let (mut ticks, mut tidying) = (interval(PERIOD), interval(TIDY_PERIOD));
        loop {
            let outcome = tokio::select! {
                () = &mut shutdown => break,
                _ = ticks.tick() => room.run_round().await,
                _ = tidying.tick() => self.prune_mail(mailer.as_ref()).await,
                () = room.wait_for_attempts(), if room.is_busy() => room.run_round().await,
            };
            if let Err(failure) = outcome {
                tracing::error!(%failure, "mail could not be seen to");
            }
        }
        room.end().await;
    }

    /// Sends what is due at this moment and waits for how it went. Gives the number of tries.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn send_due_mail(&self, mailer: Arc<dyn Mailer>) -> Result<usize, Failure> {
        let mut room = MailDispatcher::new(self.clone(), mailer);
        let mut tries = 0;
        loop {
            let begun = room.dispatch().await?;
            tries += begun;
            while room.is_busy() {
                room.wait_for_attempts().await;
            }
            room.record_attempts().await?;
            if begun == 0 {
                return Ok(tries);
            }
        }
    }

    /// Removes mail that was finished long ago with its copies, and copies of mail that is not kept
    /// any more. A copy whose mail is not known at all stays: the database may be an older one, or
    /// another's.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn prune_mail(&self, mailer: &dyn Mailer) -> Result<(), Failure> {
        let copies: HashSet<MailId> = mailer.copies().into_iter().collect();
        let finished = self.remove_finished_mail(mailer, &copies).await?;
        let left: Vec<MailId> = copies.into_iter().filter(|id| !finished.contains(id)).collect();
        if left.is_empty() {
            return Ok(());
        }
        let read = move |tx: &mut dyn Transaction| {
            let (mut stale, mut unknown) = (Vec::new(), 0_usize);
            for id in &left {
                match storage::mail::is_stored_locally(tx, id)? {
                    Some(true) => {}
                    Some(false) => stale.push(id.clone()),
                    None => unknown += 1,
                }
            }
            Ok::<_, Failure>((stale, unknown))
        };
        let (stale, unknown) = self.storage().read(read).await?;
        if unknown > 0 {
            tracing::warn!(
                unknown,
                "kept mail lies in the folder that the database does not know; it stays there"
            );
        }
        mailer.discard(&stale);
        Ok(())
    }

    /// Copies go before their rows, so that a stop in between leaves no copy that nobody knows.
    async fn remove_finished_mail(
        &self,
        mailer: &dyn Mailer,
        copies: &HashSet<MailId>,
    ) -> Result<HashSet<MailId>, Failure> {
        let before = self.now().plus_millis(-RETENTION_MILLIS);
        let mut finished = HashSet::new();
        // What was removed because a clock was wrong cannot be got back.
        while self.may_destroy() {
            let read = move |tx: &mut dyn Transaction| {
                Ok::<_, Failure>(storage::mail::finished_before(tx, before, PRUNED_AT_ONCE)?)
            };
            let old = self.storage().read(read).await?;
            if old.is_empty() {
                break;
            }
            let held: Vec<MailId> = old.iter().filter(|id| copies.contains(*id)).cloned().collect();
            mailer.discard(&held);
            finished.extend(held);
            let write =
                move |tx: &mut dyn Transaction| Ok::<_, Failure>(storage::mail::remove(tx, &old)?);
            self.storage().write(write).await?;
        }
        Ok(finished)
    }

    /// Claims mail that is due.
    fn claim_mail(
        &self,
        tx: &mut dyn Transaction,
        room: usize,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>, Failure> {
        let limit = i64::try_from(room).unwrap_or(1);
        let claimed = storage::mail::claim(tx, now, now.plus_millis(LEASE_MILLIS), limit)?;
        let mut ready = Vec::with_capacity(claimed.len());
        for mut mail in claimed {
            let outgoing = match self.render_mail(tx, &mail)? {
                Ok(words) => {
                    let outgoing = self.outgoing_mail(&mail, &words, now);
                    let MailText { subject, body, lang } = words;
                    (mail.subject, mail.body, mail.lang) = (Some(subject), Some(body), Some(lang));
                    Ok(outgoing)
                }
                Err(silence) => Err(MailAttempt::unsendable(silence)),
            };
            ready.push(ClaimedMail { mail, outgoing });
        }
        Ok(ready)
    }

    fn write_down_mail(
        &self,
        tx: &mut dyn Transaction,
        returned: &[(MailRow, MailAttempt)],
        now: Timestamp,
    ) -> Result<(), Failure> {
        // All rows before the first event: the organization, whose chain it joins, is locked last
        // everywhere.
        let mut ended = Vec::new();
        for (mail, reply) in returned {
            let failures = u32::try_from(mail.tries - mail.tries_before).unwrap_or(u32::MAX);
            let (state, due_at) = next_mail_state(reply.outcome, failures, now, self.random_u64());
            let mut settled = MailRow { state, due_at, ..mail.clone() };
            if state == MailState::Waiting {
                // What the next try says is put together then.
                (settled.subject, settled.body, settled.lang) = (None, None, None);
            } else {
                settled.finished_at = Some(now);
            }
            if storage::mail::record_attempt(tx, &settled)? {
                storage::mail::log(tx, &entry(mail, reply, now))?;
                ended.push((state, mail, reply));
            }
        }
        for (state, mail, reply) in ended {
            match state {
                MailState::Sent => {
                    self.record_mail(tx, AuditEventKind::MailSent, mail, reply, now)?
                }
                MailState::Failed => {
                    self.record_mail(tx, AuditEventKind::MailFailed, mail, reply, now)?
                }
                MailState::Waiting | MailState::Kept | MailState::Cancelled => {}
            }
        }
        Ok(())
    }

    fn record_mail(
        &self,
        tx: &mut dyn Transaction,
        kind: AuditEventKind,
        mail: &MailRow,
        reply: &MailAttempt,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let doer = ActorContext {
            organization: mail.organization_id.clone(),
            actor: Actor::system(),
            request: None,
        };
        let event = AuditEvent::of_organization(kind)
            .about("mailId", &mail.id)
            .about("candidateId", &mail.candidate_id)
            .about("taskId", &mail.task_id)
            .with("try", mail.tries)
            .with("outcome", reply.outcome);
        self.record_event(tx, now, &doer, event)
    }
}

fn entry(mail: &MailRow, reply: &MailAttempt, now: Timestamp) -> MailAttemptRow {
    let said: String =
        reply.said.chars().filter(|letter| *letter != '\0').take(LONGEST_REPLY).collect();
    MailAttemptRow {
        mail_id: mail.id.clone(),
        n: mail.tries,
        at: now,
        outcome: reply.outcome,
        status: reply.status.map(i64::from),
        reply: (!said.is_empty()).then_some(said),
        millis: i64::try_from(reply.taken.as_millis()).unwrap_or(i64::MAX),
    }
}

impl MailDispatcher {
    #[must_use]
    pub fn new(app: App, mailer: Arc<dyn Mailer>) -> Self {
        Self { app, mailer, under_way: JoinSet::new(), returned: Vec::new() }
    }

    /// Whether something is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Claims what is due and there is room for, and hands it over. Gives how many mails that were.
    ///
    /// # Errors
    /// When the database cannot be read or written; what was claimed is free again when its lease
    /// is over.
    pub async fn dispatch(&mut self) -> Result<usize, Failure> {
        let now = self.app.now();
        let read = |tx: &mut dyn Transaction| Ok::<_, Failure>(storage::mail::earliest(tx)?);
        let earliest = self.app.storage().read(read).await?;
        self.app.meters().note_mail_lag(earliest, now);
        let room = MOST.saturating_sub(self.under_way.len());
        if room == 0 || earliest.is_none_or(|at| at > now) {
            return Ok(0);
        }
        let app = self.app.clone();
        let write = move |tx: &mut dyn Transaction| app.claim_mail(tx, room, now);
        let claimed = self.app.storage().write(write).await?;
        let begun = claimed.len();
        for ClaimedMail { mail, outgoing } in claimed {
            match outgoing {
                Err(reply) => self.take(mail, reply),
                Ok(outgoing) => {
                    let mailer = self.mailer.clone();
                    self.under_way.spawn(async move { (mail, mailer.mail(outgoing).await) });
                }
            }
        }
        Ok(begun)
    }

    /// Waits until something came back and takes all that did.
    pub async fn wait_for_attempts(&mut self) {
        let mut joined = self.under_way.join_next().await;
        while let Some(outcome) = joined {
            match outcome {
                Ok((mail, reply)) => self.take(mail, reply),
                Err(error) => {
                    tracing::error!(%error, "a mail ended unexpectedly; it is tried again when its lease is over")
                }
            }
            joined = self.under_way.try_join_next();
        }
    }

    fn take(&mut self, mail: MailRow, reply: MailAttempt) {
        self.app.meters().note_mail(&reply);
        if !matches!(reply.outcome, MailOutcome::Sent | MailOutcome::Kept) {
            tracing::warn!(mail = %mail.id, outcome = %reply.outcome, status = reply.status, "a mail was not sent");
        }
        self.returned.push((mail, reply));
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
        let returned: Arc<[(MailRow, MailAttempt)]> = self.returned.clone().into();
        let write = move |tx: &mut dyn Transaction| app.write_down_mail(tx, &returned, now);
        self.app.storage().write(write).await?;
        self.returned.clear();
        Ok(())
    }

    async fn run_round(&mut self) -> Result<(), Failure> {
        self.record_attempts().await?;
        self.dispatch().await?;
        self.record_attempts().await
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
                "mail under way was left to the next server"
            );
        }
        if let Err(failure) = self.record_attempts().await {
            tracing::error!(%failure, "how mail went was not written down; it is sent again");
        }
    }
}

fn interval(period: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}
