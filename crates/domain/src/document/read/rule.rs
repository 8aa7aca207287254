//! Reads the rules of text and numeric inputs.

use super::number;
use super::reader::{DocumentReader, FigureKind};
use crate::decimal::Decimal;
use crate::document::fault::DocumentFaultCode;
use crate::document::model::{
    NumberSeparators, NumericCondition, NumericRule, TextCondition, TextRule,
};
use crate::json::JsonNode;
use crate::json::{LocatedNode, LocatedObject};
use serde::Deserialize;

/// Rules that one input may have.
pub const MOST_RULES: usize = 100;

/// The words of `rule`, of both families.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RuleWord {
    Equal,
    NotEqual,
    Matches,
    NotMatches,
    OneOf,
    NoneOf,
    Between,
    Compare,
}

impl<'n> DocumentReader<'n, '_> {
    /// Reads the rules for texts, in the order in which they are tried.
    pub fn text_rules(&mut self, object: &LocatedObject<'n>) -> Vec<TextRule> {
        let spots = self.list(object, "rules", MOST_RULES);
        spots.iter().filter_map(|spot| self.text_rule(spot)).collect()
    }

    /// Reads the rules for numbers, whose values are written with these separators.
    pub fn numeric_rules(
        &mut self,
        object: &LocatedObject<'n>,
        separators: NumberSeparators,
    ) -> Vec<NumericRule> {
        let spots = self.list(object, "rules", MOST_RULES);
        spots.iter().filter_map(|spot| self.numeric_rule(spot, separators)).collect()
    }

    /// Rules where none are allowed: each of them is a fault.
    pub fn no_rules(&mut self, object: &LocatedObject<'n>) {
        for spot in self.list(object, "rules", MOST_RULES) {
            self.fault(DocumentFaultCode::RuleNotAllowed, &spot.place);
        }
    }

    fn rule_word(&mut self, object: &LocatedObject<'n>) -> Option<RuleWord> {
        let spot = self.required(object, "rule")?;
        self.word_at(&spot)
    }

    fn text_rule(&mut self, spot: &LocatedNode<'n>) -> Option<TextRule> {
        let rule = self.object_unchecked(spot)?;
        let word = self.rule_word(&rule)?;
        let field = match word {
            RuleWord::Equal | RuleWord::NotEqual => "value",
            RuleWord::Matches | RuleWord::NotMatches => "pattern",
            RuleWord::OneOf | RuleWord::NoneOf => "values",
            RuleWord::Between | RuleWord::Compare => {
                self.fault(DocumentFaultCode::RuleNotAllowed, &spot.place);
                return None;
            }
        };
        self.reject_other_members(&rule, &[&["rule", "percentage", field]]);
        let percentage = self.required_figure(&rule, "percentage", FigureKind::Percentage);
        let condition = match word {
            RuleWord::Equal => TextCondition::Equal { value: self.rule_text(&rule)? },
            RuleWord::NotEqual => TextCondition::NotEqual { value: self.rule_text(&rule)? },
            RuleWord::Matches => TextCondition::Matches { pattern: self.pattern(&rule)? },
            RuleWord::NotMatches => TextCondition::NotMatches { pattern: self.pattern(&rule)? },
            RuleWord::OneOf => TextCondition::OneOf { values: self.rule_texts(&rule)? },
            RuleWord::NoneOf => TextCondition::NoneOf { values: self.rule_texts(&rule)? },
            RuleWord::Between | RuleWord::Compare => return None,
        };
        Some(TextRule { condition, percentage })
    }

    fn rule_text(&mut self, rule: &LocatedObject<'n>) -> Option<String> {
        self.required(rule, "value").map(|spot| self.text_at(&spot))
    }

    fn rule_values(&mut self, rule: &LocatedObject<'n>) -> Option<Vec<LocatedNode<'n>>> {
        let (list, items) = self.required_list(rule, "values", usize::MAX)?;
        if items.is_empty() {
            self.fault(DocumentFaultCode::RuleValuesEmpty, &list.place);
        }
        Some(items)
    }

    fn rule_texts(&mut self, rule: &LocatedObject<'n>) -> Option<Vec<String>> {
        let items = self.rule_values(rule)?;
        Some(items.iter().map(|item| self.text_at(item)).collect())
    }

    fn numeric_rule(
        &mut self,
        spot: &LocatedNode<'n>,
        separators: NumberSeparators,
    ) -> Option<NumericRule> {
        let rule = self.object_unchecked(spot)?;
        let word = self.rule_word(&rule)?;
        let fields: &[&str] = match word {
            RuleWord::Equal | RuleWord::NotEqual => &["value", "tolerance"],
            RuleWord::Between => &["min", "max", "inclusive"],
            RuleWord::Compare => &["op", "value"],
            RuleWord::OneOf | RuleWord::NoneOf => &["values", "tolerance"],
            RuleWord::Matches | RuleWord::NotMatches => {
                self.fault(DocumentFaultCode::RuleNotAllowed, &spot.place);
                return None;
            }
        };
        self.reject_other_members(&rule, &[&["rule", "percentage"], fields]);
        let percentage = self.required_figure(&rule, "percentage", FigureKind::Percentage);
        let condition = self.numeric_condition(&rule, word, separators)?;
        Some(NumericRule { condition, percentage })
    }

    fn numeric_condition(
        &mut self,
        rule: &LocatedObject<'n>,
        word: RuleWord,
        separators: NumberSeparators,
    ) -> Option<NumericCondition> {
        match word {
            RuleWord::Between => self.between(rule, separators),
            RuleWord::Compare => self.compare(rule, separators),
            RuleWord::Equal | RuleWord::NotEqual => {
                let tolerance = self.tolerance(rule, separators);
                let value = self.rule_number(rule, "value", separators)?;
                Some(if word == RuleWord::Equal {
                    NumericCondition::Equal { value, tolerance }
                } else {
                    NumericCondition::NotEqual { value, tolerance }
                })
            }
            RuleWord::OneOf | RuleWord::NoneOf => {
                let tolerance = self.tolerance(rule, separators);
                let values = self.rule_numbers(rule, separators)?;
                Some(if word == RuleWord::OneOf {
                    NumericCondition::OneOf { values, tolerance }
                } else {
                    NumericCondition::NoneOf { values, tolerance }
                })
            }
            RuleWord::Matches | RuleWord::NotMatches => None,
        }
    }

    fn compare(
        &mut self,
        rule: &LocatedObject<'n>,
        separators: NumberSeparators,
    ) -> Option<NumericCondition> {
        let op = self.required(rule, "op").and_then(|op| self.word_at(&op));
        let value = self.rule_number(rule, "value", separators);
        Some(NumericCondition::Compare { op: op?, value: value? })
    }

    fn between(
        &mut self,
        rule: &LocatedObject<'n>,
        separators: NumberSeparators,
    ) -> Option<NumericCondition> {
        let min = self.rule_number(rule, "min", separators);
        let max = self.rule_number(rule, "max", separators);
        let inclusive = self.flag(rule, "inclusive", true);
        let (min, max) = (min?, max?);
        if min > max || (min == max && !inclusive) {
            self.fault(DocumentFaultCode::RuleBounds, &rule.place);
        }
        Some(NumericCondition::Between { min, max, inclusive })
    }

    fn tolerance(&mut self, rule: &LocatedObject<'n>, separators: NumberSeparators) -> Decimal {
        let Some(spot) = rule.get("tolerance") else { return Decimal::ZERO };
        let tolerance = self.number_at(&spot, separators).unwrap_or_default();
        if tolerance.is_negative() {
            self.fault(DocumentFaultCode::RuleNumber, &spot.place);
        }
        tolerance
    }

    fn rule_number(
        &mut self,
        rule: &LocatedObject<'n>,
        name: &str,
        separators: NumberSeparators,
    ) -> Option<Decimal> {
        let spot = self.required(rule, name)?;
        self.number_at(&spot, separators)
    }

    fn rule_numbers(
        &mut self,
        rule: &LocatedObject<'n>,
        separators: NumberSeparators,
    ) -> Option<Vec<Decimal>> {
        let items = self.rule_values(rule)?;
        Some(items.iter().filter_map(|item| self.number_at(item, separators)).collect())
    }

    fn number_at(
        &mut self,
        spot: &LocatedNode<'n>,
        separators: NumberSeparators,
    ) -> Option<Decimal> {
        let number = match spot.node {
            JsonNode::Number(literal) => number::of_literal(literal),
            JsonNode::Text(text) => number::of_text(text, separators),
            _ => {
                self.string(spot);
                return None;
            }
        };
        if number.is_none() {
            self.fault(DocumentFaultCode::RuleNumber, &spot.place);
        }
        number
    }
}
