//! Verifications that a running server makes for its organizations: one at a time, on a thread of
//! its own with a connection of its own, taking half a processor at most. A request only asks for
//! one or reads how far it is.

use super::{Difference, HistoryVerifier, VerificationPosition, VerificationTally};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::ports::{Clock, MediaStore};
use crate::services::AuditService;
use domain::id::OrganizationId;
use domain::time::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;
use storage::Storage;

/// Differences that are kept of a run; all are counted.
const MOST_DIFFERENCES: usize = 1000;
/// Between two slices it rests as long as the last one took, but no longer.
const LONGEST_REST: Duration = Duration::from_secs(1);

domain::string_enum! {
    /// How far a run is.
    pub enum VerificationState {
        Waiting = "waiting",
        Running = "running",
        Finished = "finished",
        /// The database could not be read, or the server was stopped.
        Failed = "failed",
    }
}

/// The last verification of an organization that this server made or makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationRun {
    pub state: VerificationState,
    pub requested_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Instances there were when it began.
    pub total: u64,
    pub tally: VerificationTally,
    /// The first ones.
    pub differences: Vec<Difference>,
    pub difference_count: u64,
}

impl VerificationRun {
    const fn requested(at: Timestamp) -> Self {
        Self {
            state: VerificationState::Waiting,
            requested_at: at,
            finished_at: None,
            total: 0,
            tally: VerificationTally {
                instances: 0,
                events: 0,
                receipts: 0,
                files: 0,
                compared_only: 0,
            },
            differences: Vec::new(),
            difference_count: 0,
        }
    }

    const fn is_over(&self) -> bool {
        matches!(self.state, VerificationState::Finished | VerificationState::Failed)
    }
}

/// All runs of this server.
#[derive(Clone, Default)]
pub struct VerificationRuns {
    shared: Arc<Mutex<VerificationQueue>>,
    /// Gone when the server is: whoever works stops then.
    alive: Arc<()>,
}

#[derive(Default)]
struct VerificationQueue {
    last: HashMap<OrganizationId, VerificationRun>,
    waiting: VecDeque<OrganizationId>,
    is_working: bool,
}

impl VerificationRuns {
    fn locked(&self) -> MutexGuard<'_, VerificationQueue> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditService {
    /// The last verification of the caller's organization; the first time, one is begun.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] for a key that is limited or lacks `manage`.
    pub fn verification(&self, caller: &Caller) -> Result<VerificationRun, Failure> {
        caller.require_whole_organization()?;
        let existing = self.verifications().locked().last.get(&caller.organization).cloned();
        existing.map_or_else(|| self.begin_verification(caller), Ok)
    }

    /// Begins a verification, unless one waits or is under way. It needs no waiting for.
    ///
    /// # Errors
    /// As [`AuditService::verification`]; when there is no room for a thread.
    pub fn begin_verification(&self, caller: &Caller) -> Result<VerificationRun, Failure> {
        caller.require_whole_organization()?;
        let organization = &caller.organization;
        let mut shared = self.verifications().locked();
        if let Some(existing) = shared.last.get(organization).filter(|run| !run.is_over()) {
            return Ok(existing.clone());
        }
        let run = VerificationRun::requested(self.now());
        shared.last.insert(organization.clone(), run.clone());
        shared.waiting.push_back(organization.clone());
        if !shared.is_working {
            shared.is_working = true;
            let worker = self.verification_worker();
            let begun =
                thread::Builder::new().name("verification".to_owned()).spawn(move || worker.work());
            if let Err(error) = begun {
                shared.is_working = false;
                return Err(Failure::Unavailable(error.to_string()));
            }
        }
        Ok(run)
    }

    fn verification_worker(&self) -> VerificationWorker {
        let runs = self.verifications();
        VerificationWorker {
            shared: runs.shared.clone(),
            alive: Arc::downgrade(&runs.alive),
            open: self.storage().opener(),
            files: self.media().configured_store(),
            clock: self.clock().source(),
        }
    }
}

/// Holds nothing that keeps the server's database open: a server that stops does not wait for it.
struct VerificationWorker {
    shared: Arc<Mutex<VerificationQueue>>,
    alive: Weak<()>,
    open: storage::StorageOpener,
    files: Option<Arc<dyn MediaStore>>,
    clock: Arc<dyn Clock>,
}

impl VerificationWorker {
    fn work(&self) {
        while let Some(organization) = self.next() {
            let outcome = self
                .open
                .open()
                .map_err(Failure::from)
                .and_then(|storage| self.verify(storage, &organization));
            let now = self.clock.now();
            if let Err(failure) = &outcome {
                tracing::warn!(target: "assay::app", %failure, "a verification was given up");
            }
            self.change(&organization, |run| {
                run.finished_at = Some(now);
                run.state = if outcome.is_ok() {
                    VerificationState::Finished
                } else {
                    VerificationState::Failed
                };
            });
        }
    }

    fn locked(&self) -> MutexGuard<'_, VerificationQueue> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<OrganizationId> {
        let mut shared = self.locked();
        let next = shared.waiting.pop_front().filter(|_| self.alive.upgrade().is_some());
        shared.is_working = next.is_some();
        next
    }

    fn change(&self, organization: &OrganizationId, change: impl FnOnce(&mut VerificationRun)) {
        if let Some(run) = self.locked().last.get_mut(organization) {
            change(run);
        }
    }

    fn verify(&self, storage: Storage, organization: &OrganizationId) -> Result<(), Failure> {
        let verifier =
            HistoryVerifier::new(storage, self.files.clone(), Some(organization.clone()));
        let total = verifier.total()?;
        self.change(organization, |run| {
            (run.state, run.total) = (VerificationState::Running, total)
        });
        let mut next = Some(VerificationPosition::BEGINNING);
        while let Some(position) = next {
            if self.alive.upgrade().is_none() {
                return Err(Failure::Unavailable("the server stops".to_owned()));
            }
            let begun = self.clock.steady();
            let step = verifier.step(&position)?;
            next = step.next;
            self.change(organization, |run| {
                run.tally.add(step.tally);
                run.difference_count += step.differences.len() as u64;
                let quota = MOST_DIFFERENCES.saturating_sub(run.differences.len());
                run.differences.extend(step.differences.into_iter().take(quota));
            });
            thread::park_timeout(self.clock.steady().saturating_sub(begun).min(LONGEST_REST));
        }
        Ok(())
    }
}
