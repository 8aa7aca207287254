//! Who is in a test now.

use super::TimeLimitScope;
use crate::caller::Caller;
use crate::delivery::open_instance::OpenInstance;
use crate::delivery::published_number;
use crate::evaluation::can_access_task;
use crate::failure::Failure;
use crate::services::InstanceService;
use crate::stored_number::{unsigned, unsigned_small};
use domain::delivery::state::ClockEnds;
use domain::id::{CandidateId, InstanceId, StepId, TaskId};
use domain::instance::InstanceState;
use domain::role::Right;
use domain::time::Timestamp;
use std::collections::HashMap;
use storage::Transaction;
use storage::event::EventChain;
use storage::instance::InstanceRow;

/// Instances of one answer: more would be no picture any more.
pub const MOST_RUNNING: usize = 200;

/// A step with open instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningStep {
    pub task: TaskId,
    pub task_title: String,
    pub step: StepId,
    pub title: String,
    pub instances: u64,
}

/// An open instance at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningInstance {
    pub task: TaskId,
    pub step: StepId,
    pub candidate: CandidateId,
    /// None for who may not read candidates.
    pub name: Option<String>,
    pub instance: InstanceId,
    pub state: InstanceState,
    pub started_at: Timestamp,
    /// Reinstated and not opened since: clocks stand still.
    pub is_standing: bool,
    /// From 1; none before the first page.
    pub page: Option<u32>,
    pub pages: u32,
    pub answered: u32,
    pub questions: u32,
    /// The next end of a running clock, and of what.
    pub ends: Option<(TimeLimitScope, Timestamp)>,
    /// Whether the whole test has a limit.
    pub has_limit: bool,
    /// When the candidate was last heard of: an answer, or a page.
    pub seen_at: Timestamp,
    /// How often the test was opened after its start.
    pub returns: u32,
}

/// The picture of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOverview {
    pub at: Timestamp,
    pub steps: Vec<RunningStep>,
    /// At most [`MOST_RUNNING`].
    pub list: Vec<RunningInstance>,
}

impl InstanceService {
    /// Who is in a test now, in one task or in all within reach.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`] for the task.
    pub async fn live_overview(
        &self,
        caller: &Caller,
        task: Option<TaskId>,
    ) -> Result<LiveOverview, Failure> {
        caller.require(Right::Administer)?;
        self.delivery().ensure_deadlines_swept().await?;
        self.read_for(caller, move |work| {
            if let Some(task) = &task {
                work.task(task)?;
            }
            let steps = running_steps(work.tx, work.caller)?;
            let list =
                work.app.instances().running(work.tx, work.caller, task.as_ref(), work.now)?;
            Ok(LiveOverview { at: work.now, steps, list })
        })
        .await
    }

    fn running(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        task: Option<&TaskId>,
        now: Timestamp,
    ) -> Result<Vec<RunningInstance>, Failure> {
        // A caller with limits sees few tasks of many: no limit of rows would be fair to it.
        let limit = if caller.is_limited() {
            i64::MAX
        } else {
            i64::try_from(MOST_RUNNING).expect("the limit is a small constant")
        };
        let (mut cache, mut list) = (HashMap::new(), Vec::new());
        for id in storage::instance::list_running(tx, &caller.organization, task, limit)? {
            let Some(row) = storage::instance::find_any(tx, &id)? else { continue };
            if list.len() < MOST_RUNNING && can_access_task(tx, caller, &row.task_id, &mut cache)? {
                list.push(self.running_one(tx, caller, row, now)?);
            }
        }
        Ok(list)
    }

    fn running_one(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        row: InstanceRow,
        now: Timestamp,
    ) -> Result<RunningInstance, Failure> {
        let (answered, saved_at) = storage::answer::progress(tx, &row.id)?;
        let (moved_at, opened) =
            storage::event::last_activity(tx, &EventChain::Instance(row.id.clone()))?;
        let name = match caller.require(Right::WriteCandidates) {
            Ok(()) => {
                storage::candidate::find(tx, &row.organization_id, &row.task_id, &row.candidate_id)?
            }
            Err(_) => None,
        };
        let OpenInstance { row, compiled, delivery } = OpenInstance::of(self, tx, row)?;
        let seen_at = [Some(row.started_at), saved_at, moved_at].into_iter().flatten().max();
        let page = delivery.current();
        Ok(RunningInstance {
            name: name.and_then(|candidate| candidate.fullname),
            state: row.state,
            started_at: row.started_at,
            is_standing: delivery.is_paused(),
            page: page.map(published_number),
            pages: count(compiled.pages.len()),
            answered: unsigned_small(answered)?,
            questions: count(compiled.slots.len()),
            ends: next_end(
                delivery.remaining(&compiled, now),
                page.map(|page| (page, compiled.pages[page].section)),
            ),
            has_limit: compiled.time_limit > 0,
            seen_at: seen_at.unwrap_or(row.started_at),
            returns: u32::try_from(opened).unwrap_or_default(),
            task: row.task_id,
            step: row.step_id,
            candidate: row.candidate_id,
            instance: row.id,
        })
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).expect("a test has a few thousand pages and questions at most")
}

/// Of the clocks that run, the one that ends first.
fn next_end(
    remaining: ClockEnds,
    current: Option<(usize, usize)>,
) -> Option<(TimeLimitScope, Timestamp)> {
    let (page, section) = current
        .map_or((0, 0), |(page, section)| (published_number(page), published_number(section)));
    let all = [
        (TimeLimitScope::Test, remaining.test),
        (TimeLimitScope::Section(section), remaining.section),
        (TimeLimitScope::Page(page), remaining.page),
    ];
    all.into_iter().filter_map(|(place, end)| Some((place, end?))).min_by_key(|(_, end)| *end)
}

fn running_steps(tx: &mut dyn Transaction, caller: &Caller) -> Result<Vec<RunningStep>, Failure> {
    let mut steps = Vec::new();
    for (task, step, instances) in storage::instance::count_running(tx, &caller.organization)? {
        let Some(row) = storage::task::find(tx, &caller.organization, &task)? else { continue };
        let Some(existing) = storage::step::find(tx, &caller.organization, &task, &step)? else {
            continue;
        };
        if caller.require_task_access(&row.id, &row.folder).is_ok() {
            let (title, task_title) = (existing.title, row.title);
            steps.push(RunningStep {
                task,
                task_title,
                step,
                title,
                instances: unsigned(instances)?,
            });
        }
    }
    Ok(steps)
}
