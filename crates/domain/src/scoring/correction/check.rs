//! Whether a correction fits the question it names.

use super::{Correction, CorrectionChange, InputRules, ItemReplacement, QuestionReplacement};
use crate::decimal::Decimal;
use crate::document::model::CELL_LENGTH;
use crate::document::model::{
    CellRules, ColumnKind, DimensionAssignment, EvaluationMode, Input, MatchQuestion,
    MultipleChoice, NumericCondition, NumericRule, Question, QuestionBody, TableCell, TabularInput,
    TextCondition, TextRule,
};
use crate::pattern::{DOCUMENT_BUDGET, PatternSizes, QUESTION_BUDGET};

crate::string_enum! {
    /// Why a correction is refused.
    pub enum CorrectionFault {
        /// Not an object of the shape of a correction.
        WrongShape = "correction_wrong_shape",
        /// Replaces nothing.
        Empty = "correction_empty",
        /// The question's kind has no such thing, or it is not scored by rules.
        NotApplicable = "correction_not_applicable",
        /// A choice, item, option, cell or dimension that the question does not have.
        UnknownKey = "correction_unknown_key",
        /// A percentage, threshold, points or tolerance outside its bounds.
        OutOfRange = "correction_range",
        /// A pattern that does not compile, an empty list of values, or bounds the wrong way round.
        Rule = "correction_rule",
        /// Patterns that would cost more to look for than a question's may.
        PatternBudget = "correction_pattern_budget",
    }
}

const MOST_RULES: usize = 100;

type CorrectionCheck = Result<(), CorrectionFault>;

impl Correction {
    /// The sizes of its patterns. That takes a while: not for threads that must not be held up.
    #[must_use]
    pub fn pattern_sizes(&self) -> PatternSizes {
        let mut sizes = PatternSizes::default();
        let CorrectionChange::Replace(replacement) = &self.change else { return sizes };
        let of_cells = replacement.cells.iter().filter_map(|cell| match &cell.rules {
            CellRules::Field(rules) => Some(rules),
            CellRules::Numeric(_) => None,
        });
        let of_text = match &replacement.rules {
            Some(InputRules::Text(rules)) => Some(rules),
            Some(InputRules::Numeric(_)) | None => None,
        };
        for pattern in of_text
            .into_iter()
            .chain(of_cells)
            .flatten()
            .filter_map(|rule| rule.condition.pattern())
        {
            sizes.find(pattern);
        }
        sizes
    }

    /// Whether this may be applied to a question as it was frozen; `sizes` are those of
    /// [`Correction::sizes`].
    ///
    /// # Errors
    /// The first fault found.
    pub fn check(&self, question: &Question, sizes: &PatternSizes) -> CorrectionCheck {
        match &self.change {
            CorrectionChange::Ignore => Ok(()),
            CorrectionChange::Replace(replacement)
                if **replacement == QuestionReplacement::default() =>
            {
                Err(CorrectionFault::Empty)
            }
            CorrectionChange::Replace(replacement) => check(question, replacement, sizes),
        }
    }
}

fn check(
    question: &Question,
    replacement: &QuestionReplacement,
    sizes: &PatternSizes,
) -> CorrectionCheck {
    for points in replacement.points.iter().chain(&replacement.negative_points) {
        check_points(*points)?;
    }
    for assigned in &replacement.dimensions {
        check_assignment(question, assigned)?;
    }
    check_applicable(question, replacement)?;
    match &question.kind {
        QuestionBody::MultipleChoice(body) => check_choices(body, replacement),
        QuestionBody::Match(body) => replacement
            .items
            .iter()
            .try_for_each(|(key, item)| check_item(body, key.as_str(), item)),
        QuestionBody::Input(body) => check_input(body, replacement, sizes),
    }
}

fn check_applicable(question: &Question, replacement: &QuestionReplacement) -> CorrectionCheck {
    let QuestionReplacement { choices, items, rules, otherwise, cells, threshold, .. } =
        replacement;
    let by_rules = question.evaluation == EvaluationMode::Auto;
    let no_choices = choices.is_empty() && threshold.is_none();
    let no_items = items.is_empty();
    let no_rules = rules.is_none() && otherwise.is_none();
    let no_cells = cells.is_empty();
    let fits = match &question.kind {
        QuestionBody::MultipleChoice(_) => no_items && no_rules && no_cells,
        QuestionBody::Match(_) => no_choices && no_rules && no_cells,
        QuestionBody::Input(input) => {
            let fits_input = match input {
                Input::Field(_) | Input::Area(_) | Input::Numeric(_) => {
                    no_cells && (by_rules || no_rules)
                }
                Input::Tabular(_) => no_rules && (by_rules || no_cells),
                Input::Rich(_)
                | Input::Code(_)
                | Input::Audio(_)
                | Input::Video(_)
                | Input::File(_)
                | Input::Photo(_) => no_rules && no_cells,
            };
            no_choices && no_items && fits_input
        }
    };
    if fits { Ok(()) } else { Err(CorrectionFault::NotApplicable) }
}

fn check_points(points: Decimal) -> CorrectionCheck {
    let fits = !points.is_negative() && points <= Decimal::from(100_000) && points.decimals() <= 6;
    if fits { Ok(()) } else { Err(CorrectionFault::OutOfRange) }
}

fn check_percentage(percentage: Decimal) -> CorrectionCheck {
    let fits = percentage.abs() <= Decimal::HUNDRED && percentage.decimals() <= 4;
    if fits { Ok(()) } else { Err(CorrectionFault::OutOfRange) }
}

fn check_assignment(question: &Question, assigned: &DimensionAssignment) -> CorrectionCheck {
    if !question.dimensions.iter().any(|entry| entry.path == assigned.path) {
        return Err(CorrectionFault::UnknownKey);
    }
    check_points(assigned.points)?;
    check_points(assigned.negative_points)
}

fn require_key(is_known: bool) -> CorrectionCheck {
    if is_known { Ok(()) } else { Err(CorrectionFault::UnknownKey) }
}

fn check_choices(body: &MultipleChoice, replacement: &QuestionReplacement) -> CorrectionCheck {
    for (key, percentage) in &replacement.choices {
        require_key(body.choices.iter().any(|choice| choice.key == *key))?;
        check_percentage(*percentage)?;
    }
    let Some(Some(threshold)) = replacement.threshold else { return Ok(()) };
    if !body.partial {
        return Err(CorrectionFault::NotApplicable);
    }
    if threshold.is_zero() || threshold.is_negative() {
        Err(CorrectionFault::OutOfRange)
    } else {
        check_percentage(threshold)
    }
}

fn check_item(body: &MatchQuestion, key: &str, replacement: &ItemReplacement) -> CorrectionCheck {
    let item = body
        .items
        .iter()
        .find(|item| item.key.as_str() == key)
        .ok_or(CorrectionFault::UnknownKey)?;
    for (option, percentage) in &replacement.matches {
        require_key(crate::response::item_offers(body, &item.key, option))?;
        check_percentage(*percentage)?;
    }
    replacement
        .wrong_percentage
        .iter()
        .chain(&replacement.blank_percentage)
        .try_for_each(|p| check_percentage(*p))
}

fn check_input(
    input: &Input,
    replacement: &QuestionReplacement,
    sizes: &PatternSizes,
) -> CorrectionCheck {
    replacement.otherwise.map_or(Ok(()), check_percentage)?;
    match (input, &replacement.rules) {
        (Input::Tabular(input), _) => {
            let mut cost = 0_u64;
            for cell in &replacement.cells {
                cost = cost.saturating_add(check_cell(input, cell, sizes)?);
            }
            within(cost, DOCUMENT_BUDGET)
        }
        (Input::Field(text) | Input::Area(text), Some(InputRules::Text(rules))) => {
            check_text_rules(rules, text.max_length, sizes).map(|_| ())
        }
        (Input::Numeric(_), Some(InputRules::Numeric(rules))) => check_numeric_rules(rules),
        (Input::Field(_) | Input::Area(_), Some(InputRules::Numeric(_)))
        | (Input::Numeric(_), Some(InputRules::Text(_)))
        | (
            Input::Rich(_)
            | Input::Code(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
            Some(InputRules::Text(_) | InputRules::Numeric(_)),
        ) => Err(CorrectionFault::NotApplicable),
        (
            Input::Field(_)
            | Input::Area(_)
            | Input::Rich(_)
            | Input::Code(_)
            | Input::Numeric(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
            None,
        ) => Ok(()),
    }
}

/// Gives what looking for the cell's patterns may cost.
fn check_cell(
    input: &TabularInput,
    cell: &TableCell,
    sizes: &PatternSizes,
) -> Result<u64, CorrectionFault> {
    require_key(input.rows.iter().any(|row| row.key == cell.row))?;
    let column = input
        .columns
        .iter()
        .find(|column| column.key == cell.column)
        .ok_or(CorrectionFault::UnknownKey)?;
    check_percentage(cell.otherwise)?;
    match (&cell.rules, column.kind) {
        (CellRules::Field(rules), ColumnKind::Field) => check_text_rules(rules, CELL_LENGTH, sizes),
        (CellRules::Numeric(rules), ColumnKind::Numeric) => check_numeric_rules(rules).map(|()| 0),
        (CellRules::Field(_), ColumnKind::Numeric) | (CellRules::Numeric(_), ColumnKind::Field) => {
            Err(CorrectionFault::NotApplicable)
        }
    }
}

/// Replacing all rules by none would leave nothing to score by, so a list must not be empty.
fn check_size(size: usize) -> CorrectionCheck {
    if (1..=MOST_RULES).contains(&size) { Ok(()) } else { Err(CorrectionFault::Rule) }
}

fn sound(is_sound: bool) -> CorrectionCheck {
    if is_sound { Ok(()) } else { Err(CorrectionFault::Rule) }
}

fn within(cost: u64, budget: u64) -> CorrectionCheck {
    if cost <= budget { Ok(()) } else { Err(CorrectionFault::PatternBudget) }
}

/// Gives what looking for the patterns in the longest text may cost.
fn check_text_rules(
    rules: &[TextRule],
    longest: u32,
    sizes: &PatternSizes,
) -> Result<u64, CorrectionFault> {
    check_size(rules.len())?;
    let mut size = 0_u64;
    for rule in rules {
        check_percentage(rule.percentage)?;
        match &rule.condition {
            TextCondition::Equal { .. } | TextCondition::NotEqual { .. } => {}
            TextCondition::Matches { pattern } | TextCondition::NotMatches { pattern } => {
                let unusable = if sizes.is_full() {
                    CorrectionFault::PatternBudget
                } else {
                    CorrectionFault::Rule
                };
                size += sizes.of(pattern).ok_or(unusable)?;
            }
            TextCondition::OneOf { values } | TextCondition::NoneOf { values } => {
                check_size(values.len())?
            }
        }
    }
    let cost = size.saturating_mul(u64::from(longest));
    within(cost, QUESTION_BUDGET).map(|()| cost)
}

fn check_numeric_rules(rules: &[NumericRule]) -> CorrectionCheck {
    check_size(rules.len())?;
    rules.iter().try_for_each(|rule| {
        check_percentage(rule.percentage)?;
        check_numeric_condition(&rule.condition)
    })
}

fn check_numeric_condition(condition: &NumericCondition) -> CorrectionCheck {
    let (numbers, tolerance) = match condition {
        NumericCondition::Equal { value, tolerance }
        | NumericCondition::NotEqual { value, tolerance } => {
            (std::slice::from_ref(value), *tolerance)
        }
        NumericCondition::OneOf { values, tolerance }
        | NumericCondition::NoneOf { values, tolerance } => {
            check_size(values.len())?;
            (values.as_slice(), *tolerance)
        }
        NumericCondition::Compare { value, .. } => (std::slice::from_ref(value), Decimal::ZERO),
        NumericCondition::Between { min, max, inclusive } => {
            sound(min < max || (min == max && *inclusive))?;
            return if is_number(*min) && is_number(*max) {
                Ok(())
            } else {
                Err(CorrectionFault::OutOfRange)
            };
        }
    };
    let fits = !tolerance.is_negative()
        && is_number(tolerance)
        && numbers.iter().all(|number| is_number(*number));
    if fits { Ok(()) } else { Err(CorrectionFault::OutOfRange) }
}

/// A number by domain rules, 2.7: at most 18 digits before and 9 after the separator.
fn is_number(number: Decimal) -> bool {
    number.abs() < Decimal::from(1_000_000_000_000_000_000) && number.decimals() <= 9
}
