//! An evaluator's desk: one waiting answer after the other, and what a rate would change before it
//! is given.
//!
//! The order is that of tasks, instances and slots, whoever looks, so that going back leads to
//! where one was. A step costs the same however many answers wait.

use super::{EvaluationBatch, NewEvaluation, can_access_task, check_forms, judge};
use crate::App;
use crate::administration::{check_transition, find_instance};
use crate::answers::{AnswerContent, content};
use crate::caller::Caller;
use crate::compute::ComputePayer;
use crate::failure::Failure;
use crate::idempotency::{IdempotentRequest, store_response, stored_response};
use crate::services::EvaluationService;
use crate::stored_number::unsigned;
use crate::versions::inputs;
use domain::compile::model::{CompiledTest, Slot};
use domain::decimal::Decimal;
use domain::document::model::Question;
use domain::id::{CandidateId, InstanceId, TaskId};
use domain::lifecycle::LifecycleEvent as LifeEvent;
use domain::role::Right;
use domain::scoring::correction::corrected_question;
use domain::scoring::{ScoringInputs, ScoringResult, score};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use storage::Transaction;
use storage::instance::InstanceRow;

/// Instances looked at together when some are out of the caller's reach.
const STRIDE: i64 = 50;
/// The code of a refusal: somebody else was quicker.
pub const ALREADY_EVALUATED: &str = "already_evaluated";

/// How much waits in a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingTask {
    pub task: TaskId,
    pub title: String,
    pub instances: u64,
    pub answers: u64,
}

/// An answer of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRef {
    pub instance: InstanceId,
    /// From 1.
    pub slot: u32,
}

/// Which answer to lay on the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GradingCursor {
    First,
    /// The next that waits behind this one.
    After(AnswerRef),
    /// The last that waits before this one.
    Before(AnswerRef),
    /// This one, whether or not it waits.
    At(AnswerRef),
}

/// An answer with all that is needed to judge it.
#[derive(Clone, Debug)]
pub struct GradingItem {
    pub task: TaskId,
    pub task_title: String,
    pub candidate: CandidateId,
    /// None for who may not read candidates.
    pub name: Option<String>,
    pub instance: InstanceId,
    /// The number of the attempt in its task.
    pub ordinal: i64,
    pub is_ignored: bool,
    pub completed_at: Option<Timestamp>,
    pub slot: u32,
    /// To be sent back with the evaluation.
    pub seq: u64,
    /// As it counts, with corrections.
    pub question: Arc<Question>,
    pub section: String,
    /// What stands above the questions of its page.
    pub page_text: Arc<str>,
    pub content: AnswerContent,
    /// What it was given before.
    pub evaluation: Option<storage::evaluation::EvaluationRow>,
    pub figures: ResultFigures,
}

/// A result in a few figures, as they are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultFigures {
    pub points: String,
    pub maximum: String,
    /// The ratio times 100.
    pub percent: String,
    pub level: Option<String>,
    pub passed: Option<bool>,
    /// Answers that still wait.
    pub waiting: u32,
}

/// What an evaluation changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradeChange {
    pub before: ResultFigures,
    pub after: ResultFigures,
}

impl ResultFigures {
    fn of(outcome: &ScoringResult) -> Self {
        let board = &outcome.scoreboard;
        Self {
            points: board.points.to_string(),
            maximum: board.maximum.to_string(),
            percent: (board.ratio * Decimal::HUNDRED).to_string(),
            level: outcome.level.clone(),
            passed: outcome.passed,
            waiting: outcome.waiting,
        }
    }
}

impl EvaluationService {
    /// How much waits in each task within reach, by title.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn waiting_tasks(&self, caller: &Caller) -> Result<Vec<WaitingTask>, Failure> {
        caller.require(Right::Evaluate)?;
        self.delivery().ensure_deadlines_swept().await?;
        self.read_for(caller, move |work| {
            let mut tasks = Vec::new();
            for (task, instances, answers) in
                storage::instance::count_waiting(work.tx, work.organization)?
            {
                let row = storage::task::find(work.tx, work.organization, &task)?
                    .ok_or(Failure::NotFound)?;
                if work.caller.require_task_access(&row.id, &row.folder).is_ok() {
                    let (instances, answers) = (unsigned(instances)?, unsigned(answers)?);
                    tasks.push(WaitingTask { task, title: row.title, instances, answers });
                }
            }
            tasks.sort_by(|left, right| {
                left.title.cmp(&right.title).then_with(|| left.task.cmp(&right.task))
            });
            Ok(tasks)
        })
        .await
    }

    /// Lays an answer on the desk; none when nothing waits there. `within` is a task, or all.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`] for what is not there or out of reach.
    pub async fn grading_item(
        &self,
        caller: &Caller,
        within: Option<TaskId>,
        seek: GradingCursor,
    ) -> Result<Option<GradingItem>, Failure> {
        caller.require(Right::Evaluate)?;
        self.delivery().ensure_deadlines_swept().await?;
        let bearer = ComputePayer::from(caller);
        let (app, caller) = (self.clone(), caller.clone());
        let read = move |tx: &mut dyn Transaction| {
            GradingQueue { app: &app, caller: &caller, within: within.as_ref() }.take(tx, &seek)
        };
        self.read_scored(bearer, read).await
    }

    /// What an evaluation would change. Nothing is kept.
    ///
    /// # Errors
    /// As [`EvaluationService::evaluate`].
    pub async fn preview_grade(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        new: NewEvaluation,
    ) -> Result<GradeChange, Failure> {
        caller.require(Right::Evaluate)?;
        let bearer = ComputePayer::from(caller);
        let (app, caller, task, instance) =
            (self.clone(), caller.clone(), task.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row = find_instance(tx, &caller, &task, &instance)?;
            let compiled = app.compiled_test(tx, &row)?;
            let inputs = inputs::load(tx, &row, &compiled)?;
            effect(&compiled, inputs, std::slice::from_ref(&new))
        };
        self.read_scored(bearer, read).await
    }

    /// Evaluates answers that wait; gives what it changed. With `is_again`, also those that were
    /// evaluated.
    ///
    /// # Errors
    /// As [`EvaluationService::evaluate`]; [`Failure::Unfit`] with `already_evaluated` and the slots when
    /// somebody was quicker.
    pub async fn grade_waiting(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        batch: EvaluationBatch,
        is_again: bool,
    ) -> Result<GradeChange, Failure> {
        check_forms(&batch)?;
        let act = move |app: &App,
                        tx: &mut dyn Transaction,
                        caller: &Caller,
                        row: InstanceRow,
                        now: Timestamp| {
            let scope = format!("desk/{}", row.id);
            let request = IdempotentRequest {
                organization: &caller.organization,
                scope: &scope,
                token: &batch.client_token,
            };
            if let Some(first) = stored_response::<GradeChange>(tx, &request)? {
                return Ok(first);
            }
            check_transition(&row, LifeEvent::Evaluate)?;
            let compiled = app.compiled_test(tx, &row)?;
            let inputs = inputs::load(tx, &row, &compiled)?;
            if !is_again {
                demand_waiting(&inputs, &batch.list)?;
            }
            let effect = effect(&compiled, inputs, &batch.list)?;
            app.evaluation().evaluate_row(tx, caller, row, &batch, now)?;
            store_response(tx, &request, &effect, now)?;
            Ok(effect)
        };
        self.with_locked_instance(caller, Right::Evaluate, task, instance, act).await
    }
}

/// An evaluation of an earlier answer does not count, so only one of this answer stands in the way.
fn demand_waiting(inputs: &ScoringInputs, list: &[NewEvaluation]) -> Result<(), Failure> {
    let is_done = |new: &&NewEvaluation| {
        inputs.evaluations.get(&new.slot).is_some_and(|entry| entry.seq == new.seq)
    };
    let slots: Vec<u32> = list.iter().filter(is_done).map(|new| new.slot).collect();
    if slots.is_empty() { Ok(()) } else { Err(Failure::Unfit { code: ALREADY_EVALUATED, slots }) }
}

fn effect(
    compiled: &CompiledTest,
    mut inputs: ScoringInputs,
    list: &[NewEvaluation],
) -> Result<GradeChange, Failure> {
    let judged = judge(compiled, &inputs, list)?;
    let before = ResultFigures::of(&score(compiled, &inputs));
    for (new, evaluation) in list.iter().zip(judged) {
        inputs.evaluations.insert(new.slot, evaluation.evaluation);
    }
    Ok(GradeChange { before, after: ResultFigures::of(&score(compiled, &inputs)) })
}

/// The desk of one evaluator.
struct GradingQueue<'a> {
    app: &'a App,
    caller: &'a Caller,
    within: Option<&'a TaskId>,
}

/// Where among all instances: a task and an ordinal in it.
type QueuePlace = (TaskId, i64);

impl GradingQueue<'_> {
    fn take(
        &self,
        tx: &mut dyn Transaction,
        seek: &GradingCursor,
    ) -> Result<Option<GradingItem>, Failure> {
        if let Some(task) = self.within {
            let row = storage::task::find(tx, &self.caller.organization, task)?
                .ok_or(Failure::NotFound)?;
            self.caller.require_task_access(&row.id, &row.folder)?;
        }
        match seek {
            GradingCursor::First => self.next_waiting(tx, None, true),
            GradingCursor::At(spot) => {
                let row = self.row(tx, spot)?;
                self.look_at(tx, &row, |slot, _| slot == spot.slot, true)
            }
            GradingCursor::After(spot) => {
                let row = self.row(tx, spot)?;
                let own = self.look_at(tx, &row, |slot, waits| waits && slot > spot.slot, true)?;
                own.map_or_else(
                    || self.next_waiting(tx, Some((row.task_id, row.ordinal)), true),
                    |work| Ok(Some(work)),
                )
            }
            GradingCursor::Before(spot) => {
                let row = self.row(tx, spot)?;
                let own = self.look_at(tx, &row, |slot, waits| waits && slot < spot.slot, false)?;
                own.map_or_else(
                    || self.next_waiting(tx, Some((row.task_id, row.ordinal)), false),
                    |work| Ok(Some(work)),
                )
            }
        }
    }

    fn row(&self, tx: &mut dyn Transaction, spot: &AnswerRef) -> Result<InstanceRow, Failure> {
        let row = storage::instance::find_any(tx, &spot.instance)?;
        let row = row
            .filter(|row| row.organization_id == self.caller.organization)
            .ok_or(Failure::NotFound)?;
        let task = storage::task::find(tx, &self.caller.organization, &row.task_id)?
            .ok_or(Failure::NotFound)?;
        self.caller.require_task_access(&task.id, &task.folder)?;
        Ok(row)
    }

    /// The nearest waiting answer of another instance, forwards or backwards.
    fn next_waiting(
        &self,
        tx: &mut dyn Transaction,
        mut from: Option<QueuePlace>,
        is_forward: bool,
    ) -> Result<Option<GradingItem>, Failure> {
        let (organization, mut cache) = (&self.caller.organization, HashMap::new());
        loop {
            let place = from.as_ref().map(|(task, ordinal)| (task, *ordinal));
            let found = storage::instance::seek_waiting(
                tx,
                organization,
                self.within,
                place,
                is_forward,
                STRIDE,
            )?;
            let Some(last) = found.last().map(|(task, _, ordinal)| (task.clone(), *ordinal)) else {
                return Ok(None);
            };
            for (task, instance, _) in found {
                if !can_access_task(tx, self.caller, &task, &mut cache)? {
                    continue;
                }
                let Some(row) = storage::instance::find_any(tx, &instance)? else { continue };
                if let Some(work) = self.look_at(tx, &row, |_, waits| waits, is_forward)? {
                    return Ok(Some(work));
                }
            }
            from = Some(last);
        }
    }

    /// The first or last slot of an instance that is wanted.
    fn look_at(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        is_wanted: impl Fn(u32, bool) -> bool,
        is_first: bool,
    ) -> Result<Option<GradingItem>, Failure> {
        let compiled = self.app.compiled_test(tx, row)?;
        let inputs = inputs::load(tx, row, &compiled)?;
        let outcome = score(&compiled, &inputs);
        let mut wanted =
            outcome.slots.iter().filter(|figure| is_wanted(figure.slot, figure.waiting));
        let figure = if is_first { wanted.next() } else { wanted.next_back() };
        let Some(slot) = figure.map(|figure| figure.slot) else { return Ok(None) };
        self.item_for_slot(tx, row, (&*compiled, &inputs, &outcome), slot).map(Some)
    }

    fn item_for_slot(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        (compiled, inputs, outcome): (&CompiledTest, &ScoringInputs, &ScoringResult),
        slot: u32,
    ) -> Result<GradingItem, Failure> {
        let compiled_slot: &Slot = &compiled.slots[slot as usize - 1];
        let (question, _) = corrected_question(compiled_slot, &inputs.corrections);
        let answer = inputs.answers.get(&slot).ok_or(Failure::NotFound)?;
        let task = storage::task::find(tx, &row.organization_id, &row.task_id)?
            .ok_or(Failure::NotFound)?;
        let evaluations = storage::evaluation::list(tx, &row.id)?;
        let uploads = self.app.results().uploads(tx, row, compiled, self.app.now())?;
        Ok(GradingItem {
            task: row.task_id.clone(),
            task_title: task.title,
            candidate: row.candidate_id.clone(),
            name: self.name(tx, row)?,
            instance: row.id.clone(),
            ordinal: row.ordinal,
            is_ignored: row.ignored,
            completed_at: row.completed_at,
            slot,
            seq: answer.seq,
            section: compiled.section(compiled_slot.section).title.to_string(),
            page_text: compiled.pages[compiled_slot.page].text.clone(),
            content: content(compiled_slot, Some(&answer.response), &uploads),
            evaluation: evaluations.into_iter().find(|entry| entry.slot == i64::from(slot)),
            figures: ResultFigures::of(outcome),
            question,
        })
    }

    fn name(&self, tx: &mut dyn Transaction, row: &InstanceRow) -> Result<Option<String>, Failure> {
        if self.caller.require(Right::WriteCandidates).is_err() {
            return Ok(None);
        }
        let candidate =
            storage::candidate::find(tx, &row.organization_id, &row.task_id, &row.candidate_id)?;
        Ok(candidate.and_then(|candidate| candidate.fullname))
    }
}
