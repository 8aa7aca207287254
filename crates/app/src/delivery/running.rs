//! An open instance with its row locked, and the one way in which instances are closed.

use super::receipt::{self, SignedReceipt};
use crate::App;
use crate::audit::{Doer, Event, Kind};
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::versions::{Act, Settled};
use domain::compile::model::Compiled;
use domain::delivery::page_set::PageSet;
use domain::delivery::state::{Completion, Delivery};
use domain::id::InstanceId;
use domain::instance::{Reason, State};
use domain::time::Timestamp;
use std::sync::Arc;
use storage::instance::Instance;
use storage::{Digest, Transaction};

/// An instance at work: its locked row, what it is compiled to, and where it stands.
pub(crate) struct Running {
    pub row: Instance,
    pub compiled: Arc<Compiled>,
    pub delivery: Delivery,
}

/// What closing an instance gave.
pub(crate) struct Closed {
    pub row: Instance,
    pub receipt: SignedReceipt,
    pub revision: i64,
}

impl Running {
    /// The instance of a row that was locked in this transaction.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what does not read.
    pub(crate) fn of(app: &App, tx: &mut dyn Transaction, row: Instance) -> Result<Self, Failure> {
        let compiled = app.compiled_of(tx, &row)?;
        let delivery = from_json(&row.delivery)?;
        Ok(Self { row, compiled, delivery })
    }

    /// Lets time pass up to `now`, recording what it locked. Gives the completion if the instance was due; the caller
    /// closes it with that.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn let_time_pass(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
        now: Timestamp,
        doer: &dyn Doer,
    ) -> Result<Option<Completion>, Failure> {
        let advanced = self.delivery.advance(&self.compiled, now);
        for lock in &advanced.locks {
            record_lock(app, tx, now, doer, &self.row.id, &lock.pages, Some(lock.at))?;
        }
        Ok(advanced.completed)
    }

    /// Writes the delivery state with its next deadline. No revision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn keep_delivery(&mut self, app: &App, tx: &mut dyn Transaction) -> Result<(), Failure> {
        self.row.due_at = self.delivery.due(&self.compiled);
        self.row.delivery = to_json(&self.delivery)?;
        app.deadlines().note(self.row.due_at);
        Ok(storage::instance::set_delivery(tx, &self.row.id, &self.row.delivery, self.row.due_at)?)
    }

    /// Makes the instance COMPLETE: result version, revision, events and receipt. The delivery was closed with this
    /// completion before; answers riding with it are kept already.
    ///
    /// `kind` is the event of the closing: completed, force-closed or terminated.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn close(
        mut self,
        app: &App,
        tx: &mut dyn Transaction,
        now: Timestamp,
        doer: &dyn Doer,
        completion: Completion,
        kind: Kind,
    ) -> Result<Closed, Failure> {
        self.row.state = State::Complete;
        self.row.closing = Some(completion.closing);
        self.row.completed_at = Some(completion.at);
        self.row.due_at = None;
        self.row.delivery = to_json(&self.delivery)?;
        let reason = if self.row.result_number == 0 { Reason::Completed } else { Reason::Recompleted };
        let settled = app.settle(tx, &mut self.row, &self.compiled, &Act { doer, now, reason, note: None })?;
        let Settled::Version { revision, .. } = settled else {
            return Err(Failure::internal("a completion made no version"));
        };
        let receipt = receipt::sign(app, tx, &self.row)?;
        let event = closed(kind, &self.row, completion, (receipt.n, &receipt.digest)).at_revision(revision);
        app.record(tx, now, doer, event)?;
        Ok(Closed { row: self.row, receipt, revision })
    }
}

/// The event of a closing, with the last receipt's number and digest.
pub(crate) fn closed(kind: Kind, row: &Instance, completion: Completion, (n, digest): (u64, &Digest)) -> Event {
    Event::of_instance(kind, &row.id)
        .about("taskId", &row.task_id)
        .with("closing", completion.closing)
        .with("completedAt", completion.at.seconds())
        .with("n", n)
        .with("digest", hex::encode(digest))
}

/// Records that pages were locked, by leaving or by time.
///
/// # Errors
/// When the database cannot be written.
pub(super) fn record_lock(
    app: &App,
    tx: &mut dyn Transaction,
    now: Timestamp,
    doer: &dyn Doer,
    instance: &InstanceId,
    pages: &PageSet,
    by_time_at: Option<Timestamp>,
) -> Result<(), Failure> {
    match locked(instance, pages, by_time_at) {
        Some(event) => app.record(tx, now, doer, event),
        None => Ok(()),
    }
}

/// The event of a locking; none when nothing was locked.
pub(crate) fn locked(instance: &InstanceId, pages: &PageSet, by_time_at: Option<Timestamp>) -> Option<Event> {
    if pages.is_empty() {
        return None;
    }
    let numbers: Vec<_> = pages.iter().map(super::number).collect();
    let event = Event::of_instance(Kind::InstanceLocked, instance).with("pages", numbers);
    Some(match by_time_at {
        Some(at) => event.with("timeOverAt", at),
        None => event,
    })
}
