//! Taking an evaluation back.

use crate::App;
use crate::administration::{Standing, allowed};
use crate::audit::{Event, Kind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::versions::Act;
use domain::id::{InstanceId, TaskId};
use domain::instance::Reason;
use domain::lifecycle::Event as LifeEvent;
use domain::role::Permission;
use domain::time::Timestamp;
use storage::Transaction;
use storage::instance::Instance;

impl App {
    /// Withdraws the evaluation of a slot: its answer counts by its rules again, or waits.
    ///
    /// # Errors
    /// `instance_open`, `instance_erased`; [`Failure::NotFound`], also when the slot has no evaluation;
    /// [`Failure::InsufficientScope`].
    pub async fn withdraw_evaluation(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        slot: u32,
    ) -> Result<Standing, Failure> {
        let act = move |app: &Self, tx: &mut dyn Transaction, caller: &Caller, mut row: Instance, now: Timestamp| {
            allowed(&row, LifeEvent::Evaluate)?;
            if !storage::evaluation::withdraw(tx, &row.id, slot.into())? {
                return Err(Failure::NotFound);
            }
            let event = Event::of_instance(Kind::AnswerEvaluationWithdrawn, &row.id).about("taskId", &row.task_id);
            app.record(tx, now, caller, event.with("slot", slot))?;
            let compiled = app.compiled_of(tx, &row)?;
            let act = Act { doer: caller, now, reason: Reason::EvaluationWithdrawn, note: None };
            app.settle(tx, &mut row, &compiled, &act)?;
            Ok(Standing::of(&row))
        };
        self.administer(caller, Permission::Evaluate, task, instance, act).await
    }
}
