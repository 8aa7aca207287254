//! Declared names, the paths that use them, pass marks and levels.

use super::reader::{DocumentReader, FigureKind};
use crate::decimal::Decimal;
use crate::document::fault::DocumentFaultCode;
use crate::document::model::{
    DeclaredName, DimensionAssignment, EffectScore, Level, NamePath, PassMark,
};
use crate::json::JsonNode;
use crate::json::{LocatedNode, LocatedObject};
use std::collections::HashSet;

const MOST_NAMES: usize = 200;
const MOST_ASSIGNMENTS: usize = 100;

/// The two trees of names and their codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum NameTree {
    Dimensions,
    Effects,
}

impl NameTree {
    const fn field(self) -> &'static str {
        match self {
            Self::Dimensions => "dimensions",
            Self::Effects => "effects",
        }
    }

    const fn codes(self) -> (DocumentFaultCode, DocumentFaultCode, DocumentFaultCode) {
        match self {
            Self::Dimensions => (
                DocumentFaultCode::DimensionDepth,
                DocumentFaultCode::DimensionUndeclared,
                DocumentFaultCode::DimensionDuplicate,
            ),
            Self::Effects => (
                DocumentFaultCode::EffectDepth,
                DocumentFaultCode::EffectUndeclared,
                DocumentFaultCode::EffectDuplicate,
            ),
        }
    }
}

impl<'n> DocumentReader<'n, '_> {
    /// A declared tree; its paths are registered.
    pub fn declared_names(
        &mut self,
        object: &LocatedObject<'n>,
        tree: NameTree,
    ) -> Vec<DeclaredName> {
        let spots = self.list(object, tree.field(), MOST_NAMES);
        let mut declared = Vec::new();
        let mut seen = HashSet::new();
        let within = spots.len() <= MOST_NAMES;
        for spot in spots {
            let Some(entry) = self.object(&spot, &[&["name", "sub"]]) else { continue };
            let Some(name) = self.required(&entry, "name") else { continue };
            let name = self.declared_name(&name, tree, &mut seen);
            let mut subs = HashSet::new();
            let spots = self.list(&entry, "sub", MOST_NAMES);
            let sub = spots.iter().map(|sub| self.declared_name(sub, tree, &mut subs)).collect();
            declared.push(DeclaredName { name, sub });
        }
        let names: usize = declared.iter().map(|entry| 1 + entry.sub.len()).sum();
        let no_sub_over = declared.iter().all(|entry| entry.sub.len() <= MOST_NAMES);
        if within && no_sub_over && names > MOST_NAMES {
            self.fault_about(
                DocumentFaultCode::LimitExceeded,
                &object.location_of(tree.field()),
                format!("at most {MOST_NAMES} in all"),
            );
        }
        let paths = declared.iter().flat_map(all_paths).collect();
        match tree {
            NameTree::Dimensions => self.register.dimensions = paths,
            NameTree::Effects => self.register.effects = paths,
        }
        declared
    }

    fn declared_name(
        &mut self,
        spot: &LocatedNode<'n>,
        tree: NameTree,
        seen: &mut HashSet<String>,
    ) -> String {
        let name = self.name_at(spot);
        let (_, _, duplicate) = tree.codes();
        if matches!(spot.node, JsonNode::Text(_)) && !seen.insert(name.clone()) {
            self.fault(duplicate, &spot.place);
        }
        name
    }

    /// A name of a dimension, effect or level.
    fn name_at(&mut self, spot: &LocatedNode<'n>) -> String {
        let name = self.title_at(spot);
        if name.chars().any(char::is_control) || name.trim() != name {
            self.fault(DocumentFaultCode::NameCharacters, &spot.place);
        }
        name
    }

    /// What a question adds to dimensions.
    pub fn assignments(&mut self, object: &LocatedObject<'n>) -> Vec<DimensionAssignment> {
        let mut seen = HashSet::new();
        let mut assignments = Vec::new();
        for spot in self.list(object, "dimensions", MOST_ASSIGNMENTS) {
            let Some(entry) = self.object(&spot, &[&["path", "points", "negativePoints"]]) else {
                continue;
            };
            let path = self.path(&entry, NameTree::Dimensions, &mut seen);
            let points = self.figure(&entry, "points", FigureKind::Points).unwrap_or(Decimal::ONE);
            let negative_points =
                self.figure(&entry, "negativePoints", FigureKind::Points).unwrap_or_default();
            assignments.push(DimensionAssignment { path, points, negative_points });
        }
        assignments
    }

    /// What a choice or match adds to effects.
    pub fn effect_scores(&mut self, object: &LocatedObject<'n>) -> Vec<EffectScore> {
        let mut seen = HashSet::new();
        let mut scores = Vec::new();
        for spot in self.list(object, "effects", MOST_ASSIGNMENTS) {
            let Some(entry) = self.object(&spot, &[&["path", "score"]]) else { continue };
            let path = self.path(&entry, NameTree::Effects, &mut seen);
            scores.push(EffectScore {
                path,
                score: self.required_figure(&entry, "score", FigureKind::Score),
            });
        }
        scores
    }

    fn path(
        &mut self,
        entry: &LocatedObject<'n>,
        tree: NameTree,
        seen: &mut HashSet<NamePath>,
    ) -> NamePath {
        let Some((list, items)) = self.required_list(entry, "path", usize::MAX) else {
            return NamePath(Vec::new());
        };
        let (depth, undeclared, duplicate) = tree.codes();
        if !(1..=2).contains(&items.len()) {
            self.fault(depth, &list.place);
            return NamePath(Vec::new());
        }
        let names: Vec<_> =
            items.iter().filter_map(|item| self.string(item)).map(str::to_owned).collect();
        let path = NamePath(names);
        if path.0.len() < items.len() {
            return path;
        }
        let declared = match tree {
            NameTree::Dimensions => &self.register.dimensions,
            NameTree::Effects => &self.register.effects,
        };
        if self.compares_paths && !declared.contains(&path) {
            self.fault_about(undeclared, &list.place, path.0.join(" > "));
        } else if !seen.insert(path.clone()) {
            self.fault_about(duplicate, &list.place, path.0.join(" > "));
        }
        path
    }

    /// Reads the pass mark, a ratio or points; a faulty one is none.
    pub fn pass_mark(&mut self, object: &LocatedObject<'n>) -> Option<PassMark> {
        let spot = object.get("passMark")?;
        let mark = self.object(&spot, &[&["ratio", "points"]])?;
        if mark.has("ratio") == mark.has("points") {
            self.fault(DocumentFaultCode::PassMark, &spot.place);
            return None;
        }
        if let Some(points) = self.figure(&mark, "points", FigureKind::Points) {
            return Some(PassMark::Points(points));
        }
        let ratio = self.figure(&mark, "ratio", FigureKind::Ratio)?;
        if ratio.abs() > Decimal::ONE {
            self.fault(DocumentFaultCode::PassMark, &spot.place);
        }
        Some(PassMark::Ratio(ratio))
    }

    /// Reads named levels, which must rise; only the first has no lower end.
    pub fn levels(&mut self, object: &LocatedObject<'n>) -> Vec<Level> {
        let mut levels = Vec::new();
        let mut names = HashSet::new();
        let mut below: Option<Decimal> = None;
        for (index, spot) in self.list(object, "levels", MOST_NAMES).into_iter().enumerate() {
            let Some(entry) = self.object(&spot, &[&["name", "from"]]) else { continue };
            let name = self.required(&entry, "name").map(|name| self.name_at(&name));
            if (index == 0) == entry.has("from") {
                self.fault(DocumentFaultCode::LevelsFirst, &spot.place);
            }
            let from = self.figure(&entry, "from", FigureKind::Ratio);
            // What was stored before levels had a range is still read.
            if from.is_some_and(|from| from.abs() > Decimal::ONE) && !self.is_trusted() {
                self.fault(DocumentFaultCode::LevelRange, &entry.location_of("from"));
            }
            let repeated = name.as_ref().is_some_and(|name| !names.insert(name.clone()));
            let sinks = matches!((below, from), (Some(below), Some(from)) if from <= below);
            if repeated || sinks {
                self.fault(DocumentFaultCode::LevelsOrder, &spot.place);
            }
            below = from.or(below);
            levels.push(Level { name: name.unwrap_or_default(), from });
        }
        levels
    }
}

/// The path of a declared name and those of its subs.
pub fn all_paths(declared: &DeclaredName) -> Vec<NamePath> {
    let below = declared.sub.iter().map(|sub| NamePath(vec![declared.name.clone(), sub.clone()]));
    std::iter::once(NamePath(vec![declared.name.clone()])).chain(below).collect()
}
