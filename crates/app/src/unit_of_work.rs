//! The unit of work: what one use case does for a caller, in one transaction.
//!
//! [`App::read_as`] and [`App::write_as`] demand the right, read the clock once and hand the work
//! over to a storage thread; the work resolves what it is about within the caller's limits
//! ([`UnitOfWork::task`]) and either all of it happens or nothing. Must never hold a rule of the
//! domain.

use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use domain::id::TaskId;
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::task::TaskRow;

/// A transaction on behalf of a caller.
pub(crate) struct UnitOfWork<'t> {
    pub tx: &'t mut dyn Transaction,
    pub caller: &'t Caller,
    /// When the request had arrived: one moment for all of it.
    pub now: Timestamp,
}

impl UnitOfWork<'_> {
    /// A task within the caller's limits.
    ///
    /// # Errors
    /// [`Failure::NotFound`] for one of another organization, or outside the caller's limits.
    pub fn task(&mut self, task: &TaskId) -> Result<TaskRow, Failure> {
        task_of(self.tx, self.caller, task)
    }

    /// The same, locked until the transaction ends: whoever changes it waits.
    ///
    /// # Errors
    /// As [`UnitOfWork::task`].
    pub fn lock_task(&mut self, task: &TaskId) -> Result<TaskRow, Failure> {
        let row = storage::task::lock(self.tx, &self.caller.organization, task)?;
        let row = row.ok_or(Failure::NotFound)?;
        self.caller.require_task_access(&row.id, &row.folder)?;
        Ok(row)
    }
}

/// A task within the caller's limits, where there is a transaction but no unit of work.
pub(crate) fn task_of(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
) -> Result<TaskRow, Failure> {
    let row = storage::task::find(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
    caller.require_task_access(&row.id, &row.folder)?;
    Ok(row)
}

impl App {
    /// Runs work that changes nothing for a caller who has the right.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without the right; what the work returns.
    pub(crate) async fn read_as<T: Send + 'static>(
        &self,
        caller: &Caller,
        right: Right,
        work: impl Fn(&mut UnitOfWork<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        caller.require(right)?;
        let (caller, now) = (caller.clone(), self.now());
        self.storage().read(move |tx| work(&mut UnitOfWork { tx, caller: &caller, now })).await
    }

    /// Runs work for a caller who has the right: all of it or nothing. It may run again after a
    /// conflict with another writer, from the beginning.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without the right; what the work returns.
    pub(crate) async fn write_as<T: Send + 'static>(
        &self,
        caller: &Caller,
        right: Right,
        work: impl Fn(&mut UnitOfWork<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        caller.require(right)?;
        let (caller, now) = (caller.clone(), self.now());
        self.storage().write(move |tx| work(&mut UnitOfWork { tx, caller: &caller, now })).await
    }
}
