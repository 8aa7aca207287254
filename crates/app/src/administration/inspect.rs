//! Everything kept about one instance but its answers.

use super::InstanceStatus;
use crate::caller::Caller;
use crate::delivery::open_instance::OpenInstance;
use crate::delivery::published_number;
use crate::failure::Failure;
use crate::result_release::{ResultRelease, releases};
use crate::services::InstanceService;
use domain::compile::model::CompiledTest;
use domain::delivery::navigation::PageStatus;
use domain::delivery::state::DeliveryState;
use domain::id::{CandidateId, InstanceId, StepId, TaskId};
use domain::role::Right;
use domain::time::Timestamp;
use storage::Transaction;
pub use storage::correction::CorrectionRow;
use storage::evaluation::EvaluationRow;
use storage::event::{ChainedEvent, EventChain};
use storage::instance::InstanceRow;
use storage::version::ResultVersionRow;

/// Most events of one answer.
const MOST_EVENTS: i64 = 1000;

/// An instance with its history.
#[derive(Clone, Debug)]
pub struct InstanceDetail {
    pub status: InstanceStatus,
    pub task: TaskId,
    pub step: StepId,
    pub candidate: CandidateId,
    pub ordinal: i64,
    pub started_at: Timestamp,
    pub erased_at: Option<Timestamp>,
    pub time_factor: String,
    pub engine_version: String,
    /// Oldest first.
    pub versions: Vec<ResultVersionRow>,
    /// By slot.
    pub evaluations: Vec<EvaluationRow>,
    /// Those that hold for this instance, in order of making.
    pub corrections: Vec<CorrectionRow>,
    /// In compiled order: what may be unlocked at reinstating.
    pub pages: Vec<PageDetail>,
    /// What staff have decided about showing this result to the candidate.
    pub release: ResultRelease,
    /// What they have decided about all results of the step.
    pub step_release: ResultRelease,
    /// None without the scope `audit:read`.
    pub events: Option<Vec<RecordedEvent>>,
}

/// A page as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageDetail {
    /// From 1, in the instance.
    pub number: u32,
    /// From 1.
    pub section: u32,
    pub title: String,
    pub is_current: bool,
    pub is_visited: bool,
    pub is_locked: bool,
}

/// One event of the instance's chain.
pub type RecordedEvent = ChainedEvent;

impl InstanceService {
    /// One instance with versions, evaluations, corrections, pages and, for who may read them,
    /// events.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`].
    pub async fn inspect_instance(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
    ) -> Result<InstanceDetail, Failure> {
        caller.require(Right::ReadResults)?;
        self.delivery().ensure_deadlines_swept().await?;
        let (task, instance) = (task.clone(), instance.clone());
        self.read_for(caller, move |work| {
            let row = work.instance(&task, &instance)?;
            work.app.instances().detail(work.tx, work.caller, row, work.now)
        })
        .await
    }

    fn detail(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        row: InstanceRow,
        now: Timestamp,
    ) -> Result<InstanceDetail, Failure> {
        let events = match caller.require(Right::ReadAudit) {
            Err(_) => None,
            Ok(()) => {
                let chain = EventChain::Instance(row.id.clone());
                Some(storage::event::list(tx, &caller.organization, &chain, 0, MOST_EVENTS)?)
            }
        };
        let versions = storage::version::list(tx, &row.id)?;
        let evaluations = storage::evaluation::list(tx, &row.id)?;
        let corrections = storage::correction::list_for_instance(tx, &row.step_id, &row.id)?;
        let (step_release, release) = releases(tx, &row.step_id, &row.id)?;
        let OpenInstance { row, compiled, delivery } = OpenInstance::of(self, tx, row)?;
        Ok(InstanceDetail {
            status: InstanceStatus::of(&row),
            versions,
            evaluations,
            corrections,
            release,
            step_release,
            pages: pages(&compiled, &delivery, now),
            events,
            task: row.task_id,
            step: row.step_id,
            candidate: row.candidate_id,
            ordinal: row.ordinal,
            started_at: row.started_at,
            erased_at: row.erased_at,
            time_factor: row.time_factor,
            engine_version: row.engine_version,
        })
    }
}

fn pages(compiled: &CompiledTest, delivery: &DeliveryState, now: Timestamp) -> Vec<PageDetail> {
    let detail = |page: PageStatus| PageDetail {
        number: published_number(page.page),
        section: published_number(page.section),
        title: compiled.pages[page.page].title.as_deref().unwrap_or_default().to_owned(),
        is_current: page.is_current,
        is_visited: page.visited,
        is_locked: page.locked,
    };
    delivery.pages(compiled, now).into_iter().map(detail).collect()
}
