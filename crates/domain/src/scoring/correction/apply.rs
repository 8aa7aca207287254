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
        QuestionBody::MultipleChoice(asked) => replace_choices(asked, replacement),
        QuestionBody::Match(asked) => replace_items(asked, &replacement.items),
        QuestionBody::Input(asked) => replace_rules(asked, replacement),
    }
}

fn set(place: &mut Decimal, new: Option<Decimal>) {
    *place = new.unwrap_or(*place);
}

fn assign(assignments: &mut [DimensionAssignment], changed: &DimensionAssignment) {
    if let Some(known) = assignments.iter_mut().find(|known| known.path == changed.path) {
        known.points = changed.points;
        known.negative_points = changed.negative_points;
    }
}

fn replace_choices(asked: &mut MultipleChoice, replacement: &QuestionReplacement) {
    for choice in &mut asked.choices {
        set(&mut choice.percentage, replacement.choices.get(&choice.key).copied());
    }
    if let Some(threshold) = replacement.threshold {
        asked.threshold = threshold;
    }
}

fn replace_items(asked: &mut MatchQuestion, replaced: &BTreeMap<ElementKey, ItemReplacement>) {
    for item in &mut asked.items {
        if let Some(replacement) = replaced.get(&item.key) {
            replace_item(item, replacement);
        }
    }
}

fn replace_item(item: &mut Item, replacement: &ItemReplacement) {
    set(&mut item.wrong_percentage, replacement.wrong_percentage);
    set(&mut item.blank_percentage, replacement.blank_percentage);
    for (option, percentage) in &replacement.matches {
        match item.matches.iter_mut().find(|known| known.option == *option) {
            Some(known) => known.percentage = *percentage,
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

fn replace_rules(asked: &mut Input, replacement: &QuestionReplacement) {
    match asked {
        Input::Field(asked) | Input::Area(asked) => {
            match &replacement.rules {
                Some(InputRules::Text(rules)) => asked.rules.clone_from(rules),
                Some(InputRules::Numeric(rules)) if rules.is_empty() => asked.rules.clear(),
                Some(InputRules::Numeric(_)) | None => {}
            }
            set(&mut asked.otherwise, replacement.otherwise);
        }
        Input::Numeric(asked) => {
            match &replacement.rules {
                Some(InputRules::Numeric(rules)) => asked.rules.clone_from(rules),
                Some(InputRules::Text(rules)) if rules.is_empty() => asked.rules.clear(),
                Some(InputRules::Text(_)) | None => {}
            }
            set(&mut asked.otherwise, replacement.otherwise);
        }
        Input::Tabular(asked) => {
            replacement.cells.iter().for_each(|cell| replace_cell(asked, cell))
        }
        Input::Rich(_)
        | Input::Code(_)
        | Input::Audio(_)
        | Input::Video(_)
        | Input::File(_)
        | Input::Photo(_) => {}
    }
}

fn replace_cell(asked: &mut TabularInput, changed: &TableCell) {
    match asked
        .cells
        .iter_mut()
        .find(|known| known.row == changed.row && known.column == changed.column)
    {
        Some(known) => known.clone_from(changed),
        None => asked.cells.push(changed.clone()),
    }
}
