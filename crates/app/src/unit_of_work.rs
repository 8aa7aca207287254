//! The unit of work: what one use case does for a caller, in one transaction.
//!
//! [`App::read_as`] and [`App::write_as`] demand the right, read the clock once and hand the work
//! over to a storage thread; the work resolves what it is about within the caller's limits
//! ([`UnitOfWork::task`]) and either all of it happens or nothing. [`App::read_for`] and
//! [`App::write_for`] are for use cases that demand more than one right, or do something between
//! the right and the work. Must never hold a rule of the domain.

use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use domain::id::{InstanceId, OrganizationId, TaskId};
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::InstanceRow;
use storage::task::TaskRow;

/// A transaction on behalf of a caller.
pub(crate) struct UnitOfWork<'t> {
    pub app: &'t App,
    pub tx: &'t mut dyn Transaction,
    pub caller: &'t Caller,
    /// The caller's.
    pub organization: &'t OrganizationId,
    /// When the request had arrived: one moment for all of it.
    pub now: Timestamp,
}

impl<'t> UnitOfWork<'t> {
    fn of(app: &'t App, tx: &'t mut dyn Transaction, caller: &'t Caller, now: Timestamp) -> Self {
        Self { app, tx, caller, organization: &caller.organization, now }
    }

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
        let row = storage::task::lock(self.tx, self.organization, task)?;
        let row = row.ok_or(Failure::NotFound)?;
        self.caller.require_task_access(&row.id, &row.folder)?;
        Ok(row)
    }

    /// An instance of a task within the caller's limits.
    ///
    /// # Errors
    /// [`Failure::NotFound`] for another task's, and as [`UnitOfWork::task`].
    pub fn instance(
        &mut self,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<InstanceRow, Failure> {
        self.task(task)?;
        let row = storage::instance::find(self.tx, self.organization, task, instance)?;
        row.ok_or(Failure::NotFound)
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
        self.read_for(caller, work).await
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
        self.write_for(caller, work).await
    }

    /// [`App::read_as`] where the use case has demanded the caller's rights itself.
    ///
    /// # Errors
    /// What the work returns.
    pub(crate) async fn read_for<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl Fn(&mut UnitOfWork<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (app, caller, now) = (self.clone(), caller.clone(), self.now());
        self.storage().read(move |tx| work(&mut UnitOfWork::of(&app, tx, &caller, now))).await
    }

    /// [`App::write_as`] where the use case has demanded the caller's rights itself.
    ///
    /// # Errors
    /// What the work returns.
    pub(crate) async fn write_for<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl Fn(&mut UnitOfWork<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (app, caller, now) = (self.clone(), caller.clone(), self.now());
        self.storage().write(move |tx| work(&mut UnitOfWork::of(&app, tx, &caller, now))).await
    }
}
