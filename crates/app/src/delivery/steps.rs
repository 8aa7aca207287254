//! The steps of a candidate's task and whether each may be started.

use super::candidate_facts::CandidateFacts;
use super::candidate_session::load_session;
use super::result::{PlacedStep, sharing_facts};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::json::from_json;
use crate::services::DeliveryService;
use domain::access::admission::{Admission, admit};
use domain::access::sharing::{Withheld, WithheldBecause, share};
use domain::id::{InstanceId, StepId};
use domain::proctoring::announcement::recorded_items;
use domain::refusal::Refusal;
use domain::time::{TimeWindow, Timestamp};
use storage::Transaction;
use storage::step::StepRow;

/// One step as a candidate sees it.
#[derive(Clone, Debug)]
pub struct CandidateStepView {
    pub step: StepId,
    pub title: String,
    /// Whether it may be started or gone on with now, and if not, the first check that fails.
    pub access: Result<(), Refusal>,
    pub open_instance: Option<InstanceId>,
    pub attempts: u64,
    /// -1 is unlimited.
    pub attempt_limit: i64,
    /// Whether an instance that counts was completed.
    pub is_completed: bool,
    /// When it may be started: what task, candidate and step have in common.
    pub window: TimeWindow,
    /// The candidate's completed instances, oldest first.
    pub completed: Vec<InstanceId>,
    /// Whether the step records more than answers.
    pub is_recorded: bool,
    /// Whether the results of those can be read; empty where the step shares none.
    pub results: Vec<ResultNotice>,
}

/// Whether the result of a completed instance can be read.
#[derive(Clone, Debug)]
pub struct ResultNotice {
    pub instance: InstanceId,
    /// Why not yet, or not at all.
    pub withheld: Option<Withheld>,
}

impl DeliveryService {
    /// The steps in delivery order. Whether a test can be compiled shows only at its start.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`].
    pub async fn steps(
        &self,
        visitor: &CandidateSession,
    ) -> Result<Vec<CandidateStepView>, Failure> {
        self.ensure_deadlines_swept().await?;
        let (now, visitor) = (self.now(), visitor.clone());
        let read = move |tx: &mut dyn Transaction| -> Result<Vec<CandidateStepView>, Failure> {
            let visit = load_session(tx, &visitor)?;
            let candidate = visit.candidate(tx)?;
            let task = storage::task::find(tx, &visit.organization, &visit.task)?
                .ok_or(Failure::NotFound)?;
            let steps = storage::step::list(tx, &visit.organization, &visit.task)?;
            let standing = CandidateFacts::load(tx, task, candidate)?;
            let view = |step: &StepRow| {
                let mut view = step_view(&standing, step, now)?;
                view.results = result_notices(tx, &standing, step, now)?;
                Ok(view)
            };
            steps.iter().map(view).collect()
        };
        self.storage().read(read).await
    }
}

pub(super) fn step_view(
    standing: &CandidateFacts,
    step: &StepRow,
    now: Timestamp,
) -> Result<CandidateStepView, Failure> {
    let requirements = standing.requirements_of(step)?;
    let facts = standing.access_facts(&step.id, &requirements);
    let access = admit(&facts, now, || true).map(|_: Admission| ());
    Ok(CandidateStepView {
        step: step.id.clone(),
        title: step.title.clone(),
        access,
        open_instance: facts.open_instance.clone(),
        attempts: facts.attempts,
        attempt_limit: requirements.attempt_limit(),
        is_completed: standing
            .of_step(&step.id)
            .any(|instance| !instance.state.is_open() && !instance.ignored),
        window: common(&[facts.task.window, facts.candidate.window, facts.step.switch.window]),
        completed: {
            let closed = standing.of_step(&step.id).filter(|instance| !instance.state.is_open());
            closed.map(|instance| instance.id.clone()).collect()
        },
        is_recorded: !recorded_items(requirements.conduct()).is_empty(),
        results: Vec::new(),
    })
}

/// What is to be said about the results of a step's completed instances.
fn result_notices(
    tx: &mut dyn Transaction,
    standing: &CandidateFacts,
    step: &StepRow,
    now: Timestamp,
) -> Result<Vec<ResultNotice>, Failure> {
    let conduct = from_json(&step.settings)?;
    let placed = PlacedStep { task: &standing.task, candidate: &standing.candidate, step };
    let mut notices = Vec::new();
    for instance in standing.of_step(&step.id).filter(|instance| !instance.state.is_open()) {
        let facts = sharing_facts(tx, &placed, &conduct, instance)?;
        let withheld = share(&facts, now).err();
        if withheld.is_none_or(|withheld| withheld.because != WithheldBecause::NotShared) {
            notices.push(ResultNotice { instance: instance.id.clone(), withheld });
        }
    }
    Ok(notices)
}

/// The moments that all windows contain.
fn common(windows: &[TimeWindow]) -> TimeWindow {
    TimeWindow {
        after: windows.iter().filter_map(|window| window.after).max(),
        before: windows.iter().filter_map(|window| window.before).min(),
    }
}
