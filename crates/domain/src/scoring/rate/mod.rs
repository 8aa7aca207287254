//! From response to percentage, and from rate to points (domain rules, 6.1 and 6.2).

use super::rules;
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{
    CellRules, EffectScore, Input, Item, Lang, MatchQuestion, MultipleChoice, NumericInput,
    Question, QuestionBody, TabularInput, TextInput,
};
use crate::response::{Response, number};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The capped percentage that a valid response earns by the question's own rules. A response of
/// another shape earns 0.
pub(super) fn percentage(question: &Question, response: &Response, lang: Lang) -> Decimal {
    let percentage = match (&question.kind, response) {
        (QuestionBody::MultipleChoice(definition), Response::Choices(selected)) => {
            of_choices(definition, selected)
        }
        (QuestionBody::Match(definition), Response::Matches(made)) => of_matches(definition, made),
        (QuestionBody::Input(definition), response) => of_input(definition, response, lang),
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
fn of_input(definition: &Input, response: &Response, lang: Lang) -> Decimal {
    match (definition, response) {
        (Input::Field(definition) | Input::Area(definition), Response::Text(typed)) => {
            let TextInput { rules, otherwise, normalisation, .. } = definition;
            rules::of_text(typed, rules, *otherwise, *normalisation, lang)
        }
        (Input::Numeric(definition), Response::Text(typed)) => of_number(definition, typed, lang),
        (Input::Tabular(definition), Response::Cells(rows)) => of_cells(definition, rows, lang),
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
    let definition = match &question.kind {
        QuestionBody::Match(definition) => definition,
        QuestionBody::MultipleChoice(_) | QuestionBody::Input(_) => return None,
    };
    let carried = definition.items.iter().map(|item| item.blank_percentage);
    definition
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
        (QuestionBody::MultipleChoice(definition), Response::Choices(selected)) => definition
            .choices
            .iter()
            .filter(|choice| selected.contains(&choice.key))
            .flat_map(|choice| &choice.effects)
            .collect(),
        (QuestionBody::Match(definition), Response::Matches(made)) => {
            let chosen = definition
                .items
                .iter()
                .filter_map(|item| made.get(&item.key).map(|option| (item, option)));
            let counting = chosen.filter_map(|(item, option)| {
                item.matches.iter().find(|existing| existing.option == *option)
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

fn of_choices(definition: &MultipleChoice, selected: &BTreeSet<ElementKey>) -> Decimal {
    let chosen = definition.choices.iter().filter(|choice| selected.contains(&choice.key));
    if definition.partial {
        let sum = chosen.map(|choice| choice.percentage).sum::<Decimal>().cap();
        return if definition.threshold.is_some_and(|threshold| sum < threshold) {
            Decimal::ZERO
        } else {
            sum
        };
    }
    let is_right = |choice: &crate::document::model::Choice| choice.percentage > Decimal::ZERO;
    if definition.choices.iter().all(|choice| is_right(choice) == selected.contains(&choice.key)) {
        Decimal::HUNDRED
    } else if chosen.into_iter().any(|choice| choice.percentage.is_negative()) {
        -Decimal::HUNDRED
    } else {
        Decimal::ZERO
    }
}

fn of_matches(definition: &MatchQuestion, made: &BTreeMap<ElementKey, ElementKey>) -> Decimal {
    definition.items.iter().map(|item| of_item(item, made.get(&item.key))).sum()
}

fn of_item(item: &Item, option: Option<&ElementKey>) -> Decimal {
    let Some(option) = option else { return item.blank_percentage };
    let counting = item.matches.iter().find(|existing| existing.option == *option);
    counting.map_or(item.wrong_percentage, |existing| existing.percentage)
}

fn of_number(definition: &NumericInput, typed: &str, lang: Lang) -> Decimal {
    number::read(typed, definition.format(lang)).map_or(Decimal::ZERO, |number| {
        rules::of_number(number, &definition.rules, definition.otherwise)
    })
}

/// The sum over the cells not blank. A cell that has no rules, or is no number where one is due,
/// earns 0.
fn of_cells(
    definition: &TabularInput,
    rows: &BTreeMap<ElementKey, BTreeMap<ElementKey, String>>,
    lang: Lang,
) -> Decimal {
    let ruled: HashMap<(&ElementKey, &ElementKey), _> =
        definition.cells.iter().map(|cell| ((&cell.row, &cell.column), cell)).collect();
    let filled = rows
        .iter()
        .flat_map(|(row, columns)| columns.iter().map(move |(column, text)| (row, column, text)));
    let earned =
        filled.filter(|(_, _, text)| !text.trim().is_empty()).filter_map(|(row, column, text)| {
            let cell = ruled.get(&(row, column))?;
            match &cell.rules {
                CellRules::Field(rules) => {
                    let how = definition.normalisation;
                    Some(rules::of_text(text, rules, cell.otherwise, how, lang))
                }
                CellRules::Numeric(rules) => number::read(text, definition.number_format(lang))
                    .ok()
                    .map(|number| rules::of_number(number, rules, cell.otherwise)),
            }
        });
    earned.sum()
}

#[cfg(test)]
mod tests;
