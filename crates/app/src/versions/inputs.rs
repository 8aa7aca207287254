//! The inputs of a result as rows keep them, and back.

use crate::caller::Actor;
use crate::failure::Failure;
use crate::json::{from_json, to_json};
use crate::stored_number::unsigned;
use domain::compile::model::CompiledTest;
use domain::decimal::Decimal;
use domain::id::InstanceId;

use domain::json::JsonNode;
use domain::response::Response;
use domain::scoring::evaluation::{Evaluation, EvaluationScore, QuestionPoints, RubricLine};
use domain::scoring::{Answer, Correction, ScoringInputs};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use storage::Transaction;
use storage::answer::ReceiptRow;
use storage::instance::InstanceRow;

/// Everything an instance's result depends on beside its compiled test: kept answers that are not
/// blank, evaluations, and standing corrections in order of making.
///
/// # Errors
/// When the database cannot be read, or holds what does not read.
pub(crate) fn load(
    tx: &mut dyn Transaction,
    instance: &InstanceRow,
    compiled: &CompiledTest,
) -> Result<ScoringInputs, Failure> {
    let evaluations = storage::evaluation::list(tx, &instance.id)?;
    let corrections = storage::correction::list_for_instance(tx, &instance.step_id, &instance.id)?;
    of_rows(load_answers(tx, &instance.id, compiled)?, &evaluations, &corrections)
}

/// The same out of rows that were read before.
///
/// # Errors
/// When one of them does not read.
pub(crate) fn of_rows(
    answers: BTreeMap<u32, Answer>,
    evaluations: &[storage::evaluation::EvaluationRow],
    corrections: &[storage::correction::CorrectionRow],
) -> Result<ScoringInputs, Failure> {
    Ok(ScoringInputs {
        answers,
        evaluations: evaluations
            .iter()
            .map(|row| Ok((slot_of(row.slot)?, evaluation(row)?)))
            .collect::<Result<_, Failure>>()?,
        corrections: corrections.iter().map(correction).collect::<Result<_, _>>()?,
    })
}

/// The kept answers that are not blank, by slot from 1.
///
/// # Errors
/// When the database cannot be read.
pub(crate) fn load_answers(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
    compiled: &CompiledTest,
) -> Result<BTreeMap<u32, Answer>, Failure> {
    answers_from_receipts(storage::answer::list(tx, instance)?, compiled)
}

/// The same out of the receipts that count.
///
/// # Errors
/// When a receipt's slot is none.
pub(crate) fn answers_from_receipts(
    receipts: impl IntoIterator<Item = ReceiptRow>,
    compiled: &CompiledTest,
) -> Result<BTreeMap<u32, Answer>, Failure> {
    let mut answers = BTreeMap::new();
    for receipt in receipts {
        let slot = slot_of(receipt.slot)?;
        let question = compiled.slots.get(slot as usize - 1).map(|slot| &slot.question);
        let response = question
            .zip(receipt.response)
            .and_then(|(question, text)| Response::parse_stored_response(question, &text));
        if let Some(response) = response {
            answers.insert(slot, Answer { seq: unsigned(receipt.seq)?, response });
        }
    }
    Ok(answers)
}

/// An evaluation with how it was entered, and the lines of a rubric.
pub(crate) struct JudgedEvaluation {
    pub evaluation: Evaluation,
    /// `percentage`, `points` or `rubric`.
    pub kind: &'static str,
    pub lines: Vec<RubricLine>,
}

/// What an evaluator writes beside a figure: to other staff, and to the candidate.
#[derive(Clone, Copy, Default)]
pub(crate) struct EvaluatorWords<'text> {
    pub comment: Option<&'text str>,
    pub feedback: Option<&'text str>,
}

/// The row of an evaluation. `kind` is how it was entered: `percentage`, `points` or `rubric`. What
/// was given is kept as `{"percentage": d}` or `{"points": d}` with the question's worth at that
/// time in `scale`.
///
/// # Errors
/// When it has no JSON form: a mistake in this program.
pub(crate) fn evaluation_row(
    instance: &InstanceId,
    slot: u32,
    judged: &JudgedEvaluation,
    words: EvaluatorWords<'_>,
    actor: Actor,
    at: Timestamp,
) -> Result<storage::evaluation::EvaluationRow, Failure> {
    let evaluation = &judged.evaluation;
    let lines = Some(&judged.lines).filter(|lines| !lines.is_empty());
    Ok(storage::evaluation::EvaluationRow {
        instance_id: instance.clone(),
        slot: slot.into(),
        given_kind: judged.kind.to_owned(),
        given: to_json(evaluation)?,
        method: evaluation.method,
        comment: words.comment.map(str::to_owned),
        rubric: lines.map(to_json).transpose()?,
        feedback: words.feedback.map(str::to_owned),
        actor_kind: actor.kind,
        actor_id: Some(actor.id).filter(|id| !id.is_empty()),
        at,
        seq: i64::try_from(evaluation.seq).map_err(Failure::internal)?,
    })
}

/// The evaluation of a row.
///
/// # Errors
/// When it does not read.
pub(crate) fn evaluation(row: &storage::evaluation::EvaluationRow) -> Result<Evaluation, Failure> {
    let node = JsonNode::parse(row.given.as_bytes(), 4).map_err(Failure::internal)?;
    let evaluation_json = match (decimal(&node, "percentage"), decimal(&node, "points")) {
        (Some(percentage), _) => EvaluationScore::Percentage(percentage),
        (_, Some(points)) => EvaluationScore::Points(points),
        _ => return Err(Failure::internal("an evaluation does not read")),
    };
    let scale = node.member("scale").and_then(|scale| {
        Some(QuestionPoints {
            points: decimal(scale, "points")?,
            negative_points: decimal(scale, "negativePoints")?,
        })
    });
    let scale = scale.ok_or_else(|| Failure::internal("an evaluation has no scale"))?;
    Ok(Evaluation { score: evaluation_json, scale, method: row.method, seq: unsigned(row.seq)? })
}

/// The correction of a row; `change` holds the whole of it as JSON, its question included.
///
/// # Errors
/// When it does not read.
pub(crate) fn correction(row: &storage::correction::CorrectionRow) -> Result<Correction, Failure> {
    from_json(&row.change)
}

fn decimal(node: &JsonNode, name: &str) -> Option<Decimal> {
    match node.member(name)? {
        JsonNode::Number(literal) => Decimal::parse(literal),
        _ => None,
    }
}

fn slot_of(column: i64) -> Result<u32, Failure> {
    u32::try_from(column)
        .ok()
        .filter(|slot| *slot > 0)
        .ok_or_else(|| Failure::internal("a slot is no slot"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::instance::EvaluationMethod;

    #[test]
    fn an_evaluation_reads_back_from_its_row() {
        let decimal = |literal| Decimal::parse(literal).unwrap();
        let scale = QuestionPoints { points: decimal("4"), negative_points: decimal("2.5") };
        for given_score in [
            EvaluationScore::Percentage(decimal("62.5")),
            EvaluationScore::Points(decimal("-0.000001")),
        ] {
            let evaluation =
                Evaluation { score: given_score, scale, method: EvaluationMethod::Rubric, seq: 7 };
            let judged = JudgedEvaluation { evaluation, kind: "rubric", lines: Vec::new() };
            let words = EvaluatorWords::default();
            let row =
                evaluation_row(&"Ti1".into(), 3, &judged, words, Actor::system(), Timestamp(1))
                    .unwrap();
            assert_eq!(super::evaluation(&row).unwrap(), evaluation, "{}", row.given);
        }
    }
}
