//! Viewings that could not be recorded at once: a full disk must not keep staff from reading, and
//! what they read must be recorded all the same. They wait in memory and are written down when the
//! database can be written again.

use crate::App;
use crate::audit::{ActorContext, AuditContext, AuditEvent, AuditEventKind};
use crate::background::repeat_and_finish;
use crate::caller::Caller;
use crate::failure::Failure;
use domain::id::{InstanceId, TaskId};
use domain::time::Timestamp;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use storage::Transaction;

/// Viewings that may wait. Beyond it reading is refused: nothing is read unrecorded.
const MOST_WAITING: usize = 10_000;
/// How often it is tried.
const PERIOD: Duration = Duration::from_secs(1);
/// Viewings written down in one transaction.
const AT_ONCE: usize = 100;

/// Somebody looked at the answers or evidences of an instance.
#[derive(Clone, Debug)]
struct DeferredViewing {
    kind: AuditEventKind,
    at: Timestamp,
    viewer: ActorContext,
    /// How many things were seen, where that is told.
    count: Option<usize>,
    task: TaskId,
    instance: InstanceId,
}

#[derive(Default)]
pub(crate) struct DeferredViewings {
    waiting: Mutex<VecDeque<DeferredViewing>>,
}

impl App {
    /// Records that something of an instance was viewed, or keeps the record until the database can
    /// be written.
    ///
    /// # Errors
    /// When it cannot be recorded for another reason, or too many wait.
    pub(crate) async fn record_viewing(
        &self,
        caller: &Caller,
        kind: AuditEventKind,
        count: Option<usize>,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<(), Failure> {
        let viewer = ActorContext {
            organization: caller.organization.clone(),
            actor: AuditContext::actor(caller),
            request: Some(caller.request.clone()),
        };
        self.record_viewing_by(viewer, kind, count, task, instance).await
    }

    /// [`App::record_viewing`] of whoever it is.
    ///
    /// # Errors
    /// As [`App::record_viewing`].
    pub(crate) async fn record_viewing_by(
        &self,
        viewer: ActorContext,
        kind: AuditEventKind,
        count: Option<usize>,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<(), Failure> {
        let (task, instance) = (task.clone(), instance.clone());
        let viewing = DeferredViewing { kind, at: self.now(), viewer, count, task, instance };
        let (app, first) = (self.clone(), viewing.clone());
        let outcome = self
            .storage()
            .write(move |tx: &mut dyn Transaction| app.write_viewing(tx, &first))
            .await;
        match outcome {
            Err(failure @ (Failure::Unavailable(_) | Failure::Busy)) => {
                self.record_later(viewing, failure)
            }
            outcome => outcome,
        }
    }

    fn record_later(&self, viewing: DeferredViewing, failure: Failure) -> Result<(), Failure> {
        let mut waiting =
            self.deferred_viewings().waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST_WAITING {
            return Err(failure);
        }
        // Should the server end before, the log has it.
        let (by, instance) = (viewing.viewer.actor.id.as_str(), &viewing.instance);
        tracing::warn!(kind = %viewing.kind, by, %instance, at = viewing.at.seconds(), "a viewing is recorded later");
        waiting.push_back(viewing);
        Ok(())
    }

    fn write_viewing(
        &self,
        tx: &mut dyn Transaction,
        viewing: &DeferredViewing,
    ) -> Result<(), Failure> {
        // All events of an instance are told in one order.
        storage::instance::lock(tx, &viewing.instance)?;
        let event =
            AuditEvent::of_instance(viewing.kind, &viewing.instance).about("taskId", &viewing.task);
        let event = match viewing.count {
            Some(count) => event.with("count", count),
            None => event,
        };
        self.record_event(tx, viewing.at, &viewing.viewer, event)
    }

    /// Records viewings that wait, each second and once more when `shutdown` is ready.
    pub async fn run_deferred_viewings(&self, shutdown: impl Future<Output = ()> + Send) {
        let store = async || match self.store_deferred_viewings().await {
            Ok(0) => {}
            // The end of what the log was warned of.
            Ok(recorded) => tracing::warn!(recorded, "viewings that had to wait are recorded"),
            // Why is told where writing failed.
            Err(failure) => tracing::debug!(%failure, "viewings still wait"),
        };
        repeat_and_finish(PERIOD, shutdown, store).await;
    }

    /// Records the viewings that wait. Gives how many.
    ///
    /// # Errors
    /// When the database cannot be written; those not recorded wait on.
    pub async fn store_deferred_viewings(&self) -> Result<usize, Failure> {
        let mut recorded = 0;
        loop {
            let some: Vec<DeferredViewing> = {
                let waiting =
                    self.deferred_viewings().waiting.lock().unwrap_or_else(PoisonError::into_inner);
                waiting.iter().take(AT_ONCE).cloned().collect()
            };
            if some.is_empty() {
                return Ok(recorded);
            }
            let (app, count) = (self.clone(), some.len());
            let write = move |tx: &mut dyn Transaction| {
                some.iter().try_for_each(|viewing| app.write_viewing(tx, viewing))
            };
            self.storage().write(write).await?;
            // Only this takes from the front, one at a time.
            self.deferred_viewings()
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .drain(..count);
            recorded += count;
        }
    }
}
