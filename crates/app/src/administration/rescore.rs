//! Computing a result anew from what is kept.

use super::{Standing, allowed};
use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::forms::{Checks, LONGEST_NOTE};
use crate::versions::Act;
use domain::id::{InstanceId, TaskId};
use domain::instance::Reason;
use domain::json::Pointer;
use domain::lifecycle::Event as LifeEvent;
use domain::role::Permission;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::Instance;

impl App {
    /// Computes a completed instance's result anew; a version is made only when something differs. An open instance
    /// is computed at its completion anyway: nothing happens to it now.
    ///
    /// # Errors
    /// `instance_erased`; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn rescore(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        note: Option<String>,
    ) -> Result<Standing, Failure> {
        let mut checks = Checks::below(Pointer::root());
        if let Some(note) = &note {
            checks.text(checks.at("note"), note, 1, LONGEST_NOTE);
        }
        checks.finish()?;
        let act = move |app: &Self, tx: &mut dyn Transaction, caller: &Caller, mut row: Instance, now: Timestamp| {
            allowed(&row, LifeEvent::Correct)?;
            if !row.state.is_open() {
                let compiled = app.compiled_of(tx, &row)?;
                let act = Act { doer: caller, now, reason: Reason::Rescored, note: note.as_deref() };
                app.settle(tx, &mut row, &compiled, &act)?;
            }
            Ok(Standing::of(&row))
        };
        self.administer(caller, Permission::Correct, task, instance, act).await
    }
}
