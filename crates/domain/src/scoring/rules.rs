//! Which rules hold and what they earn together (domain rules, 2.7 and 6.1).

use crate::decimal::Decimal;
use crate::document::model::{
    Comparison, Lang, Normalisation, NumericCondition, NumericRule, TextCondition, TextRule,
};
use crate::document::typed_text::{comparable, folded, normalised, normalised_pattern};
use crate::pattern::is_found;
use std::borrow::Cow;

/// The sum of the percentages of the rules that hold for a text, `otherwise` if none does. Not
/// capped.
pub(super) fn of_text(
    typed: &str,
    rules: &[TextRule],
    otherwise: Decimal,
    how: Normalisation,
    lang: Lang,
) -> Decimal {
    let normal = normalised(typed, how);
    let typed = TypedText { comparable: folded(normal.clone(), how, lang), normal, how, lang };
    let holds = |rule: &TextRule| (typed.meets(&rule.condition), rule.percentage);
    sum(rules.iter().map(holds), otherwise)
}

/// The same for a number.
pub(super) fn of_number(number: Decimal, rules: &[NumericRule], otherwise: Decimal) -> Decimal {
    sum(
        rules.iter().map(|rule| (number_holds(&rule.condition, number), rule.percentage)),
        otherwise,
    )
}

fn sum(rules: impl Iterator<Item = (bool, Decimal)>, otherwise: Decimal) -> Decimal {
    let held = rules
        .filter(|(holds, _)| *holds)
        .map(|(_, percentage)| percentage)
        .reduce(|sum, next| sum + next);
    held.unwrap_or(otherwise)
}

/// What was typed, ready to be compared.
struct TypedText<'typed> {
    /// As patterns meet it.
    normal: Cow<'typed, str>,
    /// As values meet it.
    comparable: Cow<'typed, str>,
    how: Normalisation,
    lang: Lang,
}

impl TypedText<'_> {
    fn meets(&self, condition: &TextCondition) -> bool {
        let same = |value: &String| comparable(value, self.how, self.lang) == self.comparable;
        match condition {
            TextCondition::Equal { value } => same(value),
            TextCondition::NotEqual { value } => !same(value),
            TextCondition::Matches { pattern } => self.has(pattern) == Some(true),
            TextCondition::NotMatches { pattern } => self.has(pattern) == Some(false),
            TextCondition::OneOf { values } => values.iter().any(same),
            TextCondition::NoneOf { values } => !values.iter().any(same),
        }
    }

    fn has(&self, pattern: &str) -> Option<bool> {
        is_found(&normalised_pattern(pattern, self.how), &self.normal)
    }
}

fn number_holds(condition: &NumericCondition, x: Decimal) -> bool {
    let within = |value: Decimal, tolerance: Decimal| (x - value).abs() <= tolerance;
    match condition {
        NumericCondition::Equal { value, tolerance } => within(*value, *tolerance),
        NumericCondition::NotEqual { value, tolerance } => !within(*value, *tolerance),
        NumericCondition::Between { min, max, inclusive: true } => *min <= x && x <= *max,
        NumericCondition::Between { min, max, inclusive: false } => *min < x && x < *max,
        NumericCondition::Compare { op: Comparison::Less, value } => x < *value,
        NumericCondition::Compare { op: Comparison::LessOrEqual, value } => x <= *value,
        NumericCondition::Compare { op: Comparison::Greater, value } => x > *value,
        NumericCondition::Compare { op: Comparison::GreaterOrEqual, value } => x >= *value,
        NumericCondition::OneOf { values, tolerance } => {
            values.iter().any(|value| within(*value, *tolerance))
        }
        NumericCondition::NoneOf { values, tolerance } => {
            !values.iter().any(|value| within(*value, *tolerance))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::model::Whitespace;

    const LOOSE: Normalisation =
        Normalisation { case_sensitive: false, whitespace: Whitespace::Collapse, typography: None };

    fn number(literal: &str) -> Decimal {
        Decimal::parse(literal).unwrap()
    }

    fn text_condition_holds(condition: &TextCondition, typed: &str) -> bool {
        let rules = [TextRule { condition: condition.clone(), percentage: number("1") }];
        of_text(typed, &rules, number("0"), LOOSE, Lang::En) == number("1")
    }

    fn values(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn every_text_rule_holds_exactly_where_it_should() {
        let value = || "Red  Fox".to_owned();
        let pattern = || "F.x$".to_owned();
        let cases = [
            (TextCondition::Equal { value: value() }, vec![" red fox "], vec!["redfox"]),
            (TextCondition::NotEqual { value: value() }, vec!["redfox"], vec!["RED FOX"]),
            (TextCondition::Matches { pattern: pattern() }, vec!["a Fox "], vec!["a fox", "Foxes"]),
            (TextCondition::NotMatches { pattern: pattern() }, vec!["a fox"], vec!["a Fox"]),
            (TextCondition::OneOf { values: values(&["a", "B"]) }, vec!["A", "b"], vec!["c"]),
            (TextCondition::NoneOf { values: values(&["a", "B"]) }, vec!["c"], vec!["A", "b"]),
        ];
        for (condition, holds, fails) in cases {
            assert!(
                holds.iter().all(|typed| text_condition_holds(&condition, typed)),
                "{condition:?}"
            );
            assert!(
                fails.iter().all(|typed| !text_condition_holds(&condition, typed)),
                "{condition:?}"
            );
        }
    }

    #[test]
    fn a_pattern_that_does_not_compile_never_holds() {
        for pattern in ["(", "(a)\\1"] {
            let pattern = pattern.to_owned();
            assert!(!text_condition_holds(
                &TextCondition::Matches { pattern: pattern.clone() },
                "a"
            ));
            assert!(!text_condition_holds(&TextCondition::NotMatches { pattern }, "a"));
        }
    }

    #[test]
    fn every_numeric_rule_holds_exactly_where_it_should() {
        let (value, tolerance) = (number("12.25"), number("0.05"));
        let (min, max) = (number("10"), number("15"));
        let several = vec![number("1"), number("2")];
        let compare = |op| NumericCondition::Compare { op, value: number("5") };
        let cases = [
            (
                NumericCondition::Equal { value, tolerance },
                vec!["12.2", "12.3"],
                vec!["12.19", "12.31"],
            ),
            (NumericCondition::NotEqual { value, tolerance }, vec!["12.19"], vec!["12.2", "12.25"]),
            (
                NumericCondition::Between { min, max, inclusive: true },
                vec!["10", "15"],
                vec!["9.99", "15.01"],
            ),
            (
                NumericCondition::Between { min, max, inclusive: false },
                vec!["10.01"],
                vec!["10", "15"],
            ),
            (compare(Comparison::Less), vec!["4.9"], vec!["5"]),
            (compare(Comparison::LessOrEqual), vec!["5"], vec!["5.1"]),
            (compare(Comparison::Greater), vec!["5.1"], vec!["5"]),
            (compare(Comparison::GreaterOrEqual), vec!["5"], vec!["4.9"]),
            (
                NumericCondition::OneOf { values: several.clone(), tolerance },
                vec!["1.05", "1.95"],
                vec!["1.5"],
            ),
            (
                NumericCondition::NoneOf { values: several, tolerance },
                vec!["1.5"],
                vec!["1.05", "2"],
            ),
        ];
        for (condition, holds, fails) in cases {
            assert!(
                holds.iter().all(|typed| number_holds(&condition, number(typed))),
                "{condition:?}"
            );
            assert!(
                fails.iter().all(|typed| !number_holds(&condition, number(typed))),
                "{condition:?}"
            );
        }
    }

    #[test]
    fn rules_that_hold_add_up_and_otherwise_stands_alone() {
        let above = |value: &str, percentage: &str| NumericRule {
            condition: NumericCondition::Compare { op: Comparison::Greater, value: number(value) },
            percentage: number(percentage),
        };
        let rules = [above("1", "40"), above("2", "90"), above("3", "-5")];
        assert_eq!(of_number(number("5"), &rules, number("-100")), number("125"));
        assert_eq!(of_number(number("2.5"), &rules, number("-100")), number("130"));
        assert_eq!(of_number(number("0"), &rules, number("-100")), number("-100"));
    }
}
