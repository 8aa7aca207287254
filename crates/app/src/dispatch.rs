//! Sending what an outbox holds: claiming a batch that is due, sending it, and settling how it
//! went.
//!
//! Several servers may do so at once. A claim is a lease; a server that goes away is followed by
//! another when its leases are over. Delivery is at least once: an attempt that could not be
//! settled is made again. What is due, how long a lease is and when a failed attempt is repeated
//! (its backoff) is the [`Outbox`]'s to say.

use crate::App;
use crate::background::ticks;
use crate::failure::Failure;
use domain::time::Timestamp;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use storage::Transaction;
use tokio::task::{Id, JoinError, JoinSet};

/// An attempt on its way.
pub type Sending<A> = Pin<Box<dyn Future<Output = A> + Send>>;

/// What is sent after the transaction that caused it, and how.
pub trait Outbox: Send + Sync + 'static {
    /// A row of the outbox.
    type Entry: Clone + Send + Sync + 'static;
    /// What is handed over for an entry.
    type Request: Send + 'static;
    /// How an attempt went.
    type Attempt: Clone + Send + Sync + 'static;
    /// When what waits is due.
    type Waiting: Send + 'static;
    /// How much of what may be claimed now.
    type Quota: Send + 'static;

    /// What it holds, for the log.
    const NAME: &'static str;
    /// How often the background loop looks.
    const PERIOD: Duration;
    /// How often the background loop removes what was finished long ago.
    const PRUNE_PERIOD: Duration;
    /// How long attempts under way may go on once the server stops.
    const GRACE: Duration;

    /// Reads what waits.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn waiting(tx: &mut dyn Transaction) -> Result<Self::Waiting, Failure>;

    /// Notes in the metrics for how long the earliest has been due.
    fn note_lag(&self, app: &App, waiting: &Self::Waiting, now: Timestamp);

    /// What may be claimed beside what is under way; none when nothing is due or there is no room.
    fn quota(
        &self,
        waiting: Self::Waiting,
        under_way: usize,
        now: Timestamp,
    ) -> Option<Self::Quota>;

    /// Claims entries that are due for the time of a lease.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    fn claim(
        app: &App,
        tx: &mut dyn Transaction,
        quota: &Self::Quota,
        now: Timestamp,
    ) -> Result<Vec<ClaimedEntry<Self>>, Failure>;

    /// An attempt for this entry begins.
    fn begin(&mut self, _: &Self::Entry) {}

    fn send(&self, request: Self::Request) -> Sending<Self::Attempt>;

    /// An attempt came back; it is not settled yet.
    fn end(&mut self, app: &App, entry: &Self::Entry, attempt: &Self::Attempt);

    /// An attempt broke off, which tells nothing of how it went.
    fn abandon(&mut self, _: &Self::Entry, error: &JoinError);

    /// Writes down how attempts went: what is finished, and when the others are due again.
    ///
    /// # Errors
    /// When the database cannot be written.
    fn settle(
        app: &App,
        tx: &mut dyn Transaction,
        returned: &[(Self::Entry, Self::Attempt)],
        now: Timestamp,
    ) -> Result<(), Failure>;

    /// Follows what was settled.
    ///
    /// # Errors
    /// When the database cannot be written.
    fn after_settling(&mut self, _: &App) -> impl Future<Output = Result<(), Failure>> + Send {
        async { Ok(()) }
    }

    /// Removes what was finished long ago.
    ///
    /// # Errors
    /// When the database cannot be written.
    fn prune(&self, app: &App) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// A claimed entry, and what is to be handed over, or how it went with one about which there is
/// nothing to say.
pub struct ClaimedEntry<O: Outbox + ?Sized> {
    pub entry: O::Entry,
    pub request: Result<O::Request, O::Attempt>,
}

/// How many attempts failed since an entry was last begun anew. Numbers that do not read count as
/// all there may be: the entry is given up and holds up none beside it.
pub(crate) fn failed_attempts(tries: i64, tries_before: i64) -> u32 {
    u32::try_from(tries - tries_before).unwrap_or_else(|_| {
        tracing::error!(tries, tries_before, "attempts are miscounted; the entry is given up");
        u32::MAX
    })
}

/// One server's hands: what it has under way of an outbox.
pub struct Dispatcher<O: Outbox> {
    app: App,
    outbox: O,
    under_way: JoinSet<O::Attempt>,
    entries_under_way: HashMap<Id, O::Entry>,
    /// Came back and is not settled yet.
    returned: Vec<(O::Entry, O::Attempt)>,
}

impl<O: Outbox> Dispatcher<O> {
    pub(crate) fn of(app: App, outbox: O) -> Self {
        Self {
            app,
            outbox,
            under_way: JoinSet::new(),
            entries_under_way: HashMap::new(),
            returned: Vec::new(),
        }
    }

    /// Sends what is due until `shutdown` is ready, then waits a little for what is under way.
    pub(crate) async fn run(mut self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        let (mut rounds, mut prunes) = (ticks(O::PERIOD), ticks(O::PRUNE_PERIOD));
        loop {
            let outcome = tokio::select! {
                () = &mut shutdown => break,
                _ = rounds.tick() => self.run_round().await,
                _ = prunes.tick() => self.outbox.prune(&self.app).await,
                () = self.wait_for_attempts(), if self.is_busy() => self.run_round().await,
            };
            if let Err(failure) = outcome {
                tracing::error!(%failure, "{} could not be seen to", O::NAME);
            }
        }
        self.finish().await;
    }

    /// Sends what is due at this moment and waits for how it went. Gives the number of attempts.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub(crate) async fn run_until_idle(mut self) -> Result<usize, Failure> {
        let mut attempts = 0;
        loop {
            let begun = self.dispatch().await?;
            attempts += begun;
            while self.is_busy() {
                self.wait_for_attempts().await;
            }
            self.record_attempts().await?;
            if begun == 0 {
                return Ok(attempts);
            }
        }
    }

    /// Whether something is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Claims what is due and there is room for, and sends it off. Gives how many entries that
    /// were.
    ///
    /// # Errors
    /// When the database cannot be read or written; what was claimed is free again when its lease
    /// is over.
    pub async fn dispatch(&mut self) -> Result<usize, Failure> {
        let now = self.app.now();
        let waiting = self.app.storage().read(O::waiting).await?;
        self.outbox.note_lag(&self.app, &waiting, now);
        let Some(quota) = self.outbox.quota(waiting, self.under_way.len(), now) else {
            return Ok(0);
        };
        let app = self.app.clone();
        let write = move |tx: &mut dyn Transaction| O::claim(&app, tx, &quota, now);
        let claimed = self.app.storage().write(write).await?;
        let begun = claimed.len();
        for ClaimedEntry { entry, request } in claimed {
            self.outbox.begin(&entry);
            match request {
                Ok(request) => {
                    let task = self.under_way.spawn(self.outbox.send(request));
                    self.entries_under_way.insert(task.id(), entry);
                }
                Err(attempt) => self.take(entry, attempt),
            }
        }
        Ok(begun)
    }

    /// Waits until something came back and takes all that did.
    pub async fn wait_for_attempts(&mut self) {
        let mut joined = self.under_way.join_next_with_id().await;
        while let Some(outcome) = joined {
            match outcome {
                Ok((task, attempt)) => {
                    if let Some(entry) = self.entries_under_way.remove(&task) {
                        self.take(entry, attempt);
                    }
                }
                Err(error) => {
                    if let Some(entry) = self.entries_under_way.remove(&error.id()) {
                        self.outbox.abandon(&entry, &error);
                    }
                }
            }
            joined = self.under_way.try_join_next_with_id();
        }
    }

    fn take(&mut self, entry: O::Entry, attempt: O::Attempt) {
        self.outbox.end(&self.app, &entry, &attempt);
        self.returned.push((entry, attempt));
    }

    /// Settles all that came back. What could not be written down is kept for the next time.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn record_attempts(&mut self) -> Result<(), Failure> {
        if self.returned.is_empty() {
            return Ok(());
        }
        let (app, now) = (self.app.clone(), self.app.now());
        // A copy: if this write fails they are settled the next time. Lost, each would be delivered
        // once more.
        let returned: Arc<[(O::Entry, O::Attempt)]> = self.returned.clone().into();
        let write = move |tx: &mut dyn Transaction| O::settle(&app, tx, &returned, now);
        self.app.storage().write(write).await?;
        self.returned.clear();
        self.outbox.after_settling(&self.app).await
    }

    async fn run_round(&mut self) -> Result<(), Failure> {
        self.record_attempts().await?;
        self.dispatch().await?;
        // An entry about which there is nothing to say came back at once.
        self.record_attempts().await
    }

    async fn finish(mut self) {
        let rest = async {
            while self.is_busy() {
                self.wait_for_attempts().await;
            }
        };
        if tokio::time::timeout(O::GRACE, rest).await.is_err() {
            tracing::info!(
                cut_off = self.under_way.len(),
                "attempts under way of {} were left to the next server",
                O::NAME
            );
        }
        if let Err(failure) = self.record_attempts().await {
            tracing::error!(%failure, "how attempts of {} went was not written down; they are made again", O::NAME);
        }
    }
}

impl<O: Outbox> fmt::Debug for Dispatcher<O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Dispatcher")
            .field("outbox", &O::NAME)
            .field("under_way", &self.under_way.len())
            .field("returned", &self.returned.len())
            .finish()
    }
}
