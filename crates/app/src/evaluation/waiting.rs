//! What waits for an evaluation.

use crate::caller::Caller;
use crate::compute::ComputePayer;
use crate::failure::Failure;
use crate::services::EvaluationService;
use crate::unit_of_work::task_of;
use crate::versions::inputs;
use domain::decimal::Decimal;
use domain::document::model::QuestionCriterion;
use domain::id::{CandidateId, InstanceId, StepId, TaskId};
use domain::role::Right;
use domain::scoring::correction::corrected_question;
use domain::scoring::score;
use domain::time::Timestamp;
use std::collections::HashMap;
use storage::Transaction;
use storage::instance::InstanceRow;

/// Which answers, and how many instances at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingAnswersQuery {
    /// None is the whole organization, as far as the key reaches.
    pub task: Option<TaskId>,
    /// 1 to 1000 instances; all waiting answers of each are given.
    pub limit: u32,
}

/// An answer that waits, with what an evaluator needs and nothing about the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingAnswer {
    pub task: TaskId,
    pub step: StepId,
    pub instance: InstanceId,
    pub candidate: CandidateId,
    pub is_ignored: bool,
    /// From 1.
    pub slot: u32,
    /// To be sent back with the evaluation.
    pub seq: u64,
    pub question_key: String,
    /// Markdown.
    pub text: String,
    /// JSON, in the canonical form of responses.
    pub response: String,
    /// The most and, as its negative, the least that may be given.
    pub points: Decimal,
    pub negative_points: Decimal,
    /// Markdown for evaluators.
    pub guidance: String,
    pub rubric: Vec<QuestionCriterion>,
    pub completed_at: Option<Timestamp>,
}

impl EvaluationService {
    /// Answers that wait for an evaluation, by task and instance, with the number of instances they
    /// belong to.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:write`; [`Failure::NotFound`] for the task.
    pub async fn waiting_answers(
        &self,
        caller: &Caller,
        query: WaitingAnswersQuery,
    ) -> Result<Vec<WaitingAnswer>, Failure> {
        caller.require(Right::Evaluate)?;
        self.delivery().ensure_deadlines_swept().await?;
        let bearer = ComputePayer::from(caller);
        let (app, caller) = (self.clone(), caller.clone());
        let read = move |tx: &mut dyn Transaction| {
            if let Some(task) = &query.task {
                task_of(tx, &caller, task)?;
            }
            let limit = i64::from(query.limit);
            let found = storage::instance::list_waiting(
                tx,
                &caller.organization,
                query.task.as_ref(),
                limit,
            )?;
            let mut within: HashMap<TaskId, bool> = HashMap::new();
            let mut waiting = Vec::new();
            for (task, instance, _) in found {
                if !can_access_task(tx, &caller, &task, &mut within)? {
                    continue;
                }
                if let Some(row) = storage::instance::find_any(tx, &instance)? {
                    app.waiting_of(tx, &row, &mut waiting)?;
                }
            }
            Ok(waiting)
        };
        self.read_scored(bearer, read).await
    }

    fn waiting_of(
        &self,
        tx: &mut dyn Transaction,
        row: &InstanceRow,
        waiting: &mut Vec<WaitingAnswer>,
    ) -> Result<(), Failure> {
        let compiled = self.compiled_test(tx, row)?;
        let inputs = inputs::load(tx, row, &compiled)?;
        let outcome = score(&compiled, &inputs);
        for figure in outcome.slots.iter().filter(|figure| figure.waiting) {
            let Some(answer) = inputs.answers.get(&figure.slot) else { continue };
            let (question, _) =
                corrected_question(&compiled.slots[figure.slot as usize - 1], &inputs.corrections);
            waiting.push(WaitingAnswer {
                task: row.task_id.clone(),
                step: row.step_id.clone(),
                instance: row.id.clone(),
                candidate: row.candidate_id.clone(),
                is_ignored: row.ignored,
                slot: figure.slot,
                seq: answer.seq,
                question_key: question.key.to_string(),
                text: question.text.to_string(),
                response: answer.response.canonical(),
                points: question.points,
                negative_points: question.negative_points,
                guidance: question.guidance.clone(),
                rubric: question.rubric.clone(),
                completed_at: row.completed_at,
            });
        }
        Ok(())
    }
}

/// Whether a task lies within the caller's limits; `known` remembers it.
pub(crate) fn can_access_task(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    cache: &mut HashMap<TaskId, bool>,
) -> Result<bool, Failure> {
    if !caller.is_limited() {
        return Ok(true);
    }
    if let Some(reaches) = cache.get(task) {
        return Ok(*reaches);
    }
    let row = storage::task::find(tx, &caller.organization, task)?;
    let reaches = row.is_some_and(|row| caller.require_task_access(&row.id, &row.folder).is_ok());
    cache.insert(task.clone(), reaches);
    Ok(reaches)
}
