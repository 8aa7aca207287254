//! The outbox of mail: what is due, how it is sent, and what is written down of it.
//!
//! A mail whose outcome could not be written down goes again under the same Message-ID.

use super::invitation_template::MailText;
use super::{MailAttemptRow, MailRow};
use crate::App;
use crate::audit::{ActorContext, AuditEvent, AuditEventKind};
use crate::caller::Actor;
use crate::dispatch::{ClaimedEntry, Dispatcher, Outbox, Sending, failed_attempts};
use crate::failure::Failure;
use crate::ports::{MailAttempt, Mailer, OutgoingMail};
use crate::services::MailService;
use domain::id::MailId;
use domain::mail::{MailOutcome, MailState, next_mail_state};
use domain::time::Timestamp;
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use storage::Transaction;
use tokio::task::JoinError;

/// Mails under way at once on one server.
const MOST_UNDER_WAY: usize = 4;
/// How long a claimed mail is left to whoever claimed it, in milliseconds: longer than a try may
/// take.
const LEASE_MILLIS: i64 = 180_000;
/// How long finished mail stays for the log, in milliseconds.
const RETENTION_MILLIS: i64 = 30 * 24 * 3_600_000;
const PRUNED_AT_ONCE: i64 = 500;
/// Characters of a server's answer that are kept.
const LONGEST_REPLY: usize = 500;

/// The outbox of mail, and who carries it.
pub struct MailOutbox {
    mailer: Arc<dyn Mailer>,
}

/// Sends mail.
pub type MailDispatcher = Dispatcher<MailOutbox>;

impl MailDispatcher {
    #[must_use]
    pub fn new(app: App, mailer: Arc<dyn Mailer>) -> Self {
        Self::of(app, MailOutbox { mailer })
    }
}

impl Outbox for MailOutbox {
    type Entry = MailRow;
    type Request = OutgoingMail;
    type Attempt = MailAttempt;
    /// When the earliest is due.
    type Waiting = Option<Timestamp>;
    type Quota = usize;

    const NAME: &'static str = "mail";
    const PERIOD: Duration = Duration::from_secs(1);
    const PRUNE_PERIOD: Duration = Duration::from_secs(600);
    const GRACE: Duration = Duration::from_secs(10);

    fn waiting(tx: &mut dyn Transaction) -> Result<Self::Waiting, Failure> {
        Ok(storage::mail::earliest(tx)?)
    }

    fn note_lag(&self, app: &App, earliest: &Option<Timestamp>, now: Timestamp) {
        app.meters().note_mail_lag(*earliest, now);
    }

    fn quota(&self, earliest: Self::Waiting, under_way: usize, now: Timestamp) -> Option<usize> {
        let free_slots = MOST_UNDER_WAY.saturating_sub(under_way);
        (free_slots > 0 && earliest.is_some_and(|at| at <= now)).then_some(free_slots)
    }

    fn claim(
        app: &App,
        tx: &mut dyn Transaction,
        free_slots: &usize,
        now: Timestamp,
    ) -> Result<Vec<ClaimedEntry<Self>>, Failure> {
        app.mail().claim_mail(tx, *free_slots, now)
    }

    fn send(&self, mail: OutgoingMail) -> Sending<MailAttempt> {
        let mailer = self.mailer.clone();
        Box::pin(async move { mailer.mail(mail).await })
    }

    fn end(&mut self, app: &App, mail: &MailRow, attempt: &MailAttempt) {
        app.meters().note_mail(attempt);
        if !matches!(attempt.outcome, MailOutcome::Sent | MailOutcome::Kept) {
            tracing::warn!(mail = %mail.id, outcome = %attempt.outcome, status = attempt.status, "a mail was not sent");
        }
    }

    fn abandon(&mut self, _: &MailRow, error: &JoinError) {
        tracing::error!(%error, "a mail ended unexpectedly; it is tried again when its lease is over");
    }

    fn settle(
        app: &App,
        tx: &mut dyn Transaction,
        returned: &[(MailRow, MailAttempt)],
        now: Timestamp,
    ) -> Result<(), Failure> {
        app.mail().settle_mail(tx, returned, now)
    }

    async fn prune(&self, app: &App) -> Result<(), Failure> {
        app.mail().prune_mail(self.mailer.as_ref()).await
    }
}

impl MailService {
    /// Sends mail that is due until `shutdown` is ready, then waits a little for what is under way.
    pub async fn run_mail(
        &self,
        mailer: Arc<dyn Mailer>,
        shutdown: impl Future<Output = ()> + Send,
    ) {
        MailDispatcher::new(self.app(), mailer).run(shutdown).await;
    }

    /// Sends what is due at this moment and waits for how it went. Gives the number of tries.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn send_due_mail(&self, mailer: Arc<dyn Mailer>) -> Result<usize, Failure> {
        MailDispatcher::new(self.app(), mailer).run_until_idle().await
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
        free_slots: usize,
        now: Timestamp,
    ) -> Result<Vec<ClaimedEntry<MailOutbox>>, Failure> {
        let limit = i64::try_from(free_slots).map_err(Failure::internal)?;
        let claimed = storage::mail::claim(tx, now, now.plus_millis(LEASE_MILLIS), limit)?;
        let mut ready = Vec::with_capacity(claimed.len());
        for mut mail in claimed {
            let request = match self.render_mail(tx, &mail)? {
                Ok(words) => {
                    let outgoing = self.outgoing_mail(&mail, &words, now);
                    let MailText { subject, body, lang } = words;
                    (mail.subject, mail.body, mail.lang) = (Some(subject), Some(body), Some(lang));
                    Ok(outgoing)
                }
                Err(silence) => Err(MailAttempt::unsendable(silence)),
            };
            ready.push(ClaimedEntry { entry: mail, request });
        }
        Ok(ready)
    }

    fn settle_mail(
        &self,
        tx: &mut dyn Transaction,
        returned: &[(MailRow, MailAttempt)],
        now: Timestamp,
    ) -> Result<(), Failure> {
        // All rows before the first event: the organization, whose chain it joins, is locked last
        // everywhere.
        let mut ended = Vec::new();
        for (mail, reply) in returned {
            let failures = failed_attempts(mail.tries, mail.tries_before);
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
