//! Reads multiple-choice questions.

use super::reader::{DocumentReader, FigureKind};
use crate::decimal::Decimal;
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::{Choice, MultipleChoice};
use crate::json::{LocatedNode, LocatedObject};
use std::collections::HashSet;

/// The fields that only this kind of question has.
pub const DEFINED: &[&str] =
    &["choices", "minSelections", "maxSelections", "partial", "threshold", "shuffle", "layout"];
const CHOICE: &[&str] = &["key", "text", "percentage", "effects", "pinned", "feedback"];
const MOST_CHOICES: usize = 100;

impl<'n> DocumentReader<'n, '_> {
    /// Reads the choices and how they are scored; faults are noted.
    pub fn multiple_choice(&mut self, object: &LocatedObject<'n>) -> MultipleChoice {
        let partial = self.flag(object, "partial", true);
        let choices = self.choices(object, partial);
        let authored = object.get("choices").map_or(0, |spot| match spot.node {
            crate::json::JsonNode::List(items) => items.len(),
            _ => 0,
        });
        let (min_selections, max_selections) = self.selections(object, authored);
        MultipleChoice {
            choices,
            min_selections,
            max_selections,
            partial,
            threshold: self.threshold(object, partial),
            shuffle: self.flag(object, "shuffle", false),
            layout: self.word(object, "layout"),
        }
    }

    fn choices(&mut self, object: &LocatedObject<'n>, partial: bool) -> Vec<Choice> {
        let Some((list, items)) = self.required_list(object, "choices", MOST_CHOICES) else {
            return Vec::new();
        };
        if items.len() < 2 {
            self.fault(DocumentFaultCode::ChoicesTooFew, &list.place);
        }
        let mut seen = HashSet::new();
        let choices: Vec<_> =
            items.iter().filter_map(|item| self.choice(item, &mut seen)).collect();
        if !partial && choices.iter().all(|choice| choice.percentage <= Decimal::ZERO) {
            self.fault(DocumentFaultCode::NoRightChoice, &list.place);
        }
        choices
    }

    fn choice(&mut self, spot: &LocatedNode<'n>, seen: &mut HashSet<ElementKey>) -> Option<Choice> {
        let object = self.object(spot, &[CHOICE])?;
        let key = self.part_key(&object, seen);
        let choice = Choice {
            key: key.unwrap_or_else(|| ElementKey::parse("x").expect("a key")),
            text: self.required_markdown(&object, "text"),
            percentage: self
                .figure(&object, "percentage", FigureKind::Percentage)
                .unwrap_or_default(),
            effects: self.effect_scores(&object),
            pinned: self.flag(&object, "pinned", false),
            feedback: self.markdown(&object, "feedback"),
        };
        Some(choice)
    }

    /// `minSelections` and `maxSelections`; too few choices are reported as such only.
    fn selections(&mut self, object: &LocatedObject<'n>, choices: usize) -> (u32, u32) {
        let mut bound = |name| match object.get(name) {
            Some(spot) => self.integer_at(&spot),
            None => Some(1),
        };
        let (Some(min), Some(max)) = (bound("minSelections"), bound("maxSelections")) else {
            return (1, 1);
        };
        let above = choices >= 2 && max > choices as i128;
        let bounds = (u32::try_from(min).ok(), u32::try_from(max).ok());
        if let (true, (Some(least), Some(most))) = (1 <= min && min <= max && !above, bounds) {
            return (least, most);
        }
        self.fault_about(
            DocumentFaultCode::SelectionBounds,
            &object.location_of("maxSelections"),
            format!("1 to {choices}"),
        );
        (1, 1)
    }

    fn threshold(&mut self, object: &LocatedObject<'n>, partial: bool) -> Option<Decimal> {
        let spot = object.get("threshold")?;
        if !partial {
            self.fault(DocumentFaultCode::ThresholdWithoutPartial, &spot.place);
        }
        self.figure_at(&spot, FigureKind::Threshold)
    }
}
