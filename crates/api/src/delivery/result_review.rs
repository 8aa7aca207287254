//! The answers of a result with what became of them, as they are sent.

use crate::openapi::EnumWord;
use app::delivery::practice::ChoiceFeedback;
use app::delivery::result::{ReviewedQuestion, SharedResult};
use domain::compile::view::{QuestionView, page};
use domain::decimal::Decimal;
use domain::document::key::ElementKey;
use domain::scoring::feedback::{AnswerOutcome, RightValue, Solution};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::ToSchema;

type AnswerOutcomeWord = EnumWord<AnswerOutcome>;

/// The answers, in the order of the test.
#[derive(Serialize, ToSchema)]
#[schema(as = ReviewedAnswers)]
pub(super) struct ReviewResponse {
    /// The questions of the pages that were entered.
    questions: Vec<ReviewedQuestionResponse>,
    /// How many questions were never come to; nothing is told of them.
    unseen: usize,
}

/// One question with what became of its answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReviewedQuestion)]
struct ReviewedQuestionResponse {
    /// The question's number, from 1.
    slot: u32,
    /// How the answer is judged.
    #[schema(inline)]
    outcome: AnswerOutcomeWord,
    /// Whether the question counts towards the result.
    counts: bool,
    /// What the answer earned; absent where no figures are shared, and while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<f64>)]
    points_achieved: Option<Decimal>,
    /// The question as it was shown: number, texts, choices, items, options.
    #[schema(value_type = Object)]
    question: serde_json::Value,
    /// The own answer as it was kept; null when there is none.
    #[schema(value_type = Option<Object>, required)]
    response: Option<Box<RawValue>>,
    /// Markdown about the question; may be empty.
    feedback: String,
    /// What is said about the choices that were selected.
    choices: Vec<ChoiceFeedbackResponse>,
    /// Markdown by whoever graded the answer; null without.
    evaluator_feedback: Option<String>,
    /// What would have been right; absent where solutions are not shared, and where a person judges
    /// or nothing is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    solution: Option<SolutionResponse>,
}

/// What is said about a choice.
#[derive(Serialize, ToSchema)]
#[schema(as = ChoiceFeedback)]
pub(super) struct ChoiceFeedbackResponse {
    /// The key of the choice.
    key: String,
    /// Markdown.
    feedback: String,
}

impl From<ChoiceFeedback> for ChoiceFeedbackResponse {
    fn from(said: ChoiceFeedback) -> Self {
        Self { key: said.choice.to_string(), feedback: said.feedback }
    }
}

/// What would have been right: one of the four.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Solution)]
struct SolutionResponse {
    /// Keys of choices.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    choices: Option<Vec<String>>,
    /// By the key of the item: keys of options, each of which is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    matches: Option<BTreeMap<String, Vec<String>>>,
    /// Texts and numbers, each of which is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    values: Option<Vec<RightValueResponse>>,
    /// The cells of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cells: Option<Vec<RightCellResponse>>,
}

/// A cell of a table and what is right in it.
#[derive(Serialize, ToSchema)]
#[schema(as = RightCell)]
struct RightCellResponse {
    /// The key of the row.
    row: String,
    /// The key of the column.
    column: String,
    /// Texts and numbers, each of which is right.
    values: Vec<RightValueResponse>,
}

/// A text, a number with what it may be off by, or a range of numbers.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = RightValue)]
struct RightValueResponse {
    /// A text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<String>,
    /// A number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<f64>)]
    value: Option<Decimal>,
    /// What the number may be off by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<f64>)]
    tolerance: Option<Decimal>,
    /// The least number of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<f64>)]
    min: Option<Decimal>,
    /// The greatest number of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<f64>)]
    max: Option<Decimal>,
    /// Whether the ends belong to the range.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    inclusive: Option<bool>,
}

impl ReviewResponse {
    /// None where no answers are shared.
    pub(super) fn of(shown: &SharedResult) -> Option<Self> {
        let review = shown.review.as_ref()?;
        let pages =
            (0..shown.compiled.pages.len()).filter_map(|index| page(&shown.compiled, index));
        let views: BTreeMap<usize, QuestionView<'_>> = pages
            .flat_map(|page| page.questions)
            .map(|question| (question.slot, question))
            .collect();
        let question = |reviewed: &ReviewedQuestion| {
            ReviewedQuestionResponse::of(reviewed, views.get(&(reviewed.slot as usize))?)
        };
        let questions = review.questions.iter().filter_map(question).collect();
        Some(Self { questions, unseen: review.unseen })
    }
}

impl ReviewedQuestionResponse {
    fn of(reviewed: &ReviewedQuestion, view: &QuestionView<'_>) -> Option<Self> {
        let response = reviewed.response.as_ref();
        Some(Self {
            slot: reviewed.slot,
            outcome: reviewed.outcome.into(),
            counts: reviewed.counts,
            points_achieved: reviewed.points,
            question: serde_json::to_value(view).ok()?,
            response: response.and_then(|answer| RawValue::from_string(answer.canonical()).ok()),
            feedback: reviewed.feedback.clone(),
            choices: reviewed.chosen.iter().cloned().map(Into::into).collect(),
            evaluator_feedback: reviewed.evaluator_feedback.clone(),
            solution: reviewed.solution.as_ref().map(SolutionResponse::from),
        })
    }
}

fn texts(keys: &[ElementKey]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

fn values(right: &[RightValue]) -> Vec<RightValueResponse> {
    right.iter().map(RightValueResponse::from).collect()
}

impl From<&Solution> for SolutionResponse {
    fn from(solution: &Solution) -> Self {
        match solution {
            Solution::Choices(keys) => Self { choices: Some(texts(keys)), ..Self::default() },
            Solution::Matches(items) => {
                let item = |(item, options): (&ElementKey, &Vec<ElementKey>)| {
                    (item.to_string(), texts(options))
                };
                Self { matches: Some(items.iter().map(item).collect()), ..Self::default() }
            }
            Solution::Values(right) => Self { values: Some(values(right)), ..Self::default() },
            Solution::Cells(cells) => {
                let cell = |(row, column, right): &(ElementKey, ElementKey, Vec<RightValue>)| {
                    RightCellResponse {
                        row: row.to_string(),
                        column: column.to_string(),
                        values: values(right),
                    }
                };
                Self { cells: Some(cells.iter().map(cell).collect()), ..Self::default() }
            }
        }
    }
}

impl From<&RightValue> for RightValueResponse {
    fn from(right: &RightValue) -> Self {
        match right {
            RightValue::Text(text) => Self { text: Some(text.clone()), ..Self::default() },
            RightValue::Number { value, tolerance } => {
                Self { value: Some(*value), tolerance: Some(*tolerance), ..Self::default() }
            }
            RightValue::Range { min, max, inclusive } => {
                Self { min: *min, max: *max, inclusive: Some(*inclusive), ..Self::default() }
            }
        }
    }
}
