//! Opening an instance again, or an interrupted one anew (domain rules, 5.8).

use super::{InstanceStatus, TimeLimitScope, check_reason, check_transition};
use crate::App;
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::delivery::open_instance::OpenInstance;
use crate::failure::Failure;
use crate::idempotency::{IdempotentRequest, store_response, stored_response};
use crate::services::InstanceService;
use domain::compile::model::CompiledTest;
use domain::delivery::reinstate::{ReinstatePlan, TimeLeft};
use domain::id::{InstanceId, TaskId};
use domain::instance::{InstanceChange, InstanceState};
use domain::lifecycle::LifecycleEvent as LifeEvent;
use domain::refusal::Refusal;
use domain::role::Right;
use domain::time::Timestamp;
use std::collections::BTreeMap;
use storage::Transaction;
use storage::instance::InstanceRow;

/// How an instance is reopened. Pages and sections go by their published numbers, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reinstatement {
    /// The same token gives the first answer again.
    pub client_token: String,
    /// Pages to unlock, with their sections; all others are locked. None is all pages.
    pub pages: Option<Vec<u32>>,
    /// Among the pages to unlock; none is the lowest of them.
    pub start: Option<u32>,
    /// What is not named keeps what was left.
    pub time: BTreeMap<TimeLimitScope, ReinstatedTime>,
    /// A code.
    pub reason: String,
}

/// Time given at reinstating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReinstatedTime {
    Unlimited,
    Seconds(u32),
}

impl Reinstatement {
    fn resolved(&self, compiled: &CompiledTest) -> Result<ReinstatePlan, Refusal> {
        let index = |number: &u32| {
            number.checked_sub(1).map(|index| index as usize).ok_or(Refusal::NotFound)
        };
        let pages = match &self.pages {
            Some(numbers) => numbers.iter().map(index).collect::<Result<Vec<_>, _>>()?,
            None => (0..compiled.pages.len()).collect(),
        };
        let lowest = pages.iter().copied().min().ok_or(Refusal::NothingUnlocked)?;
        let start = self.start.as_ref().map_or(Ok(lowest), index)?;
        let mut time = BTreeMap::new();
        for (place, time_given) in &self.time {
            let left = match time_given {
                ReinstatedTime::Unlimited => TimeLeft::Unlimited,
                ReinstatedTime::Seconds(seconds) => TimeLeft::Seconds(*seconds),
            };
            time.insert(place.to_domain_target()?, left);
        }
        Ok(ReinstatePlan { pages, start, time })
    }
}

impl InstanceService {
    /// Reopens an instance. Answers, receipts, seed and copies stay; clocks stand still until the
    /// candidate opens it.
    ///
    /// # Errors
    /// `instance_ignored`, `instance_erased`, `other_instance_open`, `nothing_unlocked`;
    /// `not_found` for no such page or section; a fault of the reason;
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn reinstate(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        how: Reinstatement,
    ) -> Result<InstanceStatus, Failure> {
        check_reason(Some(&how.reason))?;
        let act = move |app: &App,
                        tx: &mut dyn Transaction,
                        caller: &Caller,
                        row: InstanceRow,
                        now: Timestamp| {
            let scope = format!("reinstate/{}", row.id);
            let request = IdempotentRequest {
                organization: &caller.organization,
                scope: &scope,
                token: &how.client_token,
            };
            if let Some(first) = stored_response::<InstanceStatus>(tx, &request)? {
                return Ok(first);
            }
            let status = app.instances().reopen(tx, caller, row, &how, now)?;
            store_response(tx, &request, &status, now)?;
            Ok(status)
        };
        self.with_locked_instance(caller, Right::Administer, task, instance, act).await
    }

    fn reopen(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        row: InstanceRow,
        how: &Reinstatement,
        now: Timestamp,
    ) -> Result<InstanceStatus, Failure> {
        check_transition(&row, LifeEvent::Reinstate)?;
        let other = storage::instance::find_open(tx, &row.candidate_id, &row.step_id)?;
        if other.is_some_and(|other| other.id != row.id) {
            return Err(Refusal::OtherInstanceOpen.into());
        }
        let mut running = OpenInstance::of(self, tx, row)?;
        let resolved = how.resolved(&running.compiled)?;
        running.delivery.reinstate(&running.compiled, &resolved, now)?;
        let OpenInstance { mut row, compiled, delivery } = running;
        row.due_at = delivery.due_at(&compiled);
        row.delivery = crate::json::to_json(&delivery)?;
        without_result(&mut row);
        storage::mail::cancel_confirmation(tx, &row.candidate_id, &row.id, now)?;
        let revision = self.revise(tx, &mut row, now)?;
        self.deadlines().note(row.due_at);
        let numbers: Vec<_> = resolved.pages.iter().map(|page| page + 1).collect();
        let event = AuditEvent::of_instance(AuditEventKind::InstanceReinstated, &row.id)
            .about("taskId", &row.task_id);
        let event = event
            .with("reason", &how.reason)
            .with("pages", numbers)
            .with("start", resolved.start + 1);
        let event = if how.time.is_empty() {
            event
        } else {
            event.with("time", reinstated_times(&how.time))
        };
        self.record_event(tx, now, caller, event.at_revision(revision))?;
        Ok(InstanceStatus::of(&row))
    }
}

/// Seconds by place, such as `section-2`; `null` is without a limit.
fn reinstated_times(
    time: &BTreeMap<TimeLimitScope, ReinstatedTime>,
) -> BTreeMap<String, Option<u32>> {
    let place = |place: &TimeLimitScope| match place {
        TimeLimitScope::Test => "test".to_owned(),
        TimeLimitScope::Section(number) => format!("section-{number}"),
        TimeLimitScope::Page(number) => format!("page-{number}"),
    };
    let seconds = |time_given: &ReinstatedTime| match time_given {
        ReinstatedTime::Unlimited => None,
        ReinstatedTime::Seconds(seconds) => Some(*seconds),
    };
    time.iter().map(|(at, time_given)| (place(at), seconds(time_given))).collect()
}

/// An undone completion must not be read as one; the versions stay in the history.
fn without_result(row: &mut InstanceRow) {
    row.state = InstanceState::Resetup;
    row.change_kind = InstanceChange::Reinstated;
    row.ignored = false;
    row.closing = None;
    row.completed_at = None;
    row.waiting = 0;
    row.result_basic = None;
    row.result_detailed = None;
    row.ratio = None;
}
