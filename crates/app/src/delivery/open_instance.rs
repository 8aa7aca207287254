//! An open instance with its row locked, and the one way in which instances are closed.

use super::receipt::{self, SignedReceipt};
use crate::App;
use crate::audit::{AuditContext, AuditEvent, AuditEventKind};
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::versions::{ResultChange, ScoringContext};
use domain::compile::model::CompiledTest;
use domain::delivery::page_set::PageSet;
use domain::delivery::state::{Completion, DeliveryState};
use domain::id::InstanceId;
use domain::instance::{InstanceState, VersionReason};
use domain::time::Timestamp;
use std::sync::Arc;
use storage::instance::InstanceRow;
use storage::{Sha256Digest, Transaction};

/// An instance at work: its locked row, what it is compiled to, and where it stands.
pub(crate) struct OpenInstance {
    pub row: InstanceRow,
    pub compiled: Arc<CompiledTest>,
    pub delivery: DeliveryState,
}

/// What closing an instance gave.
pub(crate) struct ClosedInstance {
    pub row: InstanceRow,
    pub receipt: SignedReceipt,
    pub revision: i64,
}

impl OpenInstance {
    /// The instance of a row that was locked in this transaction.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what does not read.
    pub(crate) fn of(
        app: &App,
        tx: &mut dyn Transaction,
        row: InstanceRow,
    ) -> Result<Self, Failure> {
        let compiled = app.compiled_test(tx, &row)?;
        let delivery = from_json(&row.delivery)?;
        Ok(Self { row, compiled, delivery })
    }

    /// Lets time pass up to `now`, recording what it locked. Gives the completion if the instance
    /// was due; the caller closes it with that.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn let_time_pass(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
        now: Timestamp,
        doer: &dyn AuditContext,
    ) -> Result<Option<Completion>, Failure> {
        let advanced = self.delivery.advance(&self.compiled, now);
        for lock in &advanced.locks {
            record_page_lock(app, tx, now, doer, &self.row.id, &lock.pages, Some(lock.at))?;
        }
        Ok(advanced.completed)
    }

    /// Writes the delivery state with its next deadline. No revision.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn keep_delivery(
        &mut self,
        app: &App,
        tx: &mut dyn Transaction,
    ) -> Result<(), Failure> {
        self.row.due_at = self.delivery.due_at(&self.compiled);
        self.row.delivery = to_json(&self.delivery)?;
        app.deadlines().note(self.row.due_at);
        Ok(storage::instance::set_delivery(tx, &self.row.id, &self.row.delivery, self.row.due_at)?)
    }

    /// Makes the instance COMPLETE: result version, revision, events, receipt, and the mail that
    /// confirms it. The delivery was closed with this completion before; answers riding with it are
    /// kept already.
    ///
    /// `kind` is the event of the closing: completed, force-closed or terminated.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn close(
        self,
        app: &App,
        tx: &mut dyn Transaction,
        now: Timestamp,
        doer: &dyn AuditContext,
        completion: Completion,
        kind: AuditEventKind,
    ) -> Result<ClosedInstance, Failure> {
        let closed = self.close_unconfirmed(app, tx, now, doer, completion, kind)?;
        app.mail().queue_confirmation(tx, &closed.row, now)?;
        Ok(closed)
    }

    /// The same without a mail, for somebody who is being erased.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn close_unconfirmed(
        mut self,
        app: &App,
        tx: &mut dyn Transaction,
        now: Timestamp,
        doer: &dyn AuditContext,
        completion: Completion,
        kind: AuditEventKind,
    ) -> Result<ClosedInstance, Failure> {
        self.row.state = InstanceState::Complete;
        self.row.closing = Some(completion.closing);
        self.row.completed_at = Some(completion.at);
        self.row.due_at = None;
        self.row.delivery = to_json(&self.delivery)?;
        let reason = if self.row.result_number == 0 {
            VersionReason::Completed
        } else {
            VersionReason::Recompleted
        };
        let settled = app.store_result(
            tx,
            &mut self.row,
            &self.compiled,
            &ScoringContext { actor: doer, now, reason, note: None },
        )?;
        let ResultChange::Version { revision, .. } = settled else {
            return Err(Failure::internal("a completion made no version"));
        };
        let receipt = receipt::sign_receipt(app, tx, &self.row)?;
        let event = closing_event(kind, &self.row, completion, (receipt.n, &receipt.digest))
            .at_revision(revision);
        app.record_event(tx, now, doer, event)?;
        Ok(ClosedInstance { row: self.row, receipt, revision })
    }
}

/// The event of a closing, with the last receipt's number and digest.
pub(crate) fn closing_event(
    kind: AuditEventKind,
    row: &InstanceRow,
    completion: Completion,
    (n, digest): (u64, &Sha256Digest),
) -> AuditEvent {
    AuditEvent::of_instance(kind, &row.id)
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
pub(super) fn record_page_lock(
    app: &App,
    tx: &mut dyn Transaction,
    now: Timestamp,
    doer: &dyn AuditContext,
    instance: &InstanceId,
    pages: &PageSet,
    by_time_at: Option<Timestamp>,
) -> Result<(), Failure> {
    match locking_event(instance, pages, by_time_at) {
        Some(event) => app.record_event(tx, now, doer, event),
        None => Ok(()),
    }
}

/// The event of a locking; none when nothing was locked.
pub(crate) fn locking_event(
    instance: &InstanceId,
    pages: &PageSet,
    by_time_at: Option<Timestamp>,
) -> Option<AuditEvent> {
    if pages.is_empty() {
        return None;
    }
    let numbers: Vec<_> = pages.iter().map(super::published_number).collect();
    let event =
        AuditEvent::of_instance(AuditEventKind::InstanceLocked, instance).with("pages", numbers);
    Some(match by_time_at {
        Some(at) => event.with("timeOverAt", at),
        None => event,
    })
}
