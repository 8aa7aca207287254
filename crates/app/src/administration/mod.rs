//! What staff do to instances: put aside, take back, reopen, close, give time, compute anew.
//!
//! What is allowed when is [`domain::lifecycle`]'s table. A repeat that changes nothing succeeds
//! and records nothing.

mod close;
mod extend;
mod ignore;
mod inspect;
mod live;
mod reinstate;
mod release;
mod rescore;

pub use extend::{ExtendedStep, LimitExtension, TimeLimitScope};
pub use inspect::{CorrectionRow, InstanceDetail, PageDetail, RecordedEvent};
pub use live::{LiveOverview, MOST_RUNNING, RunningInstance, RunningStep};
pub use reinstate::{ReinstatedTime, Reinstatement};
pub use release::ReleaseAct;
pub use rescore::RescoredBatch;

use crate::App;
use crate::caller::Caller;
use crate::compute::ComputePayer;
use crate::delivery::open_instance::OpenInstance;
use crate::failure::Failure;
use crate::unit_of_work::task_of;
use crate::validation::FieldValidator;
use domain::fault::ErrorCode;
use domain::id::{InstanceId, TaskId};
use domain::instance::{ClosingReason, InstanceState};
use domain::json::JsonPointer;
use domain::lifecycle::{
    LifecycleEvent as LifeEvent, LifecycleState, LifecycleTransition, transition,
    transition_of_erased,
};
use domain::role::Right;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::Transaction;
use storage::instance::InstanceRow;

/// Where an instance stands after an act of staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceStatus {
    pub instance: InstanceId,
    pub state: InstanceState,
    pub ignored: bool,
    pub closing: Option<ClosingReason>,
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

impl InstanceStatus {
    pub(crate) fn of(row: &InstanceRow) -> Self {
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
pub(crate) fn find_instance(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    instance: &InstanceId,
) -> Result<InstanceRow, Failure> {
    task_of(tx, caller, task)?;
    storage::instance::find(tx, &caller.organization, task, instance)?.ok_or(Failure::NotFound)
}

/// The same with its row locked, so that all events of one instance happen in one order.
pub(crate) fn lock_instance(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    instance: &InstanceId,
) -> Result<InstanceRow, Failure> {
    find_instance(tx, caller, task, instance)?;
    storage::instance::lock(tx, instance)?.ok_or(Failure::NotFound)
}

/// What the table says about an event of this instance.
pub(crate) fn check_transition(
    row: &InstanceRow,
    event: LifeEvent,
) -> Result<LifecycleTransition, Failure> {
    let stand = LifecycleState::of(row.state, row.ignored);
    let says = if row.erased_at.is_some() {
        transition_of_erased(stand, event)
    } else {
        transition(stand, event)
    };
    Ok(says?)
}

/// An open instance at work with the time up to now passed. One that was due meanwhile is complete
/// by that.
pub(super) fn require_open(
    app: &App,
    tx: &mut dyn Transaction,
    caller: &Caller,
    row: InstanceRow,
    now: Timestamp,
) -> Result<OpenInstance, Failure> {
    let mut running = OpenInstance::of(app, tx, row)?;
    if running.let_time_pass(app, tx, now, caller)?.is_some() {
        return Err(domain::refusal::Refusal::InstanceComplete.into());
    }
    Ok(running)
}

/// A reason code: 1 to 64 of `a-z0-9_-`, because events hold no free text.
pub(super) fn check_reason(reason: Option<&str>) -> Result<(), Failure> {
    let has_form = |reason: &str| {
        (1..=64).contains(&reason.len())
            && reason.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte)
            })
    };
    let mut checks = FieldValidator::below(JsonPointer::root());
    if reason.is_some_and(|reason| !has_form(reason)) {
        checks.refuse(
            checks.at("reason"),
            ErrorCode::InvalidFormat,
            "must be 1 to 64 of a-z, 0-9, _ and -",
        );
    }
    checks.finish()
}

impl App {
    /// Runs an act of staff on one locked instance, in one transaction.
    pub(crate) async fn with_locked_instance<T, F>(
        &self,
        caller: &Caller,
        right: Right,
        task: &TaskId,
        instance: &InstanceId,
        act: F,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&Self, &mut dyn Transaction, &Caller, InstanceRow, Timestamp) -> Result<T, Failure>
            + Send
            + 'static,
    {
        caller.require(right)?;
        self.delivery().ensure_deadlines_swept().await?;
        let now = self.now();
        let bearer = ComputePayer::from(caller);
        let (app, caller) = (self.clone(), caller.clone());
        let (task, instance) = (task.clone(), instance.clone());
        let write = move |tx: &mut dyn Transaction| {
            let row = lock_instance(tx, &caller, &task, &instance)?;
            act(&app, tx, &caller, row, now)
        };
        self.write_scored(bearer, write).await
    }
}
