//! A candidate's own result: figures and answers as far as the step shares them, and otherwise why
//! they are not shown.
//!
//! Everything is read off the latest result version, so a candidate sees the figures that staff and
//! programs see. The candidate's session is the only way in: staff have pages of their own.

use super::attempt_context::step_override;
use super::candidate_session::load_session;
use super::practice::{ChoiceFeedback, choice_feedback};
pub use super::shared_figures::{
    DetailedFigures, NamedEffect, NamedScore, SharedFigures, SharedScore,
};
use crate::answers::{AnswerContent, AnswerFile, content};
use crate::audit::{ActorContext, AuditEventKind};
use crate::caller::CandidateSession;
use crate::failure::Failure;
use crate::json::from_json;
use crate::result_release::releases;
use crate::services::DeliveryService;
use crate::versions::{inputs, stored_slots};
use domain::access::settings::{AccessSwitch, AnswerReview, ResultSharing, StepConduct, StepRules};
use domain::access::sharing::{Shared, SharingFacts, SharingRules, Withheld, share};
use domain::compile::model::CompiledTest;
use domain::decimal::Decimal;
use domain::delivery::state::DeliveryState;
use domain::document::model::Question;
use domain::id::{InstanceId, StepId, TaskId};
use domain::response::Response;
use domain::scoring::correction::corrected_question;
use domain::scoring::feedback::{AnswerOutcome, Solution, outcome, solution};
use domain::scoring::{ScoringInputs, SlotFigure};
use domain::time::{TimeWindow, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use storage::Transaction;
use storage::candidate::CandidateRow;
use storage::evaluation::EvaluationRow;
use storage::event::{EventChain, EventFilter};
use storage::instance::InstanceRow;
use storage::step::StepRow;
use storage::task::TaskRow;

/// Looks of the same viewer within this time are one event.
const LOOK_SECONDS: i64 = 60;

/// The result of an own instance, or why nothing of it is shown.
#[derive(Clone, Debug)]
pub struct CandidateResult {
    pub instance: InstanceId,
    pub step: StepId,
    /// The step's.
    pub title: String,
    /// None while the instance is open.
    pub completed_at: Option<Timestamp>,
    pub content: Result<SharedResult, Withheld>,
}

/// What is shown.
#[derive(Clone, Debug)]
pub struct SharedResult {
    /// Answers that wait for an evaluation: until then the figures are provisional.
    pub waiting: u32,
    /// None where only answers are shared.
    pub figures: Option<SharedFigures>,
    /// None where no answers are.
    pub review: Option<ReviewedAnswers>,
    pub compiled: Arc<CompiledTest>,
}

/// The answers that are shown, in the order of the test.
#[derive(Clone, Debug)]
pub struct ReviewedAnswers {
    /// Questions of the pages that were entered. What was never seen stays unseen.
    pub questions: Vec<ReviewedQuestion>,
    /// How many questions the candidate never came to.
    pub unseen: usize,
}

/// One question with what became of its answer.
#[derive(Clone, Debug)]
pub struct ReviewedQuestion {
    /// From 1.
    pub slot: u32,
    pub outcome: AnswerOutcome,
    /// Whether it counts towards the result.
    pub counts: bool,
    /// What was earned; none where no figures are shared, and while the answer waits.
    pub points: Option<Decimal>,
    /// What could be earned.
    pub maximum: Decimal,
    /// None when nothing was answered.
    pub response: Option<Response>,
    /// The answer in words.
    pub content: AnswerContent,
    /// Markdown about the question; may be empty.
    pub feedback: String,
    pub chosen: Vec<ChoiceFeedback>,
    /// Markdown by whoever graded the answer.
    pub evaluator_feedback: Option<String>,
    /// None unless solutions are shared, and where there is none to show.
    pub solution: Option<Solution>,
}

/// A step where a candidate meets it.
pub(super) struct PlacedStep<'a> {
    pub task: &'a TaskRow,
    pub candidate: &'a CandidateRow,
    pub step: &'a StepRow,
}

impl DeliveryService {
    /// The result of an own instance as far as it is shared. A look at one that is shown is
    /// recorded, at most once a minute.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`]; [`Failure::NotFound`] for another person's instance or an
    /// erased one.
    pub async fn candidate_result(
        &self,
        visitor: &CandidateSession,
        instance: &InstanceId,
    ) -> Result<CandidateResult, Failure> {
        self.ensure_deadlines_swept().await?;
        let now = self.now();
        let (app, visitor, instance) = (self.clone(), visitor.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| app.read_result(tx, &visitor, &instance, now);
        let (result, look) = self.storage().read(read).await?;
        if let Some(FirstLook { viewer, task }) = look {
            let kind = AuditEventKind::ResultViewed;
            self.record_viewing_by(viewer, kind, None, &task, &result.instance).await?;
        }
        Ok(result)
    }

    fn read_result(
        &self,
        tx: &mut dyn Transaction,
        visitor: &CandidateSession,
        instance: &InstanceId,
        now: Timestamp,
    ) -> Result<(CandidateResult, Option<FirstLook>), Failure> {
        let visit = load_session(tx, visitor)?;
        let row = visit.own_instance(tx, instance)?;
        let candidate = visit.candidate(tx)?;
        let task =
            storage::task::find(tx, &visit.organization, &visit.task)?.ok_or(Failure::NotFound)?;
        let step = storage::step::find(tx, &visit.organization, &visit.task, &row.step_id)?
            .ok_or(Failure::NotFound)?;
        let conduct: StepConduct = from_json(&step.settings)?;
        let placed = PlacedStep { task: &task, candidate: &candidate, step: &step };
        let facts = sharing_facts(tx, &placed, &conduct, &row)?;
        let content = match share(&facts, now) {
            Err(withheld) => Err(withheld),
            Ok(shared) => Ok(self.shared_result(tx, &row, shared, now)?),
        };
        let look = match &content {
            Ok(_) => FirstLook::of(tx, visit.actor, &row, now)?,
            Err(_) => None,
        };
        let result = CandidateResult {
            completed_at: row.completed_at.filter(|_| !row.state.is_open()),
            instance: row.id,
            title: step.title,
            step: step.id,
            content,
        };
        Ok((result, look))
    }

    fn shared_result(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        shared: Shared,
        now: Timestamp,
    ) -> Result<SharedResult, Failure> {
        let version = storage::version::latest(tx, &row.id)?
            .ok_or_else(|| Failure::internal("a complete instance has no result"))?;
        let compiled = self.compiled_test(tx, row)?;
        let figures = SharedFigures::of(&version, &compiled, shared.figures)?;
        let review = match shared.review {
            AnswerReview::None => None,
            AnswerReview::Answers | AnswerReview::Solutions => {
                let figures = stored_slots::slot_figures(&version)?;
                let evaluations = storage::evaluation::list(tx, &row.id)?;
                let material = ReviewMaterial {
                    inputs: inputs::load(tx, row, &compiled)?,
                    evaluations: &evaluations,
                    uploads: self.results().uploads(tx, row, &compiled, now)?,
                    seen: seen_slots(row, &compiled, now)?,
                    compiled: &compiled,
                    shared,
                };
                Some(material.review(&figures))
            }
        };
        let waiting = u32::try_from(version.waiting).map_err(Failure::internal)?;
        Ok(SharedResult { waiting, figures, review, compiled })
    }
}

/// What is known of an instance whose candidate wants to read the result.
pub(super) fn sharing_facts(
    tx: &mut dyn Transaction,
    placed: &PlacedStep<'_>,
    conduct: &StepConduct,
    row: &InstanceRow,
) -> Result<SharingFacts, Failure> {
    let (of_step, own) = releases(tx, &row.step_id, &row.id)?;
    Ok(SharingFacts {
        rules: SharingRules {
            sharing: conduct.sharing,
            review: conduct.review,
            share_when: conduct.share_when,
        },
        is_open: row.state.is_open(),
        is_ignored: row.ignored,
        is_waiting: row.waiting > 0,
        closes: closing(placed)?,
        marks: of_step.marks(own),
    })
}

/// From when on neither the others nor this candidate may start the step: solutions must not reach
/// who can still use them.
fn closing(placed: &PlacedStep<'_>) -> Result<Option<Timestamp>, Failure> {
    let PlacedStep { task, candidate, step } = placed;
    let window = TimeWindow { after: step.active_after, before: step.active_before };
    let rules =
        StepRules { switch: AccessSwitch { active: step.active, window }, ..StepRules::default() };
    let own = step_override(&candidate.step_overrides, &step.id)?.applied_to(rules);
    let earliest = |end: Option<Timestamp>| [task.active_before, end].into_iter().flatten().min();
    let ends = earliest(step.active_before).zip(earliest(own.switch.window.before));
    Ok(ends.map(|(general, own)| general.max(own)))
}

/// The slots (index from 0) of the pages that were entered.
fn seen_slots(
    row: &InstanceRow,
    compiled: &CompiledTest,
    now: Timestamp,
) -> Result<BTreeSet<usize>, Failure> {
    let delivery: DeliveryState = from_json(&row.delivery)?;
    let pages = delivery.pages(compiled, now).into_iter().filter(|page| page.visited);
    let pages: BTreeSet<usize> = pages.map(|page| page.page).collect();
    let slots = compiled.slots.iter().enumerate();
    Ok(slots.filter(|(_, slot)| pages.contains(&slot.page)).map(|(index, _)| index).collect())
}

/// What the answers of an instance are told from.
struct ReviewMaterial<'a> {
    compiled: &'a CompiledTest,
    inputs: ScoringInputs,
    evaluations: &'a [EvaluationRow],
    uploads: BTreeMap<String, AnswerFile>,
    seen: BTreeSet<usize>,
    shared: Shared,
}

impl ReviewMaterial<'_> {
    fn review(&self, figures: &[SlotFigure]) -> ReviewedAnswers {
        let indexed = |figure: &SlotFigure| (figure.slot as usize).wrapping_sub(1);
        let seen = figures.iter().filter(|figure| self.seen.contains(&indexed(figure)));
        let questions: Vec<_> =
            seen.filter_map(|figure| self.question(indexed(figure), figure)).collect();
        ReviewedAnswers { unseen: figures.len() - questions.len(), questions }
    }

    fn question(&self, index: usize, figure: &SlotFigure) -> Option<ReviewedQuestion> {
        let slot = self.compiled.slots.get(index)?;
        let (question, _) = corrected_question(slot, &self.inputs.corrections);
        let answer = self.inputs.answers.get(&figure.slot);
        let response = answer.map(|answer| &answer.response);
        let outcome = outcome(&question, figure);
        let has_figures = self.shared.figures != ResultSharing::Nothing
            && outcome != AnswerOutcome::Waiting
            && outcome != AnswerOutcome::Excluded;
        let evaluation = self.evaluations.iter().find(|row| {
            row.slot == i64::from(figure.slot)
                && answer.is_some_and(|answer| i64::try_from(answer.seq) == Ok(row.seq))
        });
        Some(ReviewedQuestion {
            slot: figure.slot,
            outcome,
            counts: figure.effective,
            points: has_figures.then_some(figure.points),
            maximum: question.points,
            content: content(slot, response, &self.uploads),
            response: response.cloned(),
            feedback: question.feedback.clone(),
            chosen: choice_feedback(&question, response),
            evaluator_feedback: evaluation.and_then(evaluator_feedback),
            solution: self.solution(&question),
        })
    }

    fn solution(&self, question: &Question) -> Option<Solution> {
        (self.shared.review == AnswerReview::Solutions).then(|| solution(question)).flatten()
    }
}

/// What whoever graded an answer says to the candidate. The comment beside an evaluation is staff's
/// own and never read here.
fn evaluator_feedback(evaluation: &EvaluationRow) -> Option<String> {
    evaluation.feedback.clone().filter(|text| !text.trim().is_empty())
}

/// A look that is to be recorded.
struct FirstLook {
    viewer: ActorContext,
    task: TaskId,
}

impl FirstLook {
    /// None when the same viewer looked a moment ago: who reloads a page does not fill the log.
    fn of(
        tx: &mut dyn Transaction,
        viewer: ActorContext,
        row: &InstanceRow,
        now: Timestamp,
    ) -> Result<Option<Self>, Failure> {
        let filter = EventFilter {
            kind: Some(AuditEventKind::ResultViewed.as_str().to_owned()),
            actor: Some(viewer.actor.id.clone()),
            since: Some(now.plus_seconds(1 - LOOK_SECONDS)),
            ..EventFilter::default()
        };
        let chain = EventChain::Instance(row.id.clone());
        let recent = storage::event::latest(tx, &row.organization_id, &chain, &filter, None, 1)?;
        Ok(recent.is_empty().then(|| Self { viewer, task: row.task_id.clone() }))
    }
}
