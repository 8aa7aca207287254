//! Proctoring evidences of an instance. Nothing captures any yet, so every instance has none.

use crate::App;
use crate::administration::found;
use crate::caller::Caller;
use crate::failure::Failure;
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;
use storage::Transaction;

/// A kept recording; there is no way to make one yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {}

impl App {
    /// All evidences of an instance, in creation order.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `evidences:read`; [`Failure::NotFound`].
    pub async fn evidences(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<Vec<Evidence>, Failure> {
        caller.require(Scope::EvidencesRead)?;
        let (caller, task, instance) = (caller.clone(), task.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| found(tx, &caller, &task, &instance).map(|_| Vec::new());
        self.storage().read(read).await
    }
}
