//! Closing an open instance for the candidate.

use super::{Standing, allowed};
use crate::App;
use crate::audit::Kind;
use crate::caller::Caller;
use crate::delivery::running::Running;
use crate::failure::Failure;
use domain::id::{InstanceId, TaskId};
use domain::instance::Closing;
use domain::lifecycle::Event as LifeEvent;
use domain::role::Permission;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::Instance;

impl App {
    /// Completes an open instance with what was answered; required questions are not asked for.
    ///
    /// # Errors
    /// `instance_complete`; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn force_close(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<Standing, Failure> {
        let act = |app: &Self, tx: &mut dyn Transaction, caller: &Caller, row: Instance, now: Timestamp| {
            allowed(&row, LifeEvent::Complete)?;
            let mut running = Running::of(app, tx, row)?;
            let completion = running.delivery.force_close(&running.compiled, now)?;
            let kind = match completion.closing {
                Closing::ForceClosed => Kind::InstanceForceClosed,
                _ => Kind::InstanceCompleted,
            };
            let closed = running.close(app, tx, now, caller, completion, kind)?;
            Ok(Standing::of(&closed.row))
        };
        self.administer(caller, Permission::Administer, task, instance, act).await
    }
}
