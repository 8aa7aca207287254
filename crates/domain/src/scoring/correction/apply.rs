//! Putting a replacement into a copy of a question. What does not fit the question is passed over:
//! a correction for all of a step meets instances whose question may have been edited in between.

use super::{InputRules, ItemReplacement, QuestionReplacement};
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{
    CountingMatch, DimensionAssignment, Input, Item, MatchQuestion, MultipleChoice, Question,
    QuestionBody, TableCell, TabularInput,
};
use std::collections::BTreeMap;

pub(super) fn replace(question: &mut Question, replacement: &QuestionReplacement) {
    set(&mut question.points, replacement.points);
    set(&mut question.negative_points, replacement.negative_points);
    for changed in &replacement.dimensions {
        assign(&mut question.dimensions, changed);
    }
    match &mut question.kind {
        QuestionBody::MultipleChoice(definition) => replace_choices(definition, replacement),
        QuestionBody::Match(definition) => replace_items(definition, &replacement.items),
        QuestionBody::Input(definition) => replace_rules(definition, replacement),
    }
}

fn set(place: &mut Decimal, new: Option<Decimal>) {
    *place = new.unwrap_or(*place);
}

fn assign(assignments: &mut [DimensionAssignment], changed: &DimensionAssignment) {
    if let Some(existing) = assignments.iter_mut().find(|existing| existing.path == changed.path) {
        existing.points = changed.points;
        existing.negative_points = changed.negative_points;
    }
}

fn replace_choices(definition: &mut MultipleChoice, replacement: &QuestionReplacement) {
    for choice in &mut definition.choices {
        set(&mut choice.percentage, replacement.choices.get(&choice.key).copied());
    }
    if let Some(threshold) = replacement.threshold {
        definition.threshold = threshold;
    }
}

fn replace_items(definition: &mut MatchQuestion, replaced: &BTreeMap<ElementKey, ItemReplacement>) {
    for item in &mut definition.items {
        if let Some(replacement) = replaced.get(&item.key) {
            replace_item(item, replacement);
        }
    }
}

fn replace_item(item: &mut Item, replacement: &ItemReplacement) {
    set(&mut item.wrong_percentage, replacement.wrong_percentage);
    set(&mut item.blank_percentage, replacement.blank_percentage);
    for (option, percentage) in &replacement.matches {
        match item.matches.iter_mut().find(|existing| existing.option == *option) {
            Some(existing) => existing.percentage = *percentage,
            None => {
                item.matches.push(CountingMatch {
                    option: option.clone(),
                    percentage: *percentage,
                    effects: Vec::new(),
                });
            }
        }
    }
}

fn replace_rules(definition: &mut Input, replacement: &QuestionReplacement) {
    match definition {
        Input::Field(definition) | Input::Area(definition) => {
            match &replacement.rules {
                Some(InputRules::Text(rules)) => definition.rules.clone_from(rules),
                Some(InputRules::Numeric(rules)) if rules.is_empty() => definition.rules.clear(),
                Some(InputRules::Numeric(_)) | None => {}
            }
            set(&mut definition.otherwise, replacement.otherwise);
        }
        Input::Numeric(definition) => {
            match &replacement.rules {
                Some(InputRules::Numeric(rules)) => definition.rules.clone_from(rules),
                Some(InputRules::Text(rules)) if rules.is_empty() => definition.rules.clear(),
                Some(InputRules::Text(_)) | None => {}
            }
            set(&mut definition.otherwise, replacement.otherwise);
        }
        Input::Tabular(definition) => {
            replacement.cells.iter().for_each(|cell| replace_cell(definition, cell))
        }
        Input::Rich(_)
        | Input::Code(_)
        | Input::Audio(_)
        | Input::Video(_)
        | Input::File(_)
        | Input::Photo(_) => {}
    }
}

fn replace_cell(definition: &mut TabularInput, changed: &TableCell) {
    match definition
        .cells
        .iter_mut()
        .find(|existing| existing.row == changed.row && existing.column == changed.column)
    {
        Some(existing) => existing.clone_from(changed),
        None => definition.cells.push(changed.clone()),
    }
}
