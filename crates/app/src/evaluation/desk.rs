//! An evaluator's desk: one waiting answer after the other, and what a rate would change before it is given.
//!
//! The order is that of tasks, instances and slots, whoever looks, so that going back leads to where one was. A step costs
//! the same however many answers wait.

use super::{Evaluations, NewEvaluation, check_forms, judge, reaches};
use crate::App;
use crate::administration::{allowed, found};
use crate::answers::{Content, content};
use crate::caller::Caller;
use crate::compute::CostBearer;
use crate::failure::Failure;
use crate::repeated::{Repeatable, keep_answer, known_answer};
use crate::versions::inputs;
use domain::compile::model::{Compiled, Slot};
use domain::decimal::Decimal;
use domain::document::model::Question;
use domain::id::{CandidateId, InstanceId, TaskId};
use domain::lifecycle::Event as LifeEvent;
use domain::role::Permission;
use domain::scoring::correction::corrected;
use domain::scoring::{Inputs, Outcome, score};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use storage::Transaction;
use storage::instance::Instance;

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
pub struct Spot {
    pub instance: InstanceId,
    /// From 1.
    pub slot: u32,
}

/// Which answer to lay on the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seek {
    First,
    /// The next that waits behind this one.
    After(Spot),
    /// The last that waits before this one.
    Before(Spot),
    /// This one, whether or not it waits.
    At(Spot),
}

/// An answer with all that is needed to judge it.
#[derive(Clone, Debug)]
pub struct Work {
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
    pub content: Content,
    /// What it was given before.
    pub given: Option<storage::evaluation::Evaluation>,
    pub figures: Figures,
}

/// A result in a few figures, as they are published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
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
pub struct Effect {
    pub before: Figures,
    pub after: Figures,
}

impl Figures {
    fn of(outcome: &Outcome) -> Self {
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

impl App {
    /// How much waits in each task within reach, by title.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`].
    pub async fn waiting_tasks(&self, caller: &Caller) -> Result<Vec<WaitingTask>, Failure> {
        caller.permit(Permission::Evaluate)?;
        self.settled().await?;
        let caller = caller.clone();
        let read = move |tx: &mut dyn Transaction| {
            let mut tasks = Vec::new();
            for (task, instances, answers) in storage::instance::count_waiting(tx, &caller.organization)? {
                let row = storage::task::find(tx, &caller.organization, &task)?.ok_or(Failure::NotFound)?;
                if caller.reach(&row.id, &row.folder).is_ok() {
                    let (instances, answers) = (instances.unsigned_abs(), answers.unsigned_abs());
                    tasks.push(WaitingTask { task, title: row.title, instances, answers });
                }
            }
            tasks.sort_by(|left, right| left.title.cmp(&right.title).then_with(|| left.task.cmp(&right.task)));
            Ok(tasks)
        };
        self.storage().read(read).await
    }

    /// Lays an answer on the desk; none when nothing waits there. `within` is a task, or all.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`]; [`Failure::NotFound`] for what is not there or out of reach.
    pub async fn work(&self, caller: &Caller, within: Option<TaskId>, seek: Seek) -> Result<Option<Work>, Failure> {
        caller.permit(Permission::Evaluate)?;
        self.settled().await?;
        let bearer = CostBearer::from(caller);
        let (app, caller) = (self.clone(), caller.clone());
        let read = move |tx: &mut dyn Transaction| {
            Desk { app: &app, caller: &caller, within: within.as_ref() }.take(tx, &seek)
        };
        self.read_scored(bearer, read).await
    }

    /// What an evaluation would change. Nothing is kept.
    ///
    /// # Errors
    /// As [`App::evaluate`].
    pub async fn foresee(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        new: NewEvaluation,
    ) -> Result<Effect, Failure> {
        caller.permit(Permission::Evaluate)?;
        let bearer = CostBearer::from(caller);
        let (app, caller, task, instance) = (self.clone(), caller.clone(), task.clone(), instance.clone());
        let read = move |tx: &mut dyn Transaction| {
            let row = found(tx, &caller, &task, &instance)?;
            let compiled = app.compiled_of(tx, &row)?;
            let inputs = inputs::load(tx, &row, &compiled)?;
            effect(&compiled, inputs, std::slice::from_ref(&new))
        };
        self.read_scored(bearer, read).await
    }

    /// Evaluates answers that wait; gives what it changed. With `is_again`, also those that were evaluated.
    ///
    /// # Errors
    /// As [`App::evaluate`]; [`Failure::Unfit`] with `already_evaluated` and the slots when somebody was quicker.
    pub async fn evaluate_waiting(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        asked: Evaluations,
        is_again: bool,
    ) -> Result<Effect, Failure> {
        check_forms(&asked)?;
        let act = move |app: &Self, tx: &mut dyn Transaction, caller: &Caller, row: Instance, now: Timestamp| {
            let scope = format!("desk/{}", row.id);
            let request = Repeatable { organization: &caller.organization, scope: &scope, token: &asked.client_token };
            if let Some(first) = known_answer::<Effect>(tx, &request)? {
                return Ok(first);
            }
            allowed(&row, LifeEvent::Evaluate)?;
            let compiled = app.compiled_of(tx, &row)?;
            let inputs = inputs::load(tx, &row, &compiled)?;
            if !is_again {
                demand_waiting(&inputs, &asked.list)?;
            }
            let effect = effect(&compiled, inputs, &asked.list)?;
            app.evaluate_row(tx, caller, row, &asked, now)?;
            keep_answer(tx, &request, &effect, now)?;
            Ok(effect)
        };
        self.administer(caller, Permission::Evaluate, task, instance, act).await
    }
}

/// An evaluation of an earlier answer does not count, so only one of this answer stands in the way.
fn demand_waiting(inputs: &Inputs, list: &[NewEvaluation]) -> Result<(), Failure> {
    let is_done = |new: &&NewEvaluation| inputs.evaluations.get(&new.slot).is_some_and(|known| known.seq == new.seq);
    let slots: Vec<u32> = list.iter().filter(is_done).map(|new| new.slot).collect();
    if slots.is_empty() { Ok(()) } else { Err(Failure::Unfit { code: ALREADY_EVALUATED, slots }) }
}

fn effect(compiled: &Compiled, mut inputs: Inputs, list: &[NewEvaluation]) -> Result<Effect, Failure> {
    let judged = judge(compiled, &inputs, list)?;
    let before = Figures::of(&score(compiled, &inputs));
    for (new, evaluation) in list.iter().zip(judged) {
        inputs.evaluations.insert(new.slot, evaluation);
    }
    Ok(Effect { before, after: Figures::of(&score(compiled, &inputs)) })
}

/// The desk of one evaluator.
struct Desk<'a> {
    app: &'a App,
    caller: &'a Caller,
    within: Option<&'a TaskId>,
}

/// Where among all instances: a task and an ordinal in it.
type Place = (TaskId, i64);

impl Desk<'_> {
    fn take(&self, tx: &mut dyn Transaction, seek: &Seek) -> Result<Option<Work>, Failure> {
        if let Some(task) = self.within {
            let row = storage::task::find(tx, &self.caller.organization, task)?.ok_or(Failure::NotFound)?;
            self.caller.reach(&row.id, &row.folder)?;
        }
        match seek {
            Seek::First => self.onward(tx, None, true),
            Seek::At(spot) => {
                let row = self.row(tx, spot)?;
                self.look_at(tx, &row, |slot, _| slot == spot.slot, true)
            }
            Seek::After(spot) => {
                let row = self.row(tx, spot)?;
                let own = self.look_at(tx, &row, |slot, waits| waits && slot > spot.slot, true)?;
                own.map_or_else(|| self.onward(tx, Some((row.task_id, row.ordinal)), true), |work| Ok(Some(work)))
            }
            Seek::Before(spot) => {
                let row = self.row(tx, spot)?;
                let own = self.look_at(tx, &row, |slot, waits| waits && slot < spot.slot, false)?;
                own.map_or_else(|| self.onward(tx, Some((row.task_id, row.ordinal)), false), |work| Ok(Some(work)))
            }
        }
    }

    fn row(&self, tx: &mut dyn Transaction, spot: &Spot) -> Result<Instance, Failure> {
        let row = storage::instance::find_any(tx, &spot.instance)?;
        let row = row.filter(|row| row.organization_id == self.caller.organization).ok_or(Failure::NotFound)?;
        let task = storage::task::find(tx, &self.caller.organization, &row.task_id)?.ok_or(Failure::NotFound)?;
        self.caller.reach(&task.id, &task.folder)?;
        Ok(row)
    }

    /// The nearest waiting answer of another instance, forwards or backwards.
    fn onward(
        &self,
        tx: &mut dyn Transaction,
        mut from: Option<Place>,
        is_forward: bool,
    ) -> Result<Option<Work>, Failure> {
        let (organization, mut known) = (&self.caller.organization, HashMap::new());
        loop {
            let place = from.as_ref().map(|(task, ordinal)| (task, *ordinal));
            let found = storage::instance::seek_waiting(tx, organization, self.within, place, is_forward, STRIDE)?;
            let Some(last) = found.last().map(|(task, _, ordinal)| (task.clone(), *ordinal)) else { return Ok(None) };
            for (task, instance, _) in found {
                if !reaches(tx, self.caller, &task, &mut known)? {
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
        row: &Instance,
        is_wanted: impl Fn(u32, bool) -> bool,
        is_first: bool,
    ) -> Result<Option<Work>, Failure> {
        let compiled = self.app.compiled_of(tx, row)?;
        let inputs = inputs::load(tx, row, &compiled)?;
        let outcome = score(&compiled, &inputs);
        let mut wanted = outcome.slots.iter().filter(|figure| is_wanted(figure.slot, figure.waiting));
        let figure = if is_first { wanted.next() } else { wanted.next_back() };
        let Some(slot) = figure.map(|figure| figure.slot) else { return Ok(None) };
        self.laid_out(tx, row, (&*compiled, &inputs, &outcome), slot).map(Some)
    }

    fn laid_out(
        &self,
        tx: &mut dyn Transaction,
        row: &Instance,
        (compiled, inputs, outcome): (&Compiled, &Inputs, &Outcome),
        slot: u32,
    ) -> Result<Work, Failure> {
        let asked: &Slot = &compiled.slots[slot as usize - 1];
        let (question, _) = corrected(asked, &inputs.corrections);
        let answer = inputs.answers.get(&slot).ok_or(Failure::NotFound)?;
        let task = storage::task::find(tx, &row.organization_id, &row.task_id)?.ok_or(Failure::NotFound)?;
        let evaluations = storage::evaluation::list(tx, &row.id)?;
        let uploads = self.app.uploads(tx, row, compiled, self.app.now())?;
        Ok(Work {
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
            section: compiled.section(asked.section).title.to_string(),
            page_text: compiled.pages[asked.page].text.clone(),
            content: content(asked, Some(&answer.response), &uploads),
            given: evaluations.into_iter().find(|known| known.slot == i64::from(slot)),
            figures: Figures::of(outcome),
            question,
        })
    }

    fn name(&self, tx: &mut dyn Transaction, row: &Instance) -> Result<Option<String>, Failure> {
        if self.caller.permit(Permission::Candidates).is_err() {
            return Ok(None);
        }
        let candidate = storage::candidate::find(tx, &row.organization_id, &row.task_id, &row.candidate_id)?;
        Ok(candidate.and_then(|candidate| candidate.fullname))
    }
}
