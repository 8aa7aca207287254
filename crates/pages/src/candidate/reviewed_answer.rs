//! A question of a result with the candidate's answer and what became of it.

use super::figures::{figure, points};
use crate::lang::Language;
use app::answers::AnswerContent;
use app::delivery::result::ReviewedQuestion;
use domain::compile::model::CompiledTest;
use domain::compile::view::{
    ChoiceView, InputView, ItemView, KindView, OptionView, QuestionView, page,
};
use domain::decimal::Decimal;
use domain::document::key::ElementKey;
use domain::document::model::{Input, Question, QuestionBody, TableColumn, TableRow};
use domain::response::Response;
use domain::scoring::feedback::{AnswerOutcome, RightValue, Solution};
use markup::Renderer;
use std::collections::BTreeMap;

/// One question as the page of results shows it.
pub struct ReviewedAnswer {
    pub number: u32,
    /// HTML.
    pub text: String,
    pub outcome: &'static str,
    /// `good`, `warn`, `bad` or nothing, for its look.
    pub look: &'static str,
    pub points: Option<String>,
    pub counts: bool,
    pub body: ReviewedBody,
    /// Texts and numbers that would have been right.
    pub right: Vec<String>,
    /// HTML; empty without.
    pub feedback: String,
    /// HTML of each choice and of what is said about it.
    pub chosen: Vec<(String, String)>,
    /// HTML by whoever graded the answer.
    pub evaluator: Option<String>,
}

/// The answer itself.
pub enum ReviewedBody {
    Choices(Vec<ReviewedChoice>),
    Pairs(Vec<ReviewedPair>),
    Table {
        columns: Vec<String>,
        rows: Vec<(String, Vec<ReviewedCell>)>,
    },
    Text(String),
    Code(String),
    /// HTML.
    Rich(String),
    /// Name and address of each file.
    Files(Vec<(String, String)>),
    Nothing,
}

/// A choice, in the order in which it was shown.
pub struct ReviewedChoice {
    /// HTML.
    pub text: String,
    pub is_chosen: bool,
    /// Known only where solutions are shared.
    pub is_right: bool,
}

/// An item with its option.
pub struct ReviewedPair {
    /// HTML.
    pub item: String,
    /// HTML; none when it was left blank.
    pub option: Option<String>,
    /// HTML of what would have been right; empty unless solutions are shared.
    pub right: Vec<String>,
}

/// A cell of a table.
pub struct ReviewedCell {
    pub typed: String,
    pub right: Vec<String>,
}

impl ReviewedAnswer {
    /// All of a result.
    pub fn all(
        words: &'static Language,
        compiled: &CompiledTest,
        reviewed: &[ReviewedQuestion],
        renderer: &Renderer,
    ) -> Vec<Self> {
        let pages = (0..compiled.pages.len()).filter_map(|index| page(compiled, index));
        let views: BTreeMap<usize, QuestionView<'_>> = pages
            .flat_map(|page| page.questions)
            .map(|question| (question.slot, question))
            .collect();
        let one = |reviewed: &ReviewedQuestion| {
            let view = views.get(&(reviewed.slot as usize))?;
            let slot = compiled.slots.get(view.slot.wrapping_sub(1))?;
            Some(Self::of(words, reviewed, view, &slot.question, renderer))
        };
        reviewed.iter().filter_map(one).collect()
    }

    fn of(
        words: &'static Language,
        reviewed: &ReviewedQuestion,
        view: &QuestionView<'_>,
        question: &Question,
        renderer: &Renderer,
    ) -> Self {
        let (outcome, look) = outcome_words(words, reviewed.outcome);
        let right = match &reviewed.solution {
            Some(Solution::Values(values)) => values.iter().map(right_value).collect(),
            Some(Solution::Choices(_) | Solution::Matches(_) | Solution::Cells(_)) | None => {
                Vec::new()
            }
        };
        Self {
            number: reviewed.slot,
            text: renderer.blocks(view.text),
            outcome,
            look,
            points: reviewed.points.map(|earned| points(words, earned, reviewed.maximum)),
            counts: reviewed.counts || reviewed.outcome == AnswerOutcome::Excluded,
            body: body(reviewed, view, question, renderer),
            right,
            feedback: renderer.blocks(&reviewed.feedback),
            chosen: reviewed
                .chosen
                .iter()
                .map(|said| (renderer.inline(&said.text), renderer.blocks(&said.feedback)))
                .collect(),
            evaluator: reviewed.evaluator_feedback.as_deref().map(|text| renderer.blocks(text)),
        }
    }
}

/// The word for an outcome, and its look.
pub fn outcome_words(
    words: &'static Language,
    outcome: AnswerOutcome,
) -> (&'static str, &'static str) {
    match outcome {
        AnswerOutcome::Right => (words.outcome_right, "good"),
        AnswerOutcome::PartlyRight => (words.outcome_partly, "warn"),
        AnswerOutcome::Wrong => (words.outcome_wrong, "bad"),
        AnswerOutcome::Graded => (words.outcome_graded, ""),
        AnswerOutcome::Blank => (words.outcome_blank, ""),
        AnswerOutcome::Waiting => (words.outcome_waiting, ""),
        AnswerOutcome::NotScored => (words.outcome_not_scored, ""),
        AnswerOutcome::Excluded => (words.outcome_excluded, ""),
    }
}

fn body(
    reviewed: &ReviewedQuestion,
    view: &QuestionView<'_>,
    question: &Question,
    renderer: &Renderer,
) -> ReviewedBody {
    match &view.kind {
        KindView::MultipleChoice { choices, .. } => {
            let choice = |choice: &ChoiceView<'_>| ReviewedChoice::of(reviewed, choice, renderer);
            ReviewedBody::Choices(choices.iter().map(choice).collect())
        }
        KindView::Match { items, options, .. } => {
            let pair = |item: &ItemView<'_>| ReviewedPair::of(reviewed, item, options, renderer);
            ReviewedBody::Pairs(items.iter().map(pair).collect())
        }
        KindView::Input(InputView::Tabular { columns, rows, .. }) => table(reviewed, columns, rows),
        KindView::Input(_) => input_body(&reviewed.content, question, renderer),
    }
}

fn input_body(content: &AnswerContent, question: &Question, renderer: &Renderer) -> ReviewedBody {
    match content {
        AnswerContent::Uploads(files) => {
            let named = files.iter().map(|file| {
                let name = file.media.name.clone();
                (name.unwrap_or_else(|| file.media.id.to_string()), file.url.clone())
            });
            ReviewedBody::Files(named.collect())
        }
        AnswerContent::Value(Some(text)) => match &question.kind {
            QuestionBody::Input(Input::Code(_)) => ReviewedBody::Code(text.clone()),
            QuestionBody::Input(Input::Rich(_)) => ReviewedBody::Rich(renderer.rich(text)),
            QuestionBody::Input(_) | QuestionBody::MultipleChoice(_) | QuestionBody::Match(_) => {
                ReviewedBody::Text(text.clone())
            }
        },
        AnswerContent::Value(None) | AnswerContent::Choices(_) | AnswerContent::Matches(_) => {
            ReviewedBody::Nothing
        }
    }
}

impl ReviewedChoice {
    fn of(reviewed: &ReviewedQuestion, choice: &ChoiceView<'_>, renderer: &Renderer) -> Self {
        let is_chosen = matches!(
            &reviewed.response,
            Some(Response::Choices(selected)) if selected.contains(choice.key)
        );
        let is_right = matches!(
            &reviewed.solution,
            Some(Solution::Choices(right)) if right.contains(choice.key)
        );
        Self { text: renderer.inline(choice.text), is_chosen, is_right }
    }
}

impl ReviewedPair {
    fn of(
        reviewed: &ReviewedQuestion,
        item: &ItemView<'_>,
        pool: &[OptionView<'_>],
        renderer: &Renderer,
    ) -> Self {
        let option = |key: &ElementKey| {
            let own = item.options.iter().find(|option| option.key == key);
            let shared = pool.iter().find(|option| option.key == key);
            let text = own.map(|own| own.text).or_else(|| shared.map(|shared| shared.text));
            text.map(|text| renderer.inline(text))
        };
        let chosen = match &reviewed.response {
            Some(Response::Matches(made)) => made.get(item.key).and_then(option),
            _ => None,
        };
        let right = match &reviewed.solution {
            Some(Solution::Matches(items)) => items.get(item.key),
            _ => None,
        };
        Self {
            item: renderer.inline(item.text),
            option: chosen,
            right: right.into_iter().flatten().filter_map(option).collect(),
        }
    }
}

fn table(reviewed: &ReviewedQuestion, columns: &[TableColumn], rows: &[TableRow]) -> ReviewedBody {
    let cell = |row: &TableRow, column: &TableColumn| {
        let typed = match &reviewed.response {
            Some(Response::Cells(filled)) => {
                filled.get(&row.key).and_then(|cells| cells.get(&column.key)).cloned()
            }
            _ => None,
        };
        let right = match &reviewed.solution {
            Some(Solution::Cells(cells)) => {
                cells.iter().find(|(at, of, _)| *at == row.key && *of == column.key)
            }
            _ => None,
        };
        ReviewedCell {
            typed: typed.unwrap_or_default(),
            right: right
                .map(|(_, _, values)| values.iter().map(right_value).collect())
                .unwrap_or_default(),
        }
    };
    let row = |row: &TableRow| {
        (row.title.clone(), columns.iter().map(|column| cell(row, column)).collect())
    };
    ReviewedBody::Table {
        columns: columns.iter().map(|column| column.title.clone()).collect(),
        rows: rows.iter().map(row).collect(),
    }
}

/// A right value without words, so that it reads alike in every language.
fn right_value(right: &RightValue) -> String {
    match right {
        RightValue::Text(text) => text.clone(),
        RightValue::Number { value, tolerance } if tolerance.is_zero() => exact(*value),
        RightValue::Number { value, tolerance } => {
            format!("{} ± {}", exact(*value), exact(*tolerance))
        }
        RightValue::Range { min: Some(min), max: Some(max), .. } => {
            format!("{} – {}", exact(*min), exact(*max))
        }
        RightValue::Range { min, max, inclusive } => {
            let signs = if *inclusive { ("≥", "≤") } else { (">", "<") };
            match (min, max) {
                (Some(min), _) => format!("{} {}", signs.0, exact(*min)),
                (None, Some(max)) => format!("{} {}", signs.1, exact(*max)),
                (None, None) => String::new(),
            }
        }
    }
}

/// A key's number is no figure of a result: it has all its decimals.
fn exact(value: Decimal) -> String {
    if value.decimals() <= 2 { figure(value) } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_values_read_without_words() {
        let number = |literal: &str| Decimal::parse(literal).unwrap();
        let range = |min: Option<&str>, max: Option<&str>, inclusive| RightValue::Range {
            min: min.map(number),
            max: max.map(number),
            inclusive,
        };
        let within = RightValue::Number { value: number("12.25"), tolerance: number("0.05") };
        let read = [
            (within, "12.25 ± 0.05"),
            (RightValue::Number { value: number("3.1416"), tolerance: number("0") }, "3.1416"),
            (range(Some("10"), Some("15"), true), "10 – 15"),
            (range(Some("5"), None, false), "> 5"),
            (range(None, Some("5"), true), "≤ 5"),
            (RightValue::Text("Rome".to_owned()), "Rome"),
        ];
        for (right, shown) in read {
            assert_eq!(right_value(&right), shown);
        }
    }
}
