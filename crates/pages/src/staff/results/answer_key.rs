//! What would have been right, beside what was given. The words for rules; whether an answer earned
//! anything is told by its figures.

use crate::staff::evaluate::ShownAnswer;
use domain::compile::model::{PartOrder, Slot};
use domain::decimal::Decimal;
use domain::document::model::{
    CellRules, Comparison, Input, Item, MatchQuestion, NumericCondition, NumericRule, Question,
    QuestionBody, TabularInput, TextCondition, TextRule,
};
use markup::Renderer;

/// An item with the option it was given and those that earn something.
pub struct MatchPairing {
    pub item: String,
    /// None when it was left blank.
    pub response: Option<String>,
    pub is_right: bool,
    pub right: Vec<String>,
}

/// A table with what was typed and what would have earned something.
pub struct AnswerGrid {
    pub columns: Vec<String>,
    pub rows: Vec<(String, Vec<GridCell>)>,
}

/// A cell of a table question: what was entered and what would have been right.
pub struct GridCell {
    pub response: String,
    pub right: Vec<String>,
}

/// The items in the order the candidate saw, with the options in `given`: texts of items and
/// options.
pub fn pairings(
    slot: &Slot,
    question: &Question,
    response: &[(String, String)],
    renderer: &Renderer,
) -> Vec<MatchPairing> {
    let (the_question, items) = match (&question.kind, &slot.order) {
        (QuestionBody::Match(the_question), PartOrder::Match { items, .. }) => {
            (the_question, items)
        }
        (QuestionBody::Match(_), PartOrder::None | PartOrder::Choices(_))
        | (
            QuestionBody::MultipleChoice(_) | QuestionBody::Input(_),
            PartOrder::None | PartOrder::Choices(_) | PartOrder::Match { .. },
        ) => return Vec::new(),
    };
    let mut left = response.iter().peekable();
    let shown = items.iter().filter_map(|index| the_question.items.get(usize::from(*index)));
    shown
        .map(|item| {
            // Given pairs come in the same order, blank items left out.
            let response =
                left.next_if(|(text, _)| *text == item.text).map(|(_, option)| option.as_str());
            let right = right_options(the_question, item);
            MatchPairing {
                item: renderer.inline(&item.text),
                is_right: response
                    .is_some_and(|response| right.iter().any(|(text, _)| *text == response)),
                response: response.map(|response| renderer.inline(response)),
                right: right
                    .iter()
                    .map(|(text, percentage)| earning(renderer.inline(text), *percentage))
                    .collect(),
            }
        })
        .collect()
}

fn right_options<'test>(
    body: &'test MatchQuestion,
    item: &'test Item,
) -> Vec<(&'test str, Decimal)> {
    let text = |key: &domain::document::key::ElementKey| {
        let own = item
            .options
            .iter()
            .find(|option| option.key == *key)
            .map(|option| option.text.as_str());
        own.or_else(|| {
            body.options.iter().find(|option| option.key == *key).map(|option| option.text.as_str())
        })
    };
    let earning = item.matches.iter().filter(|matching| matching.percentage > Decimal::ZERO);
    earning.filter_map(|matching| Some((text(&matching.option)?, matching.percentage))).collect()
}

/// The rules of a typed answer that earn something, in words.
pub fn rules(question: &Question) -> Vec<String> {
    match &question.kind {
        QuestionBody::Input(Input::Field(input) | Input::Area(input)) => text_rules(&input.rules),
        QuestionBody::Input(Input::Numeric(input)) => numeric_rules(&input.rules, &input.unit),
        QuestionBody::Input(
            // The rules of a table stand in its cells.
            Input::Tabular(_)
            | Input::Rich(_)
            | Input::Code(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
        )
        | QuestionBody::MultipleChoice(_)
        | QuestionBody::Match(_) => Vec::new(),
    }
}

/// A table's cells beside their rules; none for other questions.
pub fn grid(question: &Question, shown: &ShownAnswer) -> Option<AnswerGrid> {
    let the_question = match &question.kind {
        QuestionBody::Input(Input::Tabular(the_question)) => the_question,
        QuestionBody::Input(
            Input::Field(_)
            | Input::Area(_)
            | Input::Rich(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
        )
        | QuestionBody::MultipleChoice(_)
        | QuestionBody::Match(_) => return None,
    };
    let typed: &[(String, Vec<String>)] = match shown {
        ShownAnswer::Table { rows, .. } => rows,
        ShownAnswer::Text(_)
        | ShownAnswer::Code { .. }
        | ShownAnswer::Rich(_)
        | ShownAnswer::List(_)
        | ShownAnswer::Pairs(_)
        | ShownAnswer::Files(_)
        | ShownAnswer::Nothing => &[],
    };
    let cell = |row: usize, column: usize| GridCell {
        response: typed
            .get(row)
            .and_then(|(_, cells)| cells.get(column))
            .cloned()
            .unwrap_or_default(),
        right: cell_rules(the_question, row, column),
    };
    let row = |(at, row): (usize, &domain::document::model::TableRow)| {
        (
            row.title.clone(),
            (0..the_question.columns.len()).map(|column| cell(at, column)).collect(),
        )
    };
    Some(AnswerGrid {
        columns: the_question.columns.iter().map(|column| column.title.clone()).collect(),
        rows: the_question.rows.iter().enumerate().map(row).collect(),
    })
}

fn cell_rules(input: &TabularInput, row: usize, column: usize) -> Vec<String> {
    let (Some(row), Some(column)) = (input.rows.get(row), input.columns.get(column)) else {
        return Vec::new();
    };
    let cell = input.cells.iter().find(|cell| cell.row == row.key && cell.column == column.key);
    match cell.map(|cell| &cell.rules) {
        Some(CellRules::Field(rules)) => text_rules(rules),
        Some(CellRules::Numeric(rules)) => numeric_rules(rules, ""),
        None => Vec::new(),
    }
}

fn text_rules(rules: &[TextRule]) -> Vec<String> {
    let list = |values: &[String]| {
        values.iter().map(|value| format!("“{value}”")).collect::<Vec<_>>().join(", ")
    };
    let words = |condition: &TextCondition| match condition {
        TextCondition::Equal { value } => format!("“{value}”"),
        TextCondition::NotEqual { value } => format!("anything but “{value}”"),
        TextCondition::Matches { pattern } => format!("a text with the pattern {pattern}"),
        TextCondition::NotMatches { pattern } => format!("a text without the pattern {pattern}"),
        TextCondition::OneOf { values } => format!("one of {}", list(values)),
        TextCondition::NoneOf { values } => format!("none of {}", list(values)),
    };
    let earning_rules = rules.iter().filter(|rule| rule.percentage > Decimal::ZERO);
    earning_rules.map(|rule| earning(words(&rule.condition), rule.percentage)).collect()
}

fn numeric_rules(rules: &[NumericRule], unit: &str) -> Vec<String> {
    let near = |tolerance: Decimal| {
        if tolerance.is_zero() { String::new() } else { format!(" ± {tolerance}") }
    };
    let list =
        |values: &[Decimal]| values.iter().map(Decimal::to_string).collect::<Vec<_>>().join(", ");
    let words = |condition: &NumericCondition| match condition {
        NumericCondition::Equal { value, tolerance } => format!("{value}{}", near(*tolerance)),
        NumericCondition::NotEqual { value, tolerance } => {
            format!("anything but {value}{}", near(*tolerance))
        }
        NumericCondition::Between { min, max, inclusive: true } => format!("{min} to {max}"),
        NumericCondition::Between { min, max, inclusive: false } => {
            format!("between {min} and {max}")
        }
        NumericCondition::Compare { op, value } => format!("{} {value}", sign(*op)),
        NumericCondition::OneOf { values, tolerance } => {
            format!("one of {}{}", list(values), near(*tolerance))
        }
        NumericCondition::NoneOf { values, tolerance } => {
            format!("none of {}{}", list(values), near(*tolerance))
        }
    };
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let earning_rules = rules.iter().filter(|rule| rule.percentage > Decimal::ZERO);
    earning_rules
        .map(|rule| earning(format!("{}{unit}", words(&rule.condition)), rule.percentage))
        .collect()
}

const fn sign(op: Comparison) -> &'static str {
    match op {
        Comparison::Less => "<",
        Comparison::LessOrEqual => "≤",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => "≥",
    }
}

/// What is right, with what it earns where that is not all.
fn earning(right: String, percentage: Decimal) -> String {
    if percentage == Decimal::HUNDRED { right } else { format!("{right} ({percentage} %)") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(literal: &str) -> Decimal {
        Decimal::parse(literal).unwrap()
    }

    #[test]
    fn rules_that_earn_are_told_in_words_and_others_are_not() {
        let rule =
            |condition, percentage| NumericRule { condition, percentage: decimal(percentage) };
        let equal = NumericCondition::Equal { value: decimal("12.25"), tolerance: decimal("0.05") };
        let between =
            NumericCondition::Between { min: decimal("10"), max: decimal("15"), inclusive: true };
        let wrong = NumericCondition::Compare { op: Comparison::Less, value: decimal("0") };
        let sentences =
            numeric_rules(&[rule(equal, "100"), rule(between, "40"), rule(wrong, "-50")], "kg");
        assert_eq!(sentences, ["12.25 ± 0.05 kg", "10 to 15 kg (40 %)"]);
        let one_of = TextCondition::OneOf { values: vec!["Rome".into(), "Roma".into()] };
        let sentences = text_rules(&[TextRule { condition: one_of, percentage: decimal("100") }]);
        assert_eq!(sentences, ["one of “Rome”, “Roma”"]);
    }
}
