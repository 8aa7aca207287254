//! Rates given by people and programs (domain rules, 6.3).

mod desk;
mod waiting;
mod withdraw;

pub use desk::{ALREADY_EVALUATED, Effect, Figures, Seek, Spot, WaitingTask, Work};
pub(crate) use waiting::reaches;
pub use waiting::{WaitingAnswer, WaitingQuery};

use crate::App;
use crate::administration::{Standing, allowed};
use crate::audit::{Event, Kind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::forms::{Checks, LONGEST_NOTE, MOST_ENTRIES};
use crate::repeated::{Repeatable, keep_answer, known_answer};
use crate::versions::{Act, inputs};
use domain::compile::model::Compiled;
use domain::decimal::Decimal;
use domain::fault::Code;
use domain::id::{InstanceId, TaskId};
use domain::instance::{Method, Reason};
use domain::json::Pointer;
use domain::lifecycle::Event as LifeEvent;
use domain::role::Permission;
use domain::scoring::Inputs;
use domain::scoring::correction::corrected;
use domain::scoring::evaluation::{Criterion, Evaluation, EvaluationFault, Given, rubric};
use domain::time::Timestamp;
use std::collections::BTreeSet;
use storage::Transaction;
use storage::instance::Instance;

/// A rate for the answer of one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvaluation {
    /// From 1.
    pub slot: u32,
    /// The answer it was made for.
    pub seq: u64,
    pub given: NewGiven,
    /// None is `rubric` for a rubric, else `manual`.
    pub method: Option<Method>,
    pub comment: Option<String>,
}

/// What an evaluator enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewGiven {
    /// -100 to 100, at most 4 decimals.
    Percentage(Decimal),
    /// Nominal points, at most 6 decimals.
    Points(Decimal),
    Rubric(Vec<Criterion>),
}

/// Evaluations of answers of one instance that are saved together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluations {
    /// The same token gives the first answer again.
    pub client_token: String,
    /// 1 to 100, a slot at most once.
    pub list: Vec<NewEvaluation>,
    /// Free text beside the version.
    pub note: Option<String>,
}

impl NewGiven {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Percentage(_) => "percentage",
            Self::Points(_) => "points",
            Self::Rubric(_) => "rubric",
        }
    }

    fn given(&self) -> Result<Given, EvaluationFault> {
        match self {
            Self::Percentage(percentage) => Ok(Given::Percentage(*percentage)),
            Self::Points(points) => Ok(Given::Points(*points)),
            Self::Rubric(criteria) => rubric(criteria),
        }
    }
}

impl NewEvaluation {
    fn method(&self) -> Method {
        let usual = if matches!(self.given, NewGiven::Rubric(_)) { Method::Rubric } else { Method::Manual };
        self.method.unwrap_or(usual)
    }
}

impl App {
    /// Evaluates several answers of one completed instance together: they make one version, or none when nothing
    /// differs.
    ///
    /// # Errors
    /// `instance_open`, `instance_erased`; [`Failure::Unfit`] with `evaluation_range`, `nothing_to_evaluate` or
    /// `answer_changed` and the slots; faults of the list; [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn evaluate(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        asked: Evaluations,
    ) -> Result<Standing, Failure> {
        check_forms(&asked)?;
        let act = move |app: &Self, tx: &mut dyn Transaction, caller: &Caller, row: Instance, now: Timestamp| {
            let scope = format!("evaluate/{}", row.id);
            let request = Repeatable { organization: &caller.organization, scope: &scope, token: &asked.client_token };
            if let Some(first) = known_answer::<Standing>(tx, &request)? {
                return Ok(first);
            }
            let standing = app.evaluate_row(tx, caller, row, &asked, now)?;
            keep_answer(tx, &request, &standing, now)?;
            Ok(standing)
        };
        self.administer(caller, Permission::Evaluate, task, instance, act).await
    }

    fn evaluate_row(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        mut row: Instance,
        asked: &Evaluations,
        now: Timestamp,
    ) -> Result<Standing, Failure> {
        allowed(&row, LifeEvent::Evaluate)?;
        let compiled = self.compiled_of(tx, &row)?;
        let inputs = inputs::load(tx, &row, &compiled)?;
        let judged = judge(&compiled, &inputs, &asked.list)?;
        for (new, evaluation) in asked.list.iter().zip(&judged) {
            let comment = new.comment.as_deref();
            let kept =
                inputs::evaluation_row(&row.id, new.slot, evaluation, new.given.kind(), comment, caller.actor(), now)?;
            storage::evaluation::keep(tx, &kept)?;
            self.record(tx, now, caller, event(&row, new.slot, evaluation))?;
        }
        let act = Act { doer: caller, now, reason: Reason::Evaluated, note: asked.note.as_deref() };
        self.settle(tx, &mut row, &compiled, &act)?;
        Ok(Standing::of(&row))
    }
}

fn event(row: &Instance, slot: u32, evaluation: &Evaluation) -> Event {
    let event = Event::of_instance(Kind::AnswerEvaluated, &row.id).about("taskId", &row.task_id);
    let event = event.with("slot", slot).with("seq", evaluation.seq).with("method", evaluation.method);
    match evaluation.given {
        Given::Percentage(percentage) => event.with("percentage", percentage),
        Given::Points(points) => event.with("points", points),
    }
}

/// All evaluations, or the first kind of refusal with every slot that has it.
fn judge(compiled: &Compiled, inputs: &Inputs, list: &[NewEvaluation]) -> Result<Vec<Evaluation>, Failure> {
    let mut judged = Vec::with_capacity(list.len());
    let mut refused: Vec<(EvaluationFault, u32)> = Vec::new();
    for new in list {
        let index = (new.slot as usize).checked_sub(1);
        let slot = index.and_then(|index| compiled.slots.get(index)).ok_or(Failure::NotFound)?;
        let (question, _) = corrected(slot, &inputs.corrections);
        let answer = inputs.answers.get(&new.slot);
        let made = new.given.given().and_then(|given| Evaluation::new(&question, answer, given, new.method(), new.seq));
        match made {
            Ok(evaluation) => judged.push(evaluation),
            Err(fault) => refused.push((fault, new.slot)),
        }
    }
    let Some((first, _)) = refused.first().copied() else { return Ok(judged) };
    let slots = refused.into_iter().filter(|(fault, _)| *fault == first).map(|(_, slot)| slot).collect();
    Err(Failure::Unfit { code: first.as_str(), slots })
}

fn check_forms(asked: &Evaluations) -> Result<(), Failure> {
    let mut checks = Checks::below(Pointer::root());
    let at = checks.at("evaluations");
    if asked.list.is_empty() || asked.list.len() > MOST_ENTRIES {
        checks.refuse(at.clone(), Code::InvalidLength, "must have 1 to 100 evaluations");
    }
    let mut seen = BTreeSet::new();
    for (index, new) in asked.list.iter().enumerate() {
        if !seen.insert(new.slot) {
            checks.refuse(at.at(index).at("slot"), Code::ConflictingValues, "must not be evaluated twice");
        }
        if let Some(comment) = &new.comment {
            checks.text(at.at(index).at("comment"), comment, 1, LONGEST_NOTE);
        }
    }
    if let Some(note) = &asked.note {
        checks.text(checks.at("note"), note, 1, LONGEST_NOTE);
    }
    checks.finish()
}
