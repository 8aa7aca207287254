//! Formative feedback: whether an answer is right, what belongs to it, and what would have been
//! right (domain rules, 5.1).

use super::{SlotFigure, rate};
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{
    CellRules, Choice, Comparison, EvaluationMode, Input, Item, Lang, MatchQuestion,
    MultipleChoice, NumericCondition, NumericRule, Question, QuestionBody, TextCondition, TextRule,
};
use crate::response::Response;
use std::collections::BTreeMap;

crate::string_enum! {
    /// How an answer is judged, in a word.
    pub enum AnswerOutcome {
        Right = "right",
        PartlyRight = "partly-right",
        Wrong = "wrong",
        /// A person graded it: its points say how good it is.
        Graded = "graded",
        /// Nothing was answered.
        Blank = "blank",
        /// Somebody has yet to grade it.
        Waiting = "waiting",
        /// Nobody scores it: there is no right and no wrong.
        NotScored = "not-scored",
        /// Taken out of the scoring by staff.
        Excluded = "excluded",
    }
}

/// A percentage that is as good as all: three thirds written 33.33 each are all of it.
fn is_full(rate: Decimal) -> bool {
    Decimal::parse("0.9995").is_some_and(|full| rate >= full)
}

/// The word for a rate.
#[must_use]
pub fn outcome_of_rate(rate: Decimal) -> AnswerOutcome {
    if is_full(rate) {
        AnswerOutcome::Right
    } else if rate > Decimal::ZERO {
        AnswerOutcome::PartlyRight
    } else {
        AnswerOutcome::Wrong
    }
}

/// Whether answers are scored by the question's own percentages or rules, and some answer can be
/// right: an inventory has none that is.
#[must_use]
pub fn is_scored_automatically(question: &Question) -> bool {
    question.evaluation == EvaluationMode::Auto && can_earn(&question.kind)
}

/// How a valid answer is judged by the question alone; none where that takes a person, or nothing
/// is right or wrong.
#[must_use]
pub fn check(question: &Question, response: &Response, lang: Lang) -> Option<AnswerOutcome> {
    is_scored_automatically(question)
        .then(|| outcome_of_rate(rate::percentage(question, response, lang).percent()))
}

/// How a slot of a result came out.
#[must_use]
pub fn outcome(question: &Question, figure: &SlotFigure) -> AnswerOutcome {
    if figure.ignored {
        return AnswerOutcome::Excluded;
    }
    if figure.waiting {
        return AnswerOutcome::Waiting;
    }
    if figure.blank {
        return AnswerOutcome::Blank;
    }
    match (question.evaluation, figure.rate) {
        (EvaluationMode::Auto, rate) if can_earn(&question.kind) => {
            outcome_of_rate(rate.unwrap_or_default())
        }
        (EvaluationMode::Manual, Some(_)) => AnswerOutcome::Graded,
        // An evaluation may be made of any answer.
        (EvaluationMode::Auto | EvaluationMode::None, Some(rate)) if !rate.is_zero() => {
            AnswerOutcome::Graded
        }
        (EvaluationMode::Auto | EvaluationMode::Manual | EvaluationMode::None, _) => {
            AnswerOutcome::NotScored
        }
    }
}

/// The choices that were selected and say something about it, in authored order.
#[must_use]
pub fn chosen_feedback<'test>(
    question: &'test Question,
    response: Option<&Response>,
) -> Vec<&'test Choice> {
    let (QuestionBody::MultipleChoice(body), Some(Response::Choices(selected))) =
        (&question.kind, response)
    else {
        return Vec::new();
    };
    let chosen = body.choices.iter().filter(|choice| selected.contains(&choice.key));
    chosen.filter(|choice| !choice.feedback.trim().is_empty()).collect()
}

/// What would have been right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Solution {
    /// Keys of choices.
    Choices(Vec<ElementKey>),
    /// For each item the options that earn the most; items that need none are left out.
    Matches(BTreeMap<ElementKey, Vec<ElementKey>>),
    Values(Vec<RightValue>),
    /// By row and column.
    Cells(Vec<(ElementKey, ElementKey, Vec<RightValue>)>),
}

/// A text or number that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RightValue {
    Text(String),
    Number {
        value: Decimal,
        tolerance: Decimal,
    },
    /// From one number to another; an end that is none has no limit.
    Range {
        min: Option<Decimal>,
        max: Option<Decimal>,
        inclusive: bool,
    },
}

/// What would have been right: what earns the most. None where a person judges, nothing is right,
/// or the rules say so by a pattern or by what is wrong, which is no answer to show.
#[must_use]
pub fn solution(question: &Question) -> Option<Solution> {
    if !is_scored_automatically(question) {
        return None;
    }
    let solution = match &question.kind {
        QuestionBody::MultipleChoice(body) => Solution::Choices(right_choices(body)),
        QuestionBody::Match(body) => Solution::Matches(right_matches(body)),
        QuestionBody::Input(Input::Field(input) | Input::Area(input)) => {
            Solution::Values(right_texts(&input.rules))
        }
        QuestionBody::Input(Input::Numeric(input)) => Solution::Values(right_numbers(&input.rules)),
        QuestionBody::Input(Input::Tabular(input)) => Solution::Cells(
            input
                .cells
                .iter()
                .map(|cell| (cell.row.clone(), cell.column.clone(), right_in_cell(&cell.rules)))
                .filter(|(_, _, values)| !values.is_empty())
                .collect(),
        ),
        QuestionBody::Input(
            Input::Rich(_)
            | Input::Code(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
        ) => return None,
    };
    Some(solution).filter(|solution| !solution.is_empty())
}

impl Solution {
    fn is_empty(&self) -> bool {
        match self {
            Self::Choices(keys) => keys.is_empty(),
            Self::Matches(items) => items.is_empty(),
            Self::Values(values) => values.is_empty(),
            Self::Cells(cells) => cells.is_empty(),
        }
    }
}

fn right_choices(body: &MultipleChoice) -> Vec<ElementKey> {
    let best = body.choices.iter().map(|choice| choice.percentage).max().unwrap_or_default();
    let is_right = |percentage: Decimal| match body.max_selections {
        // Of several that earn something only the best is right where one may be chosen.
        1 => percentage == best && best > Decimal::ZERO,
        _ => percentage > Decimal::ZERO,
    };
    let right = body.choices.iter().filter(|choice| is_right(choice.percentage));
    right.map(|choice| choice.key.clone()).collect()
}

fn right_matches(body: &MatchQuestion) -> BTreeMap<ElementKey, Vec<ElementKey>> {
    let right = |item: &Item| {
        let best = item.matches.iter().map(|made| made.percentage).max().unwrap_or_default();
        let earning =
            item.matches.iter().filter(|made| made.percentage == best && best > Decimal::ZERO);
        earning.map(|made| made.option.clone()).collect::<Vec<_>>()
    };
    let all = body.items.iter().map(|item| (item.key.clone(), right(item)));
    all.filter(|(_, options)| !options.is_empty()).collect()
}

fn right_in_cell(rules: &CellRules) -> Vec<RightValue> {
    match rules {
        CellRules::Field(rules) => right_texts(rules),
        CellRules::Numeric(rules) => right_numbers(rules),
    }
}

fn right_texts(rules: &[TextRule]) -> Vec<RightValue> {
    let best = rules.iter().map(|rule| rule.percentage).max().unwrap_or_default();
    let earning = rules.iter().filter(|rule| rule.percentage == best && best > Decimal::ZERO);
    earning
        .flat_map(|rule| match &rule.condition {
            TextCondition::Equal { value } => vec![RightValue::Text(value.clone())],
            TextCondition::OneOf { values } => {
                values.iter().cloned().map(RightValue::Text).collect()
            }
            TextCondition::NotEqual { .. }
            | TextCondition::Matches { .. }
            | TextCondition::NotMatches { .. }
            | TextCondition::NoneOf { .. } => Vec::new(),
        })
        .collect()
}

fn right_numbers(rules: &[NumericRule]) -> Vec<RightValue> {
    let best = rules.iter().map(|rule| rule.percentage).max().unwrap_or_default();
    let earning = rules.iter().filter(|rule| rule.percentage == best && best > Decimal::ZERO);
    earning.flat_map(|rule| right_number(&rule.condition)).collect()
}

fn right_number(condition: &NumericCondition) -> Vec<RightValue> {
    let range = |min, max, inclusive| vec![RightValue::Range { min, max, inclusive }];
    match condition {
        NumericCondition::Equal { value, tolerance } => {
            vec![RightValue::Number { value: *value, tolerance: *tolerance }]
        }
        NumericCondition::OneOf { values, tolerance } => values
            .iter()
            .map(|value| RightValue::Number { value: *value, tolerance: *tolerance })
            .collect(),
        NumericCondition::Between { min, max, inclusive } => {
            range(Some(*min), Some(*max), *inclusive)
        }
        NumericCondition::Compare { op, value } => match op {
            Comparison::Less => range(None, Some(*value), false),
            Comparison::LessOrEqual => range(None, Some(*value), true),
            Comparison::Greater => range(Some(*value), None, false),
            Comparison::GreaterOrEqual => range(Some(*value), None, true),
        },
        NumericCondition::NotEqual { .. } | NumericCondition::NoneOf { .. } => Vec::new(),
    }
}

/// Whether any percentage of the question is above 0.
fn can_earn(kind: &QuestionBody) -> bool {
    let positive = |percentage: Decimal| percentage > Decimal::ZERO;
    let texts = |rules: &[TextRule]| rules.iter().any(|rule| positive(rule.percentage));
    let numbers = |rules: &[NumericRule]| rules.iter().any(|rule| positive(rule.percentage));
    match kind {
        QuestionBody::MultipleChoice(body) => {
            body.choices.iter().any(|choice| positive(choice.percentage))
        }
        QuestionBody::Match(body) => body.items.iter().any(|item| {
            positive(item.wrong_percentage)
                || item.matches.iter().any(|made| positive(made.percentage))
        }),
        QuestionBody::Input(Input::Field(input) | Input::Area(input)) => {
            texts(&input.rules) || positive(input.otherwise)
        }
        QuestionBody::Input(Input::Numeric(input)) => {
            numbers(&input.rules) || positive(input.otherwise)
        }
        QuestionBody::Input(Input::Tabular(input)) => input.cells.iter().any(|cell| {
            positive(cell.otherwise)
                || match &cell.rules {
                    CellRules::Field(rules) => texts(rules),
                    CellRules::Numeric(rules) => numbers(rules),
                }
        }),
        QuestionBody::Input(
            Input::Rich(_)
            | Input::Code(_)
            | Input::Audio(_)
            | Input::Video(_)
            | Input::File(_)
            | Input::Photo(_),
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{choice, choices, item, key, matching, number, numeric, question};

    fn selected(names: &[&str]) -> Response {
        Response::Choices(names.iter().map(|name| key(name)).collect())
    }

    fn figure(rate: Option<&str>) -> SlotFigure {
        SlotFigure {
            slot: 1,
            valid: true,
            blank: false,
            effective: true,
            ignored: false,
            waiting: false,
            rate: rate.map(number),
            points: number("0"),
        }
    }

    #[test]
    fn an_answer_is_right_partly_right_or_wrong_by_what_it_earns() {
        let all = vec![choice("a", "100"), choice("b", "40"), choice("c", "0"), choice("d", "-50")];
        let checked = question("q", QuestionBody::MultipleChoice(choices(all)));
        let outcome = |names: &[&str]| check(&checked, &selected(names), Lang::En).unwrap();
        assert_eq!(outcome(&["a"]), AnswerOutcome::Right);
        assert_eq!(outcome(&["b"]), AnswerOutcome::PartlyRight);
        assert_eq!(outcome(&["c"]), AnswerOutcome::Wrong);
        assert_eq!(outcome(&["d"]), AnswerOutcome::Wrong);
        assert_eq!(outcome_of_rate(number("0.9999")), AnswerOutcome::Right, "three of 33.33");
        assert_eq!(outcome_of_rate(number("0.999")), AnswerOutcome::PartlyRight);
    }

    #[test]
    fn what_a_person_scores_and_what_nothing_is_right_of_is_not_checked_and_has_no_solution() {
        let plain = vec![choice("a", "0"), choice("b", "0")];
        let inventory = question("q", QuestionBody::MultipleChoice(choices(plain)));
        let graded = Question {
            evaluation: EvaluationMode::Manual,
            ..question("q", QuestionBody::MultipleChoice(choices(vec![choice("a", "100")])))
        };
        for checked in [&inventory, &graded] {
            assert_eq!(check(checked, &selected(&["a"]), Lang::En), None);
            assert_eq!(solution(checked), None);
        }
        assert_eq!(outcome(&inventory, &figure(Some("0"))), AnswerOutcome::NotScored);
        assert_eq!(outcome(&graded, &figure(Some("0.4"))), AnswerOutcome::Graded);
        let waiting = SlotFigure { waiting: true, ..figure(None) };
        assert_eq!(outcome(&graded, &waiting), AnswerOutcome::Waiting);
        let blank = SlotFigure { blank: true, ..figure(None) };
        assert_eq!(outcome(&graded, &blank), AnswerOutcome::Blank);
        let ignored = SlotFigure { ignored: true, ..waiting };
        assert_eq!(outcome(&graded, &ignored), AnswerOutcome::Excluded);
    }

    #[test]
    fn only_what_was_chosen_is_given_its_feedback() {
        let mut silent = choice("b", "0");
        silent.feedback = " ".to_owned();
        let all = vec![choice("a", "100"), silent, choice("c", "0")];
        let checked = question("q", QuestionBody::MultipleChoice(choices(all)));
        let spoken = chosen_feedback(&checked, Some(&selected(&["a", "b"])));
        assert_eq!(spoken.iter().map(|choice| choice.key.as_str()).collect::<Vec<_>>(), ["a"]);
        assert!(chosen_feedback(&checked, None).is_empty());
    }

    #[test]
    fn a_solution_names_what_earns_the_most() {
        let one = MultipleChoice {
            max_selections: 1,
            ..choices(vec![choice("a", "100"), choice("b", "40"), choice("c", "0")])
        };
        let several = choices(vec![choice("a", "60"), choice("b", "40"), choice("c", "-10")]);
        let choices_of = |body| solution(&question("q", QuestionBody::MultipleChoice(body)));
        assert_eq!(choices_of(one), Some(Solution::Choices(vec![key("a")])));
        assert_eq!(choices_of(several), Some(Solution::Choices(vec![key("a"), key("b")])));
        let items = vec![item("i1", &[("o1", "50"), ("o2", "20")]), item("i2", &[("o2", "-5")])];
        let body = matching(items, &["o1", "o2"]);
        let matches = BTreeMap::from([(key("i1"), vec![key("o1")])]);
        assert_eq!(
            solution(&question("q", QuestionBody::Match(body))),
            Some(Solution::Matches(matches))
        );
    }

    #[test]
    fn rules_are_told_as_values_and_patterns_are_not_told() {
        let rule =
            |condition, percentage| NumericRule { condition, percentage: number(percentage) };
        let equal = NumericCondition::Equal { value: number("12.25"), tolerance: number("0.05") };
        let above = NumericCondition::Compare { op: Comparison::Greater, value: number("1") };
        let input = numeric(vec![rule(equal, "100"), rule(above, "40")], "0");
        let checked = question("q", QuestionBody::Input(input));
        let value = RightValue::Number { value: number("12.25"), tolerance: number("0.05") };
        assert_eq!(solution(&checked), Some(Solution::Values(vec![value])));
        let text = |condition| TextRule { condition, percentage: number("100") };
        let pattern = TextCondition::Matches { pattern: "R.me".to_owned() };
        assert_eq!(right_texts(&[text(pattern.clone())]), []);
        let one_of = TextCondition::OneOf { values: vec!["Rome".into(), "Roma".into()] };
        let values = ["Rome", "Roma"].map(|value| RightValue::Text(value.to_owned()));
        assert_eq!(right_texts(&[text(pattern), text(one_of)]), values);
        let below = NumericCondition::Compare { op: Comparison::Less, value: number("5") };
        let range = RightValue::Range { min: None, max: Some(number("5")), inclusive: false };
        assert_eq!(right_number(&below), [range]);
    }
}
