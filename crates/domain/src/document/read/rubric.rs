//! Reads the criteria by which evaluators judge the answers of a question.

use super::reader::{DocumentReader, FigureKind};
use crate::decimal::Decimal;
use crate::document::fault::DocumentFaultCode;
use crate::document::key::ElementKey;
use crate::document::model::{CriterionLevel, EvaluationMode, QuestionCriterion};
use crate::json::{JsonNode, LocatedNode, LocatedObject};
use std::collections::HashSet;

const MOST_CRITERIA: usize = 20;
const MOST_LEVELS: usize = 10;

impl<'n> DocumentReader<'n, '_> {
    /// Reads `rubric`; it is a fault beside another evaluation than by a person.
    pub fn rubric(
        &mut self,
        object: &LocatedObject<'n>,
        evaluation: EvaluationMode,
    ) -> Vec<QuestionCriterion> {
        let spots = self.list(object, "rubric", MOST_CRITERIA);
        if evaluation != EvaluationMode::Manual && !spots.is_empty() {
            self.fault(DocumentFaultCode::RubricNotManual, &object.location_of("rubric"));
        }
        let mut keys = HashSet::new();
        spots.iter().filter_map(|spot| self.criterion(spot, &mut keys)).collect()
    }

    fn criterion(
        &mut self,
        spot: &LocatedNode<'n>,
        keys: &mut HashSet<ElementKey>,
    ) -> Option<QuestionCriterion> {
        let object = self.object(spot, &[&["key", "title", "description", "weight", "levels"]])?;
        let key = self.part_key(&object, keys);
        let title = self.title(&object, "title");
        let description = self.markdown(&object, "description");
        let weight = self.figure(&object, "weight", FigureKind::Weight).unwrap_or(Decimal::ONE);
        let levels = self.criterion_levels(&object);
        Some(QuestionCriterion { key: key?, title, description, weight, levels })
    }

    fn criterion_levels(&mut self, object: &LocatedObject<'n>) -> Vec<CriterionLevel> {
        let Some((list, spots)) = self.required_list(object, "levels", usize::MAX) else {
            return Vec::new();
        };
        let is_list = matches!(list.node, JsonNode::List(_));
        if is_list && !(2..=MOST_LEVELS).contains(&spots.len()) {
            self.fault(DocumentFaultCode::RubricLevels, &list.place);
        }
        let mut keys = HashSet::new();
        spots.iter().filter_map(|spot| self.criterion_level(spot, &mut keys)).collect()
    }

    fn criterion_level(
        &mut self,
        spot: &LocatedNode<'n>,
        keys: &mut HashSet<ElementKey>,
    ) -> Option<CriterionLevel> {
        let object = self.object(spot, &[&["key", "title", "description", "percentage"]])?;
        let key = self.part_key(&object, keys);
        let title = self.title(&object, "title");
        let description = self.markdown(&object, "description");
        let percentage = self.required_figure(&object, "percentage", FigureKind::Percentage);
        Some(CriterionLevel { key: key?, title, description, percentage })
    }
}
