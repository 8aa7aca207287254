//! Work that takes a processor for a while: checking documents, trying tests out, finding costly patterns.
//!
//! It runs on threads of its own, never on those of the database or of the runtime, and with a lower priority than both,
//! so that a save that comes meanwhile goes first. An organization never has all of these threads.

use crate::App;
use crate::admission::{Admission, AdmissionLimits};
use crate::bank::{Purpose, StoredBank};
use crate::caller::Caller;
use crate::failure::Failure;
use domain::document::model::BankFilter;
use domain::document::{Bank, BankQuestion};
use domain::id::{CorrectionId, InstanceId, OrganizationId, QuestionId};
use domain::response::pattern::{CostlyMatch, INLINE_BUDGET, within_budget};
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, available_parallelism};
use std::time::Duration;
use storage::{StorageError, Transaction};
use tokio::sync::oneshot;

/// How nice these threads are: others get the processor first, and these get what is left.
const NICENESS: i32 = 10;
/// How often a transaction is begun anew because matches were too dear. Twice is enough unless answers change meanwhile.
const TRIES: usize = 5;

/// The places at which such work is done.
pub(crate) fn places() -> Admission {
    let processors = available_parallelism().map_or(2, NonZeroUsize::get).max(2);
    Admission::new(AdmissionLimits {
        places: processors,
        per_organization: processors - 1,
        per_caller: processors - 1,
        waiting: 256,
        patience: Duration::from_secs(30),
    })
}

impl App {
    /// Does some work on a thread for such work, when the organization's turn has come. Who stops waiting does not stop
    /// the work.
    ///
    /// # Errors
    /// [`Failure::Busy`] when too much of the organization waits already; when the work panics.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        organization: &OrganizationId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let place = self.compute_places().admit(organization, "").await?;
        let (sender, receiver) = oneshot::channel();
        let run = move || {
            let _place = place;
            // On Linux this is about the calling thread. A system that does not allow it computes all the same.
            let _ = rustix::process::setpriority_process(None, NICENESS);
            // Who asked may be gone.
            let _ = sender.send(work());
        };
        Builder::new().name("compute".to_owned()).spawn(run).map_err(Failure::internal)?;
        receiver.await.map_err(|_| Failure::internal("a computation panicked"))
    }

    /// A write in which results are computed. Matches that would hold up the writing thread are found elsewhere first:
    /// the transaction is given up, and begun anew when they are known.
    ///
    /// # Errors
    /// What the operation returns; [`Failure::Busy`] as [`App::compute`].
    pub(crate) async fn write_scored<T: Send + 'static>(
        &self,
        bearer: CostBearer,
        operation: impl Fn(&mut dyn Transaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let operation = Arc::new(Mutex::new(operation));
        for _ in 0..TRIES {
            match self.storage().write(self.frugal(operation.clone())).await {
                Err(Unscored::TooDear(dear)) => self.settle_matches(&bearer, dear).await?,
                Err(Unscored::Failed(failure)) => return Err(failure),
                Ok(done) => return Ok(done),
            }
        }
        Err(Failure::Busy)
    }

    /// [`App::write_scored`] for a read.
    ///
    /// # Errors
    /// As [`App::write_scored`].
    pub(crate) async fn read_scored<T: Send + 'static>(
        &self,
        bearer: CostBearer,
        operation: impl Fn(&mut dyn Transaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let operation = Arc::new(Mutex::new(operation));
        for _ in 0..TRIES {
            match self.storage().read(self.frugal(operation.clone())).await {
                Err(Unscored::TooDear(dear)) => self.settle_matches(&bearer, dear).await?,
                Err(Unscored::Failed(failure)) => return Err(failure),
                Ok(done) => return Ok(done),
            }
        }
        Err(Failure::Busy)
    }

    /// The operation, giving up with what is too dear for the thread of a database.
    pub(crate) fn frugal<T, F>(
        &self,
        operation: Arc<Mutex<F>>,
    ) -> impl Fn(&mut dyn Transaction) -> Result<T, Unscored> + Send + use<T, F>
    where
        F: Fn(&mut dyn Transaction) -> Result<T, Failure> + Send + 'static,
    {
        let memo = self.match_memo().clone();
        move |tx: &mut dyn Transaction| {
            let operation = operation.lock().unwrap_or_else(PoisonError::into_inner);
            match within_budget(&memo, INLINE_BUDGET, || operation(tx)) {
                Ok(outcome) => outcome.map_err(Unscored::Failed),
                Err(dear) => Err(Unscored::TooDear(dear)),
            }
        }
    }

    /// Finds what was too dear, so that it costs nothing the next time.
    ///
    /// # Errors
    /// As [`App::compute`].
    pub(crate) async fn settle_matches(&self, bearer: &CostBearer, dear: Vec<CostlyMatch>) -> Result<(), Failure> {
        let organization = match bearer {
            CostBearer::Organization(organization) => organization.clone(),
            CostBearer::Instance(instance) => {
                let instance = instance.clone();
                let read = move |tx: &mut dyn Transaction| {
                    storage::instance::find_any(tx, &instance)?.ok_or(Failure::NotFound)
                };
                self.storage().read(read).await?.organization_id
            }
            CostBearer::Correction(correction) => {
                let correction = correction.clone();
                let read = move |tx: &mut dyn Transaction| {
                    storage::correction_job::find(tx, &correction)?.ok_or(Failure::NotFound)
                };
                self.storage().read(read).await?.organization_id
            }
        };
        let memo = self.match_memo().clone();
        self.compute(&organization, move || dear.iter().for_each(|dear| dear.settle(&memo))).await
    }
}

/// Whose turn work counts as.
pub(crate) enum CostBearer {
    Organization(OrganizationId),
    /// The organization of an instance.
    Instance(InstanceId),
    /// The organization of a correction of a step that is at work.
    Correction(CorrectionId),
}

impl From<&Caller> for CostBearer {
    fn from(caller: &Caller) -> Self {
        Self::Organization(caller.organization.clone())
    }
}

/// Why an operation was not done on the thread of a database.
pub(crate) enum Unscored {
    TooDear(Vec<CostlyMatch>),
    Failed(Failure),
}

impl From<StorageError> for Unscored {
    fn from(error: StorageError) -> Self {
        Self::Failed(error.into())
    }
}

/// The bank as a document sees it that is read on a thread of its own: each question is a short read of the database.
pub(crate) struct LentBank {
    app: App,
    /// Whose reach bounds what is found.
    caller: Caller,
    failure: RefCell<Option<Failure>>,
}

impl LentBank {
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

    fn read<T: Default + Send + 'static>(&self, ask: impl Fn(&StoredBank<'_>) -> T + Send + 'static) -> T {
        let (app, caller) = (self.app.clone(), self.caller.clone());
        let read = move |tx: &mut dyn Transaction| {
            let bank = StoredBank::new(&app, tx, &caller.organization, Purpose::Authoring).within_reach_of(&caller);
            let found = ask(&bank);
            bank.finish().map(|()| found)
        };
        self.app.storage().read_blocking(read).unwrap_or_else(|failure| {
            self.failure.borrow_mut().get_or_insert(failure);
            T::default()
        })
    }
}

impl Bank for LentBank {
    fn question(&self, organization: &OrganizationId, id: &QuestionId) -> Option<BankQuestion> {
        let (organization, id) = (organization.clone(), id.clone());
        self.read(move |bank| bank.question(&organization, &id))
    }

    fn matching(&self, filter: &BankFilter) -> Vec<BankQuestion> {
        let filter = filter.clone();
        self.read(move |bank| bank.matching(&filter))
    }
}
