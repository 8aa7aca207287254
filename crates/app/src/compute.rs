//! Work that takes a processor for a while: checking documents, trying tests out, finding costly
//! patterns.
//!
//! It runs on threads of its own, never on those of the database or of the runtime, and with a
//! lower priority than both, so that a save that comes meanwhile goes first. An organization never
//! has all of these threads.

use crate::App;
use crate::bank::{BankPurpose, StoredBank};
use crate::caller::Caller;
use crate::concurrency_limiter::{ConcurrencyLimiter, ConcurrencyLimits};
use crate::failure::Failure;
use domain::document::model::BankFilter;
use domain::document::{BankQuestion, QuestionBank};
use domain::id::{CorrectionId, InstanceId, OrganizationId, QuestionId};
use domain::pattern::{CostlyMatch, INLINE_BUDGET, within_budget};
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, available_parallelism};
use std::time::Duration;
use storage::{StorageError, Transaction};
use tokio::sync::oneshot;

/// How nice these threads are: others get the processor first, and these get what is left.
const NICENESS: i32 = 10;
/// How often a transaction is begun anew because matches were too dear. Twice is enough unless
/// answers change meanwhile.
const TRIES: usize = 5;

/// The places at which such work is done.
pub(crate) fn compute_limiter() -> ConcurrencyLimiter {
    let processors = available_parallelism().map_or(2, NonZeroUsize::get).max(2);
    ConcurrencyLimiter::new(ConcurrencyLimits {
        places: processors,
        per_organization: processors - 1,
        per_caller: processors - 1,
        waiting: 256,
        patience: Duration::from_secs(30),
    })
}

impl App {
    /// Does some work on a thread for such work, when the organization's turn has come. Who stops
    /// waiting does not stop the work.
    ///
    /// # Errors
    /// [`Failure::Busy`] when too much of the organization waits already; when the work panics.
    pub(crate) async fn run_on_compute_thread<T: Send + 'static>(
        &self,
        organization: &OrganizationId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let place = self.compute_limiter().acquire(organization, "").await?;
        let (sender, receiver) = oneshot::channel();
        let run = move || {
            let _place = place;
            // On Linux this is about the calling thread. A system that does not allow it computes
            // all the same.
            let _ = rustix::process::setpriority_process(None, NICENESS);
            // Who asked may be gone.
            let _ = sender.send(work());
        };
        Builder::new().name("compute".to_owned()).spawn(run).map_err(Failure::internal)?;
        receiver.await.map_err(|_| Failure::internal("a computation panicked"))
    }

    /// A write in which results are computed. Matches that would hold up the writing thread are
    /// found elsewhere first: the transaction is given up, and begun anew when they are known.
    ///
    /// # Errors
    /// What the operation returns; [`Failure::Busy`] as [`App::run_on_compute_thread`].
    pub(crate) async fn write_scored<T: Send + 'static>(
        &self,
        bearer: ComputePayer,
        operation: impl Fn(&mut dyn Transaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let operation = Arc::new(Mutex::new(operation));
        self.scored(bearer, || self.storage().write(self.within_match_budget(operation.clone())))
            .await
    }

    /// [`App::write_scored`] for a read.
    ///
    /// # Errors
    /// As [`App::write_scored`].
    pub(crate) async fn read_scored<T: Send + 'static>(
        &self,
        bearer: ComputePayer,
        operation: impl Fn(&mut dyn Transaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let operation = Arc::new(Mutex::new(operation));
        self.scored(bearer, || self.storage().read(self.within_match_budget(operation.clone())))
            .await
    }

    /// Tries a frugal operation, and tries it again each time that what was too dear in it is
    /// known.
    async fn scored<T, Try: Future<Output = Result<T, InlineScoringError>>>(
        &self,
        bearer: ComputePayer,
        operation: impl Fn() -> Try,
    ) -> Result<T, Failure> {
        for _ in 0..TRIES {
            match operation().await {
                Err(InlineScoringError::TooDear(dear)) => {
                    self.precompute_matches(&bearer, dear).await?
                }
                Err(InlineScoringError::Failed(failure)) => return Err(failure),
                Ok(done) => return Ok(done),
            }
        }
        Err(Failure::Busy)
    }

    /// The operation, giving up with what is too dear for the thread of a database.
    pub(crate) fn within_match_budget<T, F>(
        &self,
        operation: Arc<Mutex<F>>,
    ) -> impl Fn(&mut dyn Transaction) -> Result<T, InlineScoringError> + Send + use<T, F>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, Failure> + Send + 'static,
    {
        let memo = self.match_memo().clone();
        move |tx: &mut dyn Transaction| {
            let operation = operation.lock().unwrap_or_else(PoisonError::into_inner);
            match within_budget(&memo, INLINE_BUDGET, || operation(tx)) {
                Ok(outcome) => outcome.map_err(InlineScoringError::Failed),
                Err(dear) => Err(InlineScoringError::TooDear(dear)),
            }
        }
    }

    /// Finds what was too dear, so that it costs nothing the next time.
    ///
    /// # Errors
    /// As [`App::run_on_compute_thread`].
    pub(crate) async fn precompute_matches(
        &self,
        bearer: &ComputePayer,
        dear: Vec<CostlyMatch>,
    ) -> Result<(), Failure> {
        let organization = match bearer {
            ComputePayer::Organization(organization) => organization.clone(),
            ComputePayer::Instance(instance) => {
                let instance = instance.clone();
                let read = move |tx: &mut dyn Transaction| {
                    storage::instance::find_any(tx, &instance)?.ok_or(Failure::NotFound)
                };
                self.storage().read(read).await?.organization_id
            }
            ComputePayer::Correction(correction) => {
                let correction = correction.clone();
                let read = move |tx: &mut dyn Transaction| {
                    storage::correction_job::find(tx, &correction)?.ok_or(Failure::NotFound)
                };
                self.storage().read(read).await?.organization_id
            }
        };
        let memo = self.match_memo().clone();
        self.run_on_compute_thread(&organization, move || {
            dear.iter().for_each(|dear| dear.find_and_remember(&memo))
        })
        .await
    }
}

/// ExactCandidateFilter turn work counts as.
pub(crate) enum ComputePayer {
    Organization(OrganizationId),
    /// The organization of an instance.
    Instance(InstanceId),
    /// The organization of a correction of a step that is at work.
    Correction(CorrectionId),
}

impl From<&Caller> for ComputePayer {
    fn from(caller: &Caller) -> Self {
        Self::Organization(caller.organization.clone())
    }
}

/// Why an operation was not done on the thread of a database.
pub(crate) enum InlineScoringError {
    TooDear(Vec<CostlyMatch>),
    Failed(Failure),
}

impl From<StorageError> for InlineScoringError {
    fn from(error: StorageError) -> Self {
        Self::Failed(error.into())
    }
}

/// The bank as a document sees it that is read on a thread of its own: each question is a short
/// read of the database.
pub(crate) struct BlockingBank {
    app: App,
    /// ExactCandidateFilter reach bounds what is found.
    caller: Caller,
    failure: RefCell<Option<Failure>>,
}

impl BlockingBank {
    pub(crate) fn new(app: &App, caller: &Caller) -> Self {
        Self { app: app.clone(), caller: caller.clone(), failure: RefCell::new(None) }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The first failure met on the way.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        self.failure.into_inner().map_or(Ok(()), Err)
    }

    fn read<T: Default + Send + 'static>(
        &self,
        ask: impl Fn(&StoredBank<'_>) -> T + Send + 'static,
    ) -> T {
        let (app, caller) = (self.app.clone(), self.caller.clone());
        let read = move |tx: &mut dyn Transaction| {
            let bank = StoredBank::new(&app, tx, &caller.organization, BankPurpose::Authoring)
                .limited_to(&caller);
            let found = ask(&bank);
            bank.finish().map(|()| found)
        };
        self.app.storage().read_blocking(read).unwrap_or_else(|failure| {
            self.failure.borrow_mut().get_or_insert(failure);
            T::default()
        })
    }
}

impl QuestionBank for BlockingBank {
    fn question(&self, organization: &OrganizationId, id: &QuestionId) -> Option<BankQuestion> {
        let (organization, id) = (organization.clone(), id.clone());
        self.read(move |bank| bank.question(&organization, &id))
    }

    fn matching(&self, filter: &BankFilter) -> Vec<BankQuestion> {
        let filter = filter.clone();
        self.read(move |bank| bank.matching(&filter))
    }
}
