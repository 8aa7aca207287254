//! Rates given by people and programs (domain rules, 6.3).

use super::{Answer, rate};
use crate::decimal::Decimal;
use crate::document::model::{CriterionLevel, Question, QuestionCriterion};
use crate::instance::EvaluationMethod;
use crate::json::JsonNode;
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
        RubricMismatch = "rubric_mismatch",
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

/// What an evaluator enters for one line of a rubric.
///
/// Where the question has a rubric it names a criterion with a level or a percentage, where it has
/// none a weight and a percentage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriterionChoice {
    pub criterion: Option<String>,
    pub level: Option<String>,
    pub weight: Option<Decimal>,
    pub percentage: Option<Decimal>,
}

/// What was chosen for one line of a rubric, as it is kept beside the evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RubricLine {
    /// The key of the question's criterion; none where the question has no rubric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// The key of the level; none where a percentage was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    pub weight: Decimal,
    pub percentage: Decimal,
}

/// The lines of an evaluation by rubric, in the order of the question's criteria.
///
/// # Errors
/// `rubric_mismatch` when what is entered does not fit the question: with a rubric, each criterion
/// once with one of its levels or a percentage and without a weight; without one, weights and
/// percentages alone.
pub fn rubric_lines(
    rubric: &[QuestionCriterion],
    choices: &[CriterionChoice],
) -> Result<Vec<RubricLine>, EvaluationFault> {
    if rubric.is_empty() {
        return choices.iter().map(free_line).collect::<Option<_>>().ok_or(MISMATCH);
    }
    if choices.len() != rubric.len() {
        return Err(MISMATCH);
    }
    let line = |criterion: &QuestionCriterion| {
        let is_meant =
            |choice: &&CriterionChoice| choice.criterion.as_deref() == Some(criterion.key.as_str());
        choices.iter().find(is_meant).and_then(|choice| line_of(criterion, choice))
    };
    rubric.iter().map(line).collect::<Option<_>>().ok_or(MISMATCH)
}

/// The lines as they were kept; none when the text is not what was kept.
#[must_use]
pub fn parse_rubric_lines(stored: &str) -> Option<Vec<RubricLine>> {
    let JsonNode::List(items) = JsonNode::parse(stored.as_bytes(), 4).ok()? else { return None };
    items.iter().map(parse_line).collect()
}

fn parse_line(node: &JsonNode) -> Option<RubricLine> {
    let text = |name| match node.member(name) {
        Some(JsonNode::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let figure = |name| match node.member(name)? {
        JsonNode::Number(literal) => Decimal::parse(literal),
        _ => None,
    };
    Some(RubricLine {
        criterion: text("criterion"),
        level: text("level"),
        weight: figure("weight")?,
        percentage: figure("percentage")?,
    })
}

const MISMATCH: EvaluationFault = EvaluationFault::RubricMismatch;

fn free_line(choice: &CriterionChoice) -> Option<RubricLine> {
    match (&choice.criterion, &choice.level, choice.weight, choice.percentage) {
        (None, None, Some(weight), Some(percentage)) => {
            Some(RubricLine { criterion: None, level: None, weight, percentage })
        }
        _ => None,
    }
}

fn line_of(criterion: &QuestionCriterion, choice: &CriterionChoice) -> Option<RubricLine> {
    let find = |key: &String| {
        criterion.levels.iter().find(|level: &&CriterionLevel| level.key.as_str() == key.as_str())
    };
    let percentage = match (&choice.level, choice.percentage, choice.weight) {
        (Some(level), None, None) => find(level)?.percentage,
        (None, Some(percentage), None) => percentage,
        _ => return None,
    };
    Some(RubricLine {
        criterion: Some(criterion.key.to_string()),
        level: choice.level.clone(),
        weight: criterion.weight,
        percentage,
    })
}

impl From<&RubricLine> for Criterion {
    fn from(line: &RubricLine) -> Self {
        Self { weight: line.weight, percentage: line.percentage }
    }
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
