//! Advice on numbers that candidates may write in two ways.

use crate::decimal::Decimal;
use crate::document::fault::{DocumentFault, DocumentFaultCode};
use crate::document::model::{
    CellRules, DecimalSeparator, Input, NumericCondition, NumericRule, Question, QuestionBody,
};
use crate::json::JsonPointer;

/// Warns of rules with a number of 1000 or more where a point and a comma both stand before
/// decimals: 10,000 may mean ten thousand or ten.
pub fn warnings(question: &Question, place: &JsonPointer) -> Vec<DocumentFault> {
    let QuestionBody::Input(input) = &question.kind else { return Vec::new() };
    match input {
        Input::Numeric(numeric)
            if numeric.separators.decimal_separator == DecimalSeparator::Either =>
        {
            of_rules(&numeric.rules, &place.at("rules")).collect()
        }
        Input::Tabular(table) if table.separators.decimal_separator == DecimalSeparator::Either => {
            let cells = place.at("cells");
            let of_cell = |(index, cell): (usize, &crate::document::model::TableCell)| {
                let rules = match &cell.rules {
                    CellRules::Numeric(rules) => rules.as_slice(),
                    CellRules::Field(_) => &[],
                };
                of_rules(rules, &cells.at(index).at("rules")).collect::<Vec<_>>()
            };
            table.cells.iter().enumerate().flat_map(of_cell).collect()
        }
        Input::Field(_)
        | Input::Area(_)
        | Input::Rich(_)
        | Input::Code(_)
        | Input::Numeric(_)
        | Input::Tabular(_)
        | Input::Audio(_)
        | Input::Video(_)
        | Input::File(_)
        | Input::Photo(_) => Vec::new(),
    }
}

fn of_rules(rules: &[NumericRule], list: &JsonPointer) -> impl Iterator<Item = DocumentFault> {
    let thousand = Decimal::from(1000);
    let warn = |(index, rule): (usize, &NumericRule)| {
        let large = numbers(&rule.condition).into_iter().find(|number| number.abs() >= thousand)?;
        let code = DocumentFaultCode::WarnAmbiguousNumber;
        Some(DocumentFault::new(code, list.at(index), Some(large.to_string())))
    };
    rules.iter().enumerate().filter_map(warn).collect::<Vec<_>>().into_iter()
}

fn numbers(condition: &NumericCondition) -> Vec<Decimal> {
    match condition {
        NumericCondition::Equal { value, .. }
        | NumericCondition::NotEqual { value, .. }
        | NumericCondition::Compare { value, .. } => vec![*value],
        NumericCondition::Between { min, max, .. } => vec![*min, *max],
        NumericCondition::OneOf { values, .. } | NumericCondition::NoneOf { values, .. } => {
            values.clone()
        }
    }
}
