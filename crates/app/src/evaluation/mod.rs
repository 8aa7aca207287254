//! Rates given by people and programs (domain rules, 6.3).

mod grading_queue;
mod waiting;
mod withdraw;

pub use grading_queue::{
    ALREADY_EVALUATED, AnswerRef, GradeChange, GradingCursor, GradingItem, ResultFigures,
    WaitingTask,
};
pub(crate) use waiting::can_access_task;
pub use waiting::{WaitingAnswer, WaitingAnswersQuery};

use crate::App;
use crate::administration::{InstanceStatus, check_transition};
use crate::audit::{AuditEvent, AuditEventKind};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::idempotency::{IdempotentRequest, store_response, stored_response};
use crate::services::EvaluationService;
use crate::validation::{FieldValidator, LONGEST_NOTE, MOST_ENTRIES};
use crate::versions::inputs::{EvaluatorWords, JudgedEvaluation};
use crate::versions::{ScoringContext, inputs};
use domain::compile::model::CompiledTest;
use domain::decimal::Decimal;
use domain::document::model::Question;
use domain::fault::ErrorCode;
use domain::id::{InstanceId, TaskId};
use domain::instance::{EvaluationMethod, VersionReason};
use domain::json::JsonPointer;
use domain::lifecycle::LifecycleEvent as LifeEvent;
use domain::role::Right;
use domain::scoring::ScoringInputs;
use domain::scoring::correction::corrected_question;
use domain::scoring::evaluation::{
    Criterion, CriterionChoice, Evaluation, EvaluationFault, EvaluationScore, RubricLine,
    rubric_lines, score_by_rubric,
};
use domain::time::Timestamp;
use std::collections::BTreeSet;
use storage::Transaction;
use storage::instance::InstanceRow;

/// A rate for the answer of one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvaluation {
    /// From 1.
    pub slot: u32,
    /// The answer it was made for.
    pub seq: u64,
    pub score: NewScore,
    /// None is `rubric` for a rubric, else `manual`.
    pub method: Option<EvaluationMethod>,
    pub comment: Option<String>,
    /// Markdown for the candidate.
    pub feedback: Option<String>,
}

domain::string_enum! {
    /// How an evaluation is entered.
    pub enum ScoreKind {
        Percentage = "percentage",
        Points = "points",
        Rubric = "rubric",
    }
}

/// What an evaluator enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewScore {
    /// -100 to 100, at most 4 decimals.
    Percentage(Decimal),
    /// Nominal points, at most 6 decimals.
    Points(Decimal),
    /// As the rubric of the question has it, or lines of the evaluator's own where it has none.
    Rubric(Vec<CriterionChoice>),
}

/// Evaluations of answers of one instance that are saved together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationBatch {
    /// The same token gives the first answer again.
    pub client_token: String,
    /// 1 to 100, a slot at most once.
    pub list: Vec<NewEvaluation>,
    /// Free text beside the version.
    pub note: Option<String>,
}

impl NewScore {
    const fn kind(&self) -> ScoreKind {
        match self {
            Self::Percentage(_) => ScoreKind::Percentage,
            Self::Points(_) => ScoreKind::Points,
            Self::Rubric(_) => ScoreKind::Rubric,
        }
    }

    /// What it gives the answer of a question, with the lines of a rubric.
    fn resolve(
        &self,
        question: &Question,
    ) -> Result<(EvaluationScore, Vec<RubricLine>), EvaluationFault> {
        match self {
            Self::Percentage(percentage) => {
                Ok((EvaluationScore::Percentage(*percentage), Vec::new()))
            }
            Self::Points(points) => Ok((EvaluationScore::Points(*points), Vec::new())),
            Self::Rubric(choices) => {
                let lines = rubric_lines(&question.rubric, choices)?;
                let criteria: Vec<Criterion> = lines.iter().map(Criterion::from).collect();
                Ok((score_by_rubric(&criteria)?, lines))
            }
        }
    }
}

impl NewEvaluation {
    fn method(&self) -> EvaluationMethod {
        let usual = if matches!(self.score, NewScore::Rubric(_)) {
            EvaluationMethod::Rubric
        } else {
            EvaluationMethod::Manual
        };
        self.method.unwrap_or(usual)
    }
}

impl EvaluationService {
    /// Evaluates several answers of one completed instance together: they make one version, or none
    /// when nothing differs.
    ///
    /// # Errors
    /// `instance_open`, `instance_erased`; [`Failure::Unfit`] with `evaluation_range`,
    /// `rubric_mismatch`, `nothing_to_evaluate` or `answer_changed` and the slots; faults of the list;
    /// [`Failure::InsufficientScope`], [`Failure::NotFound`].
    pub async fn evaluate(
        &self,
        caller: &Caller,
        task: &TaskId,
        instance: &InstanceId,
        batch: EvaluationBatch,
    ) -> Result<InstanceStatus, Failure> {
        check_forms(&batch)?;
        let act = move |app: &App,
                        tx: &mut dyn Transaction,
                        caller: &Caller,
                        row: InstanceRow,
                        now: Timestamp| {
            let scope = format!("evaluate/{}", row.id);
            let request = IdempotentRequest {
                organization: &caller.organization,
                scope: &scope,
                token: &batch.client_token,
            };
            if let Some(first) = stored_response::<InstanceStatus>(tx, &request)? {
                return Ok(first);
            }
            let status = app.evaluation().evaluate_row(tx, caller, row, &batch, now)?;
            store_response(tx, &request, &status, now)?;
            Ok(status)
        };
        self.with_locked_instance(caller, Right::Evaluate, task, instance, act).await
    }

    fn evaluate_row(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        mut row: InstanceRow,
        batch: &EvaluationBatch,
        now: Timestamp,
    ) -> Result<InstanceStatus, Failure> {
        check_transition(&row, LifeEvent::Evaluate)?;
        let compiled = self.compiled_test(tx, &row)?;
        let inputs = inputs::load(tx, &row, &compiled)?;
        let judged = judge(&compiled, &inputs, &batch.list)?;
        for (new, evaluation) in batch.list.iter().zip(&judged) {
            let words = EvaluatorWords {
                comment: new.comment.as_deref(),
                feedback: new.feedback.as_deref(),
            };
            let actor = caller.actor();
            let evaluation_row =
                inputs::evaluation_row(&row.id, new.slot, evaluation, words, actor, now)?;
            storage::evaluation::upsert(tx, &evaluation_row)?;
            self.record_event(tx, now, caller, event(&row, new.slot, &evaluation.evaluation))?;
        }
        let act = ScoringContext {
            actor: caller,
            now,
            reason: VersionReason::Evaluated,
            note: batch.note.as_deref(),
        };
        self.store_result(tx, &mut row, &compiled, &act)?;
        Ok(InstanceStatus::of(&row))
    }
}

fn event(row: &InstanceRow, slot: u32, evaluation: &Evaluation) -> AuditEvent {
    let event = AuditEvent::of_instance(AuditEventKind::AnswerEvaluated, &row.id)
        .about("taskId", &row.task_id);
    let event =
        event.with("slot", slot).with("seq", evaluation.seq).with("method", evaluation.method);
    match evaluation.score {
        EvaluationScore::Percentage(percentage) => event.with("percentage", percentage),
        EvaluationScore::Points(points) => event.with("points", points),
    }
}

/// All evaluations, or the first kind of refusal with every slot that has it.
fn judge(
    compiled: &CompiledTest,
    inputs: &ScoringInputs,
    list: &[NewEvaluation],
) -> Result<Vec<JudgedEvaluation>, Failure> {
    let mut judged = Vec::with_capacity(list.len());
    let mut refused: Vec<(EvaluationFault, u32)> = Vec::new();
    for new in list {
        let index = (new.slot as usize).checked_sub(1);
        let slot = index.and_then(|index| compiled.slots.get(index)).ok_or(Failure::NotFound)?;
        let (question, _) = corrected_question(slot, &inputs.corrections);
        let answer = inputs.answers.get(&new.slot);
        let made = new.score.resolve(&question).and_then(|(score, lines)| {
            let evaluation = Evaluation::new(&question, answer, score, new.method(), new.seq)?;
            Ok(JudgedEvaluation { evaluation, kind: new.score.kind().as_str(), lines })
        });
        match made {
            Ok(evaluation) => judged.push(evaluation),
            Err(fault) => refused.push((fault, new.slot)),
        }
    }
    let Some((first, _)) = refused.first().copied() else { return Ok(judged) };
    let slots =
        refused.into_iter().filter(|(fault, _)| *fault == first).map(|(_, slot)| slot).collect();
    Err(Failure::Unfit { code: first.as_str(), slots })
}

fn check_forms(batch: &EvaluationBatch) -> Result<(), Failure> {
    let mut checks = FieldValidator::below(JsonPointer::root());
    let at = checks.at("evaluations");
    if batch.list.is_empty() || batch.list.len() > MOST_ENTRIES {
        checks.refuse(at.clone(), ErrorCode::InvalidLength, "must have 1 to 100 evaluations");
    }
    let mut seen = BTreeSet::new();
    for (index, new) in batch.list.iter().enumerate() {
        if !seen.insert(new.slot) {
            checks.refuse(
                at.at(index).at("slot"),
                ErrorCode::ConflictingValues,
                "must not be evaluated twice",
            );
        }
        if let Some(comment) = &new.comment {
            checks.text(at.at(index).at("comment"), comment, 1, LONGEST_NOTE);
        }
        if let Some(feedback) = &new.feedback {
            let place = at.at(index).at("feedback");
            checks.text(place.clone(), feedback, 1, LONGEST_NOTE);
            if let Some(flaw) = markup::find_flaws(feedback).first() {
                checks.refuse(place, ErrorCode::InvalidFormat, flaw.to_string());
            }
        }
    }
    if let Some(note) = &batch.note {
        checks.text(checks.at("note"), note, 1, LONGEST_NOTE);
    }
    checks.finish()
}
