//! What scoring gives, and the two published forms of it (REST API, 2.2).

use super::scoreboard::Scoreboard;
use crate::decimal::Decimal;
use crate::json::quote;
use crate::time::Timestamp;
use std::fmt::Write;
use uuid::Uuid;

/// All figures of an instance. Two that are equal make no new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoringResult {
    pub scoreboard: Scoreboard,
    /// Every section, in compiled order.
    pub sections: Vec<SectionFigure>,
    /// Every declared dimension, in declared order.
    pub dimensions: Vec<DimensionFigure>,
    /// Every declared effect, in declared order.
    pub effects: Vec<EffectFigure>,
    /// Every slot, in compiled order.
    pub slots: Vec<SlotFigure>,
    /// How many answers wait for evaluation; the version is settled when none does.
    pub waiting: u32,
    /// `None` when the test has no pass mark.
    pub passed: Option<bool>,
    /// `None` when the test has no levels.
    pub level: Option<String>,
}

/// What a section's questions came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionFigure {
    pub uuid: Uuid,
    pub scoreboard: Scoreboard,
}

/// What the questions of a dimension came to, its sub-dimensions' among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DimensionFigure {
    pub name: String,
    pub scoreboard: Scoreboard,
    pub subs: Vec<SubDimensionFigure>,
}

/// What the questions of a sub-dimension came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubDimensionFigure {
    pub name: String,
    pub scoreboard: Scoreboard,
}

/// The score of an effect, its sub-effects' among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectFigure {
    pub name: String,
    pub score: Decimal,
    pub subs: Vec<SubEffectFigure>,
}

/// The score of a sub-effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubEffectFigure {
    pub name: String,
    pub score: Decimal,
}

/// One slot's part in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotFigure {
    /// From 1.
    pub slot: u32,
    /// Answered, and the answer follows the question's rules.
    pub valid: bool,
    pub blank: bool,
    /// Whether the slot counts: effective, not ignored, not disregarded.
    pub effective: bool,
    /// Taken out of all scoring by a correction.
    pub ignored: bool,
    pub waiting: bool,
    /// -1 to 1; `None` for what is blank and earns nothing, waits, or is ignored.
    pub rate: Option<Decimal>,
    pub points: Decimal,
}

impl ScoringResult {
    /// The basic result as one JSON text without white space.
    #[must_use]
    pub fn basic_json(&self, completed_at: Timestamp) -> String {
        let mut out = String::with_capacity(128);
        let _ = write!(out, "{{\"completedAt\":{},\"scoreboard\":", completed_at.seconds());
        self.scoreboard.write_basic(&mut out);
        out.push('}');
        out
    }

    /// The detailed result as one JSON text without white space.
    #[must_use]
    pub fn detailed_json(&self, completed_at: Timestamp) -> String {
        let mut out = String::with_capacity(1024);
        let _ = write!(out, "{{\"completedAt\":{},\"scoreboard\":", completed_at.seconds());
        self.scoreboard.write(&mut out);
        write_list(&mut out, "sections", &self.sections, |out, section| {
            let _ = write!(out, "{{\"uuid\":\"{}\",\"scoreboard\":", section.uuid);
            section.scoreboard.write(out);
        });
        write_list(&mut out, "dimensions", &self.dimensions, |out, dimension| {
            write_scoreboard(out, &dimension.name, &dimension.scoreboard);
            write_list(out, "subDimensions", &dimension.subs, |out, sub| {
                write_scoreboard(out, &sub.name, &sub.scoreboard)
            });
        });
        write_list(&mut out, "effects", &self.effects, |out, effect| {
            write_score(out, &effect.name, effect.score);
            write_list(out, "subEffects", &effect.subs, |out, sub| {
                write_score(out, &sub.name, sub.score)
            });
        });
        out.push('}');
        out
    }
}

/// Writes a further member of an object that holds a list of objects; `write_open` leaves each
/// object open.
fn write_list<T>(out: &mut String, name: &str, things: &[T], write_open: impl Fn(&mut String, &T)) {
    let _ = write!(out, ",\"{name}\":[");
    for (index, thing) in things.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_open(out, thing);
        out.push('}');
    }
    out.push(']');
}

fn write_scoreboard(out: &mut String, name: &str, scoreboard: &Scoreboard) {
    let _ = write!(out, "{{\"name\":{},\"scoreboard\":", quote(name));
    scoreboard.write(out);
}

fn write_score(out: &mut String, name: &str, score: Decimal) {
    let _ = write!(out, "{{\"name\":{},\"score\":{score}", quote(name));
}
