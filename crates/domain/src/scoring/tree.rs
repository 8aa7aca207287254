//! The two-level trees of declared dimensions and effects, and adding up along them.

use super::outcome::{DimensionFigure, EffectFigure, SubDimensionFigure, SubEffectFigure};
use super::scoreboard::ScoreboardSum;
use crate::decimal::Decimal;
use crate::document::model::{DeclaredName, NamePath};
use std::collections::HashMap;

/// Where each declared path keeps its sum: roots and subs in one row, in declared order.
struct SumLayout<'test> {
    declared: &'test [DeclaredName],
    by_name: HashMap<&'test str, SumPosition<'test>>,
    size: usize,
}

struct SumPosition<'test> {
    root: usize,
    subs: HashMap<&'test str, usize>,
}

impl<'test> SumLayout<'test> {
    fn new(declared: &'test [DeclaredName]) -> Self {
        let mut by_name = HashMap::with_capacity(declared.len());
        let mut size = 0;
        for entry in declared {
            let root = size;
            let subs = entry
                .sub
                .iter()
                .enumerate()
                .map(|(index, name)| (name.as_str(), root + 1 + index))
                .collect();
            size += 1 + entry.sub.len();
            by_name.insert(entry.name.as_str(), SumPosition { root, subs });
        }
        Self { declared, by_name, size }
    }

    /// The root and the sub a path adds to; `None` when it is not declared (a bank question may
    /// bring such a path).
    fn of(&self, path: &NamePath) -> Option<(usize, Option<usize>)> {
        match path.0.as_slice() {
            [name] => self.by_name.get(name.as_str()).map(|place| (place.root, None)),
            [name, sub] => {
                let place = self.by_name.get(name.as_str())?;
                place.subs.get(sub.as_str()).map(|sub| (place.root, Some(*sub)))
            }
            _ => None,
        }
    }

    /// Each declared entry with the place of its sum; its subs follow it.
    fn roots(&self) -> impl Iterator<Item = (&'test DeclaredName, usize)> {
        self.declared.iter().scan(0, |next, entry| {
            let root = *next;
            *next += 1 + entry.sub.len();
            Some((entry, root))
        })
    }
}

/// Scoreboards of dimensions while they are added up. A question counts once in each, however often
/// it is assigned.
pub(super) struct DimensionSums<'test> {
    places: SumLayout<'test>,
    sums: Vec<ScoreboardSum>,
    /// For each sum the last question counted in it, as its number from 1.
    counted: Vec<usize>,
}

impl<'test> DimensionSums<'test> {
    /// Nothing earned yet in any declared dimension.
    pub fn new(declared: &'test [DeclaredName]) -> Self {
        let places = SumLayout::new(declared);
        Self {
            sums: vec![ScoreboardSum::default(); places.size],
            counted: vec![0; places.size],
            places,
        }
    }

    /// Adds one assignment of the question with this number.
    pub fn add(&mut self, path: &NamePath, number: usize, points: Decimal, maximum: Decimal) {
        let Some((root, sub)) = self.places.of(path) else { return };
        for place in std::iter::once(root).chain(sub) {
            self.sums[place].add(points, maximum);
            if self.counted[place] != number {
                self.counted[place] = number;
                self.sums[place].count();
            }
        }
    }

    /// The sums in the order in which dimensions are declared.
    pub fn figures(&self) -> Vec<DimensionFigure> {
        let sub = |(name, place): (&String, usize)| SubDimensionFigure {
            name: name.clone(),
            scoreboard: self.sums[place].scoreboard(),
        };
        let figure = |(entry, root): (&DeclaredName, usize)| DimensionFigure {
            name: entry.name.clone(),
            scoreboard: self.sums[root].scoreboard(),
            subs: entry.sub.iter().zip(root + 1..).map(sub).collect(),
        };
        self.places.roots().map(figure).collect()
    }
}

/// Scores of effects while they are added up.
pub(super) struct EffectSums<'test> {
    places: SumLayout<'test>,
    scores: Vec<Decimal>,
}

impl<'test> EffectSums<'test> {
    /// Every declared effect at 0.
    pub fn new(declared: &'test [DeclaredName]) -> Self {
        let places = SumLayout::new(declared);
        Self { scores: vec![Decimal::ZERO; places.size], places }
    }

    /// Adds to an effect and to the one it is part of; an undeclared one is passed over.
    pub fn add(&mut self, path: &NamePath, score: Decimal) {
        let Some((root, sub)) = self.places.of(path) else { return };
        for place in std::iter::once(root).chain(sub) {
            self.scores[place] += score;
        }
    }

    /// The scores in the order in which effects are declared.
    pub fn figures(&self) -> Vec<EffectFigure> {
        let sub = |(name, place): (&String, usize)| SubEffectFigure {
            name: name.clone(),
            score: self.scores[place],
        };
        let figure = |(entry, root): (&DeclaredName, usize)| EffectFigure {
            name: entry.name.clone(),
            score: self.scores[root],
            subs: entry.sub.iter().zip(root + 1..).map(sub).collect(),
        };
        self.places.roots().map(figure).collect()
    }
}
