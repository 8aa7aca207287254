//! Corrections: later changes of how a frozen question is scored (domain rules, 6.7).
//!
//! A correction lies beside the compiled test and never alters it. Applied in order of making, each
//! replaces only what it names, so a later one wins over an earlier one in the same place.

mod apply;
mod check;
mod read;

pub use check::CorrectionFault;

use crate::compile::model::{CompiledTest, Slot};
use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use crate::document::model::{DimensionAssignment, NumericRule, Question, TableCell, TextRule};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A change of one question, named by its key. Written and read as one JSON object:
/// `{"question": "q1", "change": "ignore"}` or `{"question": "q1", "change": "replace", ...}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    pub question: ElementKey,
    #[serde(flatten)]
    pub change: CorrectionChange,
}

/// What a correction does to a question of instances already delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum CorrectionChange {
    /// The question counts nowhere and triggers nothing.
    Ignore,
    Replace(Box<QuestionReplacement>),
}

/// What of a question is replaced; what is empty or `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuestionReplacement {
    /// Percentages by choice.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<ElementKey, Decimal>,
    /// Percentages by item of a match question.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub items: BTreeMap<ElementKey, ItemReplacement>,
    /// The whole list of rules of a text or numeric input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<InputRules>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Decimal>,
    /// Whole cells of a table, each in place of the one of its row and column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<TableCell>,
    /// `Some(None)`, written `null`, takes the threshold away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Option<Decimal>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_points: Option<Decimal>,
    /// New points of dimensions that the question is assigned to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<DimensionAssignment>,
}

/// Percentages of one item of a match question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemReplacement {
    /// By option; one that did not count before counts from now on, without effects.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub matches: BTreeMap<ElementKey, Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong_percentage: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blank_percentage: Option<Decimal>,
}

/// Rules after the type of the input. The conditions' shapes tell the two apart except in an empty
/// list, which fits either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum InputRules {
    Text(Vec<TextRule>),
    Numeric(Vec<NumericRule>),
}

/// The question of a slot as its corrections make it, and whether one of them ignores it.
#[must_use]
pub fn corrected_question(slot: &Slot, corrections: &[Correction]) -> (Arc<Question>, bool) {
    let mine: Vec<_> =
        corrections.iter().filter(|correction| correction.question == slot.question.key).collect();
    apply(&slot.question, &mine)
}

fn apply(question: &Arc<Question>, corrections: &[&Correction]) -> (Arc<Question>, bool) {
    let mut corrected = Arc::clone(question);
    let mut ignored = false;
    for correction in corrections {
        match &correction.change {
            CorrectionChange::Ignore => ignored = true,
            CorrectionChange::Replace(replacement) => {
                apply::replace(Arc::make_mut(&mut corrected), replacement)
            }
        }
    }
    (corrected, ignored)
}

/// The corrected questions of an instance; those without corrections are the compiled ones.
pub(super) struct CorrectedQuestions(HashMap<usize, (Arc<Question>, bool)>);

impl CorrectedQuestions {
    /// Applies corrections in their order, by slot; later ones see what earlier ones made.
    pub fn new(slots: &[Slot], corrections: &[Correction]) -> Self {
        if corrections.is_empty() {
            return Self(HashMap::new());
        }
        let mut by_question: HashMap<&ElementKey, Vec<&Correction>> = HashMap::new();
        for correction in corrections {
            by_question.entry(&correction.question).or_default().push(correction);
        }
        let correct = |(index, slot): (usize, &Slot)| {
            by_question.get(&slot.question.key).map(|mine| (index, apply(&slot.question, mine)))
        };
        Self(slots.iter().enumerate().filter_map(correct).collect())
    }

    /// The question of a slot (index from 0) as it counts now.
    pub fn question<'run>(
        &'run self,
        compiled: &'run CompiledTest,
        index: usize,
    ) -> &'run Question {
        self.0.get(&index).map_or(&compiled.slots[index].question, |(question, _)| question)
    }

    /// Whether the question of a slot (index from 0) counts nowhere.
    pub fn is_ignored(&self, index: usize) -> bool {
        self.0.get(&index).is_some_and(|(_, ignored)| *ignored)
    }
}

#[cfg(test)]
mod tests;
