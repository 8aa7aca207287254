//! What staff do to instances: put aside, take back, reopen, close, give time, compute anew.
//!
//! What is allowed when is [`domain::lifecycle`]'s table. A repeat that changes nothing succeeds and records nothing.

mod close;
mod extend;
mod ignore;
mod inspect;
mod live;
mod reinstate;
mod rescore;

pub use extend::{ExtendedStep, Extension, Place};
pub use inspect::{Correction, InstanceDetail, PageDetail, RecordedEvent};
pub use live::{Live, MOST_RUNNING, RunningInstance, RunningStep};
pub use reinstate::{Reinstatement, TimeGiven};
pub use rescore::RescoredBatch;

use crate::App;
use crate::caller::Caller;
use crate::compute::CostBearer;
use crate::delivery::running::Running;
use crate::failure::Failure;
use crate::forms::Checks;
use domain::fault::Code;
use domain::id::{InstanceId, TaskId};
use domain::instance::{Closing, State};
use domain::json::Pointer;
use domain::lifecycle::{Event as LifeEvent, Stand, Transition, transition, transition_of_erased};
use domain::role::Permission;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::Transaction;
use storage::instance::Instance;

/// Where an instance stands after an act of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    pub instance: InstanceId,
    pub state: State,
    pub ignored: bool,
    pub closing: Option<Closing>,
    pub completed_at: Option<Timestamp>,
    /// When it completes by itself; none when closed or without a running clock.
    pub due_at: Option<Timestamp>,
    /// The task's revision at the instance's last change.
    pub revision: i64,
    /// The latest result version, 0 is none.
    pub version: i64,
    /// Answers that wait for an evaluation.
    pub waiting: i64,
}

impl Standing {
    pub(crate) fn of(row: &Instance) -> Self {
        Self {
            instance: row.id.clone(),
            state: row.state,
            ignored: row.ignored,
            closing: row.closing,
            completed_at: row.completed_at,
            due_at: row.due_at,
            revision: row.revision,
            version: row.result_number,
            waiting: row.waiting,
        }
    }
}

/// An instance of the caller's organization and within the key's limits, as it is.
pub(crate) fn found(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    instance: &InstanceId,
) -> Result<Instance, Failure> {
    let row = storage::task::find(tx, &caller.organization, task)?.ok_or(Failure::NotFound)?;
    caller.reach(&row.id, &row.folder)?;
    storage::instance::find(tx, &caller.organization, task, instance)?.ok_or(Failure::NotFound)
}

/// The same with its row locked, so that all events of one instance happen in one order.
pub(crate) fn locked(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    instance: &InstanceId,
) -> Result<Instance, Failure> {
    found(tx, caller, task, instance)?;
    storage::instance::lock(tx, instance)?.ok_or(Failure::NotFound)
}

/// What the table says about an event of this instance.
pub(crate) fn allowed(row: &Instance, event: LifeEvent) -> Result<Transition, Failure> {
    let stand = Stand::of(row.state, row.ignored);
    let says = if row.erased_at.is_some() { transition_of_erased(stand, event) } else { transition(stand, event) };
    Ok(says?)
}

/// An open instance at work with the time up to now passed. One that was due meanwhile is complete by that.
pub(super) fn open_now(
    app: &App,
    tx: &mut dyn Transaction,
    caller: &Caller,
    row: Instance,
    now: Timestamp,
) -> Result<Running, Failure> {
    let mut running = Running::of(app, tx, row)?;
    if running.let_time_pass(app, tx, now, caller)?.is_some() {
        return Err(domain::refusal::Refusal::InstanceComplete.into());
    }
    Ok(running)
}

/// A reason code: 1 to 64 of `a-z0-9_-`, because events hold no free text.
pub(super) fn check_reason(reason: Option<&str>) -> Result<(), Failure> {
    let has_form = |reason: &str| {
        (1..=64).contains(&reason.len())
            && reason.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
    };
    let mut checks = Checks::below(Pointer::root());
    if reason.is_some_and(|reason| !has_form(reason)) {
        checks.refuse(checks.at("reason"), Code::InvalidFormat, "must be 1 to 64 of a-z, 0-9, _ and -");
    }
    checks.finish()
}

impl App {
    /// Runs an act of staff on one locked instance, in one transaction.
    pub(crate) async fn administer<T, F>(
        &self,
        caller: &Caller,
        wanted: Permission,
        task: &TaskId,
        instance: &InstanceId,
        act: F,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&Self, &mut dyn Transaction, &Caller, Instance, Timestamp) -> Result<T, Failure> + Send + 'static,
    {
        caller.permit(wanted)?;
        self.settled().await?;
        let now = self.now();
        let bearer = CostBearer::from(caller);
        let (app, caller) = (self.clone(), caller.clone());
        let (task, instance) = (task.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| {
            let row = locked(tx, &caller, &task, &instance)?;
            act(&app, tx, &caller, row, now)
        };
        self.write_scored(bearer, write).await
    }
}
