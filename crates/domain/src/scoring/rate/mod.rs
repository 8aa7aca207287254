//! From response to percentage, and from rate to points (domain rules, 6.1 and 6.2).

use super::rules;
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{
    CellRules, EffectScore, Input, Item, MatchQuestion, MultipleChoice, NumericInput, Question,
    QuestionBody, TabularInput,
};
use crate::response::{Response, number};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The capped percentage that a valid response earns by the question's own rules. A response of
/// another shape earns 0.
pub(super) fn percentage(question: &Question, response: &Response) -> Decimal {
    let percentage = match (&question.kind, response) {
        (QuestionBody::MultipleChoice(asked), Response::Choices(selected)) => {
            of_choices(asked, selected)
        }
        (QuestionBody::Match(asked), Response::Matches(made)) => of_matches(asked, made),
        (QuestionBody::Input(asked), response) => of_input(asked, response),
        (
            QuestionBody::MultipleChoice(_),
            Response::Matches(_) | Response::Text(_) | Response::Cells(_) | Response::Uploads(_),
        )
        | (
            QuestionBody::Match(_),
            Response::Choices(_) | Response::Text(_) | Response::Cells(_) | Response::Uploads(_),
        ) => Decimal::ZERO,
    };
    percentage.cap()
}

/// The percentage of a typed, uploaded or recorded response. What only a person can score earns 0
/// by itself.
fn of_input(asked: &Input, response: &Response) -> Decimal {
    match (asked, response) {
        (Input::Field(asked) | Input::Area(asked), Response::Text(typed)) => {
            rules::of_text(typed, &asked.rules, asked.otherwise, asked.normalisation)
        }
        (Input::Numeric(asked), Response::Text(typed)) => of_number(asked, typed),
        (Input::Tabular(asked), Response::Cells(rows)) => of_cells(asked, rows),
        (
            Input::Field(_) | Input::Area(_) | Input::Numeric(_),
            Response::Choices(_) | Response::Matches(_) | Response::Cells(_) | Response::Uploads(_),
        )
        | (
            Input::Tabular(_),
            Response::Choices(_) | Response::Matches(_) | Response::Text(_) | Response::Uploads(_),
        )
        | (
            Input::Rich(_)
            | Input::Code(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
            Response::Choices(_)
            | Response::Matches(_)
            | Response::Text(_)
            | Response::Cells(_)
            | Response::Uploads(_),
        ) => Decimal::ZERO,
    }
}

/// The percentage a blank match question earns; `None` when no blank item carries one.
pub(super) fn blank_percentage(question: &Question) -> Option<Decimal> {
    let asked = match &question.kind {
        QuestionBody::Match(asked) => asked,
        QuestionBody::MultipleChoice(_) | QuestionBody::Input(_) => return None,
    };
    let carried = asked.items.iter().map(|item| item.blank_percentage);
    asked
        .items
        .iter()
        .any(|item| !item.blank_percentage.is_zero())
        .then(|| carried.sum::<Decimal>().cap())
}

/// points(q): the rate times the points, or times the negative points when it is negative.
pub(super) fn points(rate: Decimal, points: Decimal, negative_points: Decimal) -> Decimal {
    rate * if rate.is_negative() { negative_points } else { points }
}

/// The effects that a valid response triggers.
pub(super) fn effects<'test>(
    question: &'test Question,
    response: &Response,
) -> Vec<&'test EffectScore> {
    match (&question.kind, response) {
        (QuestionBody::MultipleChoice(asked), Response::Choices(selected)) => asked
            .choices
            .iter()
            .filter(|choice| selected.contains(&choice.key))
            .flat_map(|choice| &choice.effects)
            .collect(),
        (QuestionBody::Match(asked), Response::Matches(made)) => {
            let chosen = asked
                .items
                .iter()
                .filter_map(|item| made.get(&item.key).map(|option| (item, option)));
            let counting = chosen.filter_map(|(item, option)| {
                item.matches.iter().find(|known| known.option == *option)
            });
            counting.flat_map(|matching| &matching.effects).collect()
        }
        (
            QuestionBody::MultipleChoice(_),
            Response::Matches(_) | Response::Text(_) | Response::Cells(_) | Response::Uploads(_),
        )
        | (
            QuestionBody::Match(_),
            Response::Choices(_) | Response::Text(_) | Response::Cells(_) | Response::Uploads(_),
        )
        | (
            QuestionBody::Input(_),
            Response::Choices(_)
            | Response::Matches(_)
            | Response::Text(_)
            | Response::Cells(_)
            | Response::Uploads(_),
        ) => Vec::new(),
    }
}

fn of_choices(asked: &MultipleChoice, selected: &BTreeSet<ElementKey>) -> Decimal {
    let chosen = asked.choices.iter().filter(|choice| selected.contains(&choice.key));
    if asked.partial {
        let sum = chosen.map(|choice| choice.percentage).sum::<Decimal>().cap();
        return if asked.threshold.is_some_and(|threshold| sum < threshold) {
            Decimal::ZERO
        } else {
            sum
        };
    }
    let is_right = |choice: &crate::document::model::Choice| choice.percentage > Decimal::ZERO;
    if asked.choices.iter().all(|choice| is_right(choice) == selected.contains(&choice.key)) {
        Decimal::HUNDRED
    } else if chosen.into_iter().any(|choice| choice.percentage.is_negative()) {
        -Decimal::HUNDRED
    } else {
        Decimal::ZERO
    }
}

fn of_matches(asked: &MatchQuestion, made: &BTreeMap<ElementKey, ElementKey>) -> Decimal {
    asked.items.iter().map(|item| of_item(item, made.get(&item.key))).sum()
}

fn of_item(item: &Item, option: Option<&ElementKey>) -> Decimal {
    let Some(option) = option else { return item.blank_percentage };
    let counting = item.matches.iter().find(|known| known.option == *option);
    counting.map_or(item.wrong_percentage, |known| known.percentage)
}

fn of_number(asked: &NumericInput, typed: &str) -> Decimal {
    number::read(typed, asked.separators)
        .map_or(Decimal::ZERO, |number| rules::of_number(number, &asked.rules, asked.otherwise))
}

/// The sum over the cells not blank. A cell that has no rules, or is no number where one is due,
/// earns 0.
fn of_cells(
    asked: &TabularInput,
    rows: &BTreeMap<ElementKey, BTreeMap<ElementKey, String>>,
) -> Decimal {
    let ruled: HashMap<(&ElementKey, &ElementKey), _> =
        asked.cells.iter().map(|cell| ((&cell.row, &cell.column), cell)).collect();
    let filled = rows
        .iter()
        .flat_map(|(row, columns)| columns.iter().map(move |(column, text)| (row, column, text)));
    let earned =
        filled.filter(|(_, _, text)| !text.trim().is_empty()).filter_map(|(row, column, text)| {
            let cell = ruled.get(&(row, column))?;
            match &cell.rules {
                CellRules::Field(rules) => {
                    Some(rules::of_text(text, rules, cell.otherwise, asked.normalisation))
                }
                CellRules::Numeric(rules) => number::read(text, asked.separators)
                    .map(|number| rules::of_number(number, rules, cell.otherwise)),
            }
        });
    earned.sum()
}

#[cfg(test)]
mod tests;
