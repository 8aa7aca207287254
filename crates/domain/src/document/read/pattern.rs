//! Weighs the patterns of a document: what it may cost to look for them, whatever candidates write.
//!
//! A document of a few kilobytes may name patterns that take minutes to compile or to look for. So
//! each has a largest size, and all rules of a question, and all of a document, have a budget of
//! compiled size times length of the text.

use super::reader::DocumentReader;
use crate::document::fault::DocumentFaultCode;
use crate::document::model::TextRule;
use crate::json::{LocatedNode, LocatedObject};
use crate::pattern::{DOCUMENT_BUDGET, LONGEST_TEXT, PatternSizes, QUESTION_BUDGET};

/// What the patterns met so far weigh.
#[derive(Default)]
pub struct PatternScale {
    sizes: PatternSizes,
    /// What looking for all of them may cost.
    cost: u64,
}

impl PatternScale {
    fn cost_of(&self, rules: &[TextRule]) -> u64 {
        rules.iter().filter_map(|rule| self.sizes.of(rule.condition.pattern()?)).sum()
    }
}

impl<'n> DocumentReader<'n, '_> {
    /// A rule's pattern, which must be usable.
    pub fn pattern(&mut self, rule: &LocatedObject<'n>) -> Option<String> {
        let spot = self.required(rule, "pattern")?;
        let pattern = self.text_at(&spot);
        // What is kept was weighed when it was written, and keeps its meaning under limits that
        // came later.
        if !self.is_trusted() {
            self.weigh_pattern(&pattern, &spot);
        }
        Some(pattern)
    }

    fn weigh_pattern(&mut self, pattern: &str, spot: &LocatedNode<'n>) {
        if self.patterns.sizes.is_full() {
            // Not looked at any more: that is the work the budget is for.
            self.fault_about(
                DocumentFaultCode::PatternBudget,
                &spot.place,
                "too many or too large in this document".to_owned(),
            );
        } else if self.patterns.sizes.find(pattern).is_none() {
            self.fault(DocumentFaultCode::RulePattern, &spot.place);
        }
    }

    /// Weighs a text's rules against the longest text they may meet.
    pub fn weigh_rules(&mut self, object: &LocatedObject<'n>, max_length: u32, rules: &[TextRule]) {
        let size = if self.is_trusted() { 0 } else { self.patterns.cost_of(rules) };
        if size == 0 {
            return;
        }
        if max_length > LONGEST_TEXT {
            let most = format!("at most {LONGEST_TEXT} where a rule has a pattern");
            self.fault_about(
                DocumentFaultCode::InputLimitRange,
                &object.location_of("maxLength"),
                most,
            );
        }
        let cost = size.saturating_mul(u64::from(max_length.min(LONGEST_TEXT)));
        self.patterns.cost = self.patterns.cost.saturating_add(cost);
        if cost > QUESTION_BUDGET {
            self.fault(DocumentFaultCode::PatternBudget, &object.location_of("rules"));
        } else if self.patterns.cost > DOCUMENT_BUDGET {
            let all = "all of this document together".to_owned();
            self.fault_about(DocumentFaultCode::PatternBudget, &object.location_of("rules"), all);
        }
    }
}
