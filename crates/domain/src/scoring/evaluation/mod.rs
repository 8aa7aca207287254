//! Rates given by people and programs (domain rules, 6.3).

use super::{Answer, rate};
use crate::decimal::Decimal;
use crate::document::model::Question;
use crate::instance::EvaluationMethod;
use serde::Serialize;

/// What an evaluator enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvaluationScore {
    /// -100 to 100, at most 4 decimals.
    Percentage(Decimal),
    /// Nominal points, -N to P, at most 6 decimals; they count exactly as entered.
    Points(Decimal),
}

/// What a question was worth when its answer was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionPoints {
    pub points: Decimal,
    pub negative_points: Decimal,
}

/// A rate for one kept answer. Wins over rules until withdrawn or the answer changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Evaluation {
    #[serde(flatten)]
    pub score: EvaluationScore,
    /// Nominal points count exactly only while the question is worth this.
    pub scale: QuestionPoints,
    pub method: EvaluationMethod,
    /// The `seq` of the answer it was made for; for another one it does not count.
    pub seq: u64,
}

crate::string_enum! {
    /// Why an evaluation is refused.
    pub enum EvaluationFault {
        OutOfRange = "evaluation_range",
        NothingToEvaluate = "nothing_to_evaluate",
        AnswerChanged = "answer_changed",
    }
}

impl QuestionPoints {
    /// The points of a question as they are now, corrections included.
    #[must_use]
    pub const fn of(question: &Question) -> Self {
        Self { points: question.points, negative_points: question.negative_points }
    }
}

impl Evaluation {
    /// An evaluation of a kept answer. The question is the one of the slot with its corrections
    /// ([`super::correction::corrected_question`]); `seq` is the answer the evaluator saw.
    ///
    /// # Errors
    /// When the slot is blank, its answer has changed since, or what is given is out of range.
    pub fn new(
        question: &Question,
        answer: Option<&Answer>,
        given_score: EvaluationScore,
        method: EvaluationMethod,
        seq: u64,
    ) -> Result<Self, EvaluationFault> {
        let answer = answer.ok_or(EvaluationFault::NothingToEvaluate)?;
        if answer.seq != seq {
            return Err(EvaluationFault::AnswerChanged);
        }
        let in_range = match given_score {
            EvaluationScore::Percentage(percentage) => {
                percentage.abs() <= Decimal::HUNDRED && percentage.decimals() <= 4
            }
            EvaluationScore::Points(points) => {
                -question.negative_points <= points
                    && points <= question.points
                    && points.decimals() <= 6
            }
        };
        if !in_range {
            return Err(EvaluationFault::OutOfRange);
        }
        Ok(Self { score: given_score, scale: QuestionPoints::of(question), method, seq })
    }

    /// The rate this gives, -1 to 1.
    #[must_use]
    pub fn rate(&self) -> Decimal {
        match self.score {
            EvaluationScore::Percentage(percentage) => percentage.percent(),
            EvaluationScore::Points(points) if points.is_negative() => {
                points.divide_round6(self.scale.negative_points)
            }
            EvaluationScore::Points(points) => points.divide_round6(self.scale.points),
        }
    }

    /// The points this gives a question that is now worth `scale`.
    pub(super) fn points(&self, scale: QuestionPoints) -> Decimal {
        match self.score {
            EvaluationScore::Points(points) if self.scale == scale => points,
            EvaluationScore::Points(_) | EvaluationScore::Percentage(_) => {
                rate::points(self.rate(), scale.points, scale.negative_points)
            }
        }
    }
}

/// One line of a rubric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Above 0, at most 100000, at most 6 decimals.
    pub weight: Decimal,
    /// -100 to 100, at most 4 decimals.
    pub percentage: Decimal,
}

/// What a rubric gives: the percentage of
/// `Round6(sum of weight x percentage / sum of weights / 100)`.
///
/// # Errors
/// `evaluation_range` when there is no criterion, more than 100, or one is out of its range.
pub fn score_by_rubric(criteria: &[Criterion]) -> Result<EvaluationScore, EvaluationFault> {
    let most = Decimal::from(100_000);
    let fits = |criterion: &Criterion| {
        criterion.weight > Decimal::ZERO
            && criterion.weight <= most
            && criterion.weight.decimals() <= 6
            && criterion.percentage.abs() <= Decimal::HUNDRED
            && criterion.percentage.decimals() <= 4
    };
    if criteria.is_empty() || criteria.len() > 100 || !criteria.iter().all(fits) {
        return Err(EvaluationFault::OutOfRange);
    }
    let weighted: Decimal =
        criteria.iter().map(|criterion| criterion.weight * criterion.percentage).sum();
    let weights: Decimal = criteria.iter().map(|criterion| criterion.weight).sum();
    let rate = weighted.divide_round6(weights * Decimal::HUNDRED);
    Ok(EvaluationScore::Percentage(rate * Decimal::HUNDRED))
}

#[cfg(test)]
mod tests;
