//! Giving lost time back: seconds on the test, a section or a page, in one instance or in all open
//! ones of a step.

use super::{InstanceStatus, check_transition, require_open};
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::bulk::{Act, Batch, Earlier};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::services::InstanceService;
use crate::unit_of_work::task_of;
use crate::validation::FieldValidator;
use domain::delivery::reinstate::LimitTarget;
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::id::{InstanceId, StepId, TaskId};
use domain::json::JsonPointer;
use domain::lifecycle::LifecycleEvent as LifeEvent;
use domain::refusal::Refusal;
use domain::role::Right;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::Transaction;
use storage::instance::InstanceRow;

/// The longest extension, in seconds.
pub const LONGEST_EXTENSION: u32 = 604_800;

/// An extension of a step that was interrupted is gone on with when it is asked again within so
/// many seconds.
const RESUMABLE_SECONDS: i64 = 15 * 60;

/// What a limit belongs to, by published number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeLimitScope {
    Test,
    Section(u32),
    Page(u32),
}

/// How much longer, and of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitExtension {
    pub place: TimeLimitScope,
    /// 1 to 604800.
    pub seconds: u32,
}

/// What extending all open instances of a step came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtendedStep {
    pub extended: Vec<InstanceStatus>,
    /// Open instances that have nothing to extend there, and why.
    pub passed_over: Vec<(InstanceId, Refusal)>,
}

/// What a batch of a step came to.
#[derive(Default, Serialize, Deserialize)]
struct ExtendedBatch {
    extended: Vec<InstanceStatus>,
    passed_over: Vec<(InstanceId, Refusal)>,
    /// The ordinal behind which the next one begins.
    behind: i64,
    /// The last ordinal when it was asked: who starts later is not extended.
    until: i64,
}

impl TimeLimitScope {
    /// Its kind and number.
    const fn named(self) -> (&'static str, Option<u32>) {
        match self {
            Self::Test => ("test", None),
            Self::Section(number) => ("section", Some(number)),
            Self::Page(number) => ("page", Some(number)),
        }
    }

    /// The same by index from 0; a number of 0 names nothing.
    pub(super) fn to_domain_target(self) -> Result<LimitTarget, Refusal> {
        let index = |number: u32| {
            number.checked_sub(1).map(|index| index as usize).ok_or(Refusal::NotFound)
        };
        Ok(match self {
            Self::Test => LimitTarget::Test,
            Self::Section(number) => LimitTarget::Section(index(number)?),
            Self::Page(number) => LimitTarget::Page(index(number)?),
        })
    }
}

impl InstanceService {
    /// Extends the time of one open instance.
    ///
    /// # Errors
    /// `instance_complete`, `no_time_limit`, `page_locked`; `not_found` for no such section or
    /// page; a fault of the seconds; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn extend(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        extension: LimitExtension,
    ) -> Result<InstanceStatus, Failure> {
        check(extension)?;
        let act = move |app: &App,
                        tx: &mut dyn Transaction,
                        caller: &Caller,
                        row: InstanceRow,
                        now: Timestamp| {
            app.instances().extend_row(tx, caller, row, extension, now)
        };
        self.with_locked_instance(caller, Right::Administer, task, instance, act).await
    }

    /// Extends the time of all open instances of a step, in batches. Those that have nothing to
    /// extend there are passed over. The same asked again while it is under way, or after the
    /// server ended in the middle, is done once.
    ///
    /// # Errors
    /// A fault of the seconds; [`Failure::InsufficientScope`]; [`Failure::NotFound`] for task and
    /// step.
    pub async fn extend_step(
        &self,
        caller: &Caller,
        task: &TaskId,
        step: &StepId,
        extension: LimitExtension,
    ) -> Result<ExtendedStep, Failure> {
        check(extension)?;
        caller.require(Right::Administer)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (place, number) = extension.place.named();
        let act = Act {
            organization: caller.organization.clone(),
            name: format!(
                "extend/{step}/{place}/{}/{}",
                number.unwrap_or_default(),
                extension.seconds
            ),
            resumable_seconds: RESUMABLE_SECONDS,
        };
        let (app, caller) = (self.clone(), caller.clone());
        let (task, step) = (task.clone(), step.clone());
        let batch =
            move |tx: &mut dyn Transaction, earlier: &Earlier<ExtendedBatch>, now: Timestamp| {
                let row = task_of(tx, &caller, &task)?;
                storage::step::find(tx, &caller.organization, &task, &step)?
                    .ok_or(Failure::NotFound)?;
                let place = earlier
                    .last
                    .as_ref()
                    .map_or((0, row.instance_count), |last| (last.behind, last.until));
                app.extend_batch(tx, &caller, &step, place, extension, now)
            };
        let mut done = ExtendedStep::default();
        for batch in self.in_batches(act, batch).await? {
            done.extended.extend(batch.extended);
            done.passed_over.extend(batch.passed_over);
        }
        Ok(done)
    }

    fn extend_batch(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        step: &StepId,
        (behind, until): (i64, i64),
        extension: LimitExtension,
        now: Timestamp,
    ) -> Result<Batch<ExtendedBatch>, Failure> {
        let (began, most) = (self.clock().steady(), self.settings().batch_size);
        let open = storage::instance::list_open(tx, step, behind, until, most)?;
        let mut is_last = i64::try_from(open.len()).is_ok_and(|found| found < most);
        let mut outcome = ExtendedBatch { behind, until, ..ExtendedBatch::default() };
        let mut open = open.into_iter().peekable();
        while let Some((id, ordinal)) = open.next() {
            outcome.behind = ordinal;
            let row = storage::instance::lock(tx, &id)?.ok_or(Failure::NotFound)?;
            match self.extend_row(tx, caller, row, extension, now) {
                Ok(status) => outcome.extended.push(status),
                Err(Failure::Refused(refused)) => outcome.passed_over.push((id, refused.code)),
                Err(failure) => return Err(failure),
            }
            if open.peek().is_some() && self.is_batch_over(began) {
                is_last = false;
                break;
            }
        }
        Ok(Batch { outcome, is_last })
    }

    fn extend_row(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        row: InstanceRow,
        extension: LimitExtension,
        now: Timestamp,
    ) -> Result<InstanceStatus, Failure> {
        check_transition(&row, LifeEvent::ExtendTime)?;
        // Asked on a copy first: a refusal for one instance of a step must not leave the events of
        // time behind.
        let target = extension.place.to_domain_target()?;
        let mut copy = crate::delivery::open_instance::OpenInstance::of(self, tx, row.clone())?;
        copy.delivery.extend(&copy.compiled, target, extension.seconds, now)?;
        let mut running = require_open(self, tx, caller, row, now)?;
        running.delivery.extend(&running.compiled, target, extension.seconds, now)?;
        running.keep_delivery(self, tx)?;
        let (place, number) = extension.place.named();
        let event = AuditEvent::of_instance(AuditEventKind::InstanceTimeExtended, &running.row.id)
            .about("taskId", &running.row.task_id);
        let event =
            event.with("place", place).with("number", number).with("seconds", extension.seconds);
        self.record_event(tx, now, caller, event)?;
        Ok(InstanceStatus::of(&running.row))
    }
}

fn check(extension: LimitExtension) -> Result<(), Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    if !(1..=LONGEST_EXTENSION).contains(&extension.seconds) {
        let at = checks.at("seconds");
        checks.push(Fault::out_of_range(FaultLocation::Body(at), 1, i64::from(LONGEST_EXTENSION)));
    }
    if matches!(extension.place, TimeLimitScope::Section(0) | TimeLimitScope::Page(0)) {
        checks.refuse(checks.at("number"), ErrorCode::OutOfRange, "must be at least 1");
    }
    checks.finish()
}
