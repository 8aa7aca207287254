//! The four figures of a set of questions (domain rules, 6.5).

use crate::decimal::Decimal;
use std::fmt::Write;

/// `pointsAchieved`, `maxAchievablePoints`, `achievementRatio`, `noOfQuestions`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scoreboard {
    /// May be negative; at most 12 decimals, unrounded.
    pub points: Decimal,
    pub maximum: Decimal,
    /// Rounded to 6 decimals; 0 when the maximum is 0.
    pub ratio: Decimal,
    pub questions: u32,
}

impl Scoreboard {
    pub(super) fn of(points: Decimal, maximum: Decimal, questions: u32) -> Self {
        Self { points, maximum, ratio: points.divide_round6(maximum), questions }
    }

    /// The basic shape: without the number of questions.
    pub(super) fn write_basic(&self, out: &mut String) {
        self.write_open(out);
        out.push('}');
    }

    /// The shape of detailed results.
    pub(super) fn write(&self, out: &mut String) {
        self.write_open(out);
        let _ = write!(out, ",\"noOfQuestions\":{}}}", self.questions);
    }

    fn write_open(&self, out: &mut String) {
        let Self { points, maximum, ratio, .. } = self;
        let _ = write!(
            out,
            "{{\"pointsAchieved\":{points},\"maxAchievablePoints\":{maximum},\"achievementRatio\":{ratio}"
        );
    }
}

/// A scoreboard while it is being added up.
#[derive(Clone, Copy, Default)]
pub(super) struct ScoreboardSum {
    points: Decimal,
    maximum: Decimal,
    questions: u32,
}

impl ScoreboardSum {
    /// Adds what a question earned and what it could have earned.
    pub fn add(&mut self, points: Decimal, maximum: Decimal) {
        self.points += points;
        self.maximum += maximum;
    }

    /// Counts one more question.
    pub const fn count(&mut self) {
        self.questions += 1;
    }

    /// The sums as they stand, with their ratio.
    pub fn scoreboard(&self) -> Scoreboard {
        Scoreboard::of(self.points, self.maximum, self.questions)
    }
}
