//! Scoring: all figures of an instance as a pure function of (compiled test, kept answers,
//! evaluations, corrections).
//!
//! Arithmetic is exact; nothing is rounded but ratios, rates of nominal points and rubrics, and
//! nothing clamped but percentages. No code of authors runs here, and nothing outside the arguments
//! may be asked.

pub mod correction;
mod digest;
pub mod evaluation;
pub mod feedback;
pub mod outcome;
mod rate;
mod rules;
pub mod scoreboard;
mod tree;

pub use correction::Correction;
pub use digest::inputs_digest;
pub use evaluation::Evaluation;
pub use outcome::{ScoringResult, SlotFigure};

use crate::compile::model::CompiledTest;
use crate::decimal::Decimal;
use crate::document::model::{EvaluationMode as Evaluator, Lang, PassMark, Question, Test};
use crate::response::{Response, is_valid};
use correction::CorrectedQuestions;
use evaluation::QuestionPoints;
use outcome::SectionFigure;
use scoreboard::{Scoreboard, ScoreboardSum};
use std::collections::BTreeMap;
use std::ops::Range;
use tree::{DimensionSums, EffectSums};

/// A kept answer that is not blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub seq: u64,
    pub response: Response,
}

/// What a result version is computed from, beside the compiled test. Slots are numbered from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScoringInputs {
    pub answers: BTreeMap<u32, Answer>,
    pub evaluations: BTreeMap<u32, Evaluation>,
    /// Those not withdrawn, in order of making.
    pub corrections: Vec<Correction>,
}

/// Computes all figures (domain rules, 6).
#[must_use]
pub fn score(compiled: &CompiledTest, inputs: &ScoringInputs) -> ScoringResult {
    let corrected = CorrectedQuestions::new(&compiled.slots, &inputs.corrections);
    let mut effects = EffectSums::new(&compiled.test.effects);
    let mut slots: Vec<SlotFigure> = Vec::with_capacity(compiled.slots.len());
    for index in 0..compiled.slots.len() {
        let number = u32::try_from(index + 1).expect("a test has a few thousand questions at most");
        let judged = JudgedSlot {
            question: corrected.question(compiled, index),
            lang: compiled.test.lang,
            number,
            effective: compiled.slots[index].effective,
            ignored: corrected.is_ignored(index),
            answer: inputs.answers.get(&number),
            evaluation: inputs.evaluations.get(&number),
        };
        judged.trigger(&mut effects);
        slots.push(judged.figure());
    }
    for (index, section) in compiled.sections.iter().enumerate() {
        disregard(&mut slots[section.slots.clone()], compiled.section(index).ignorable_blanks);
    }
    add_up(compiled, &corrected, slots, &effects)
}

/// One slot with all that decides its figure.
struct JudgedSlot<'run> {
    question: &'run Question,
    lang: Lang,
    number: u32,
    effective: bool,
    ignored: bool,
    answer: Option<&'run Answer>,
    evaluation: Option<&'run Evaluation>,
}

impl JudgedSlot<'_> {
    fn is_valid(&self) -> bool {
        self.answer.is_some_and(|answer| is_valid(self.question, &answer.response, self.lang))
    }

    fn trigger(&self, effects: &mut EffectSums<'_>) {
        let Some(answer) = self.answer.filter(|_| !self.ignored && self.is_valid()) else { return };
        for effect in rate::effects(self.question, &answer.response) {
            effects.add(&effect.path, effect.score);
        }
    }

    fn figure(&self) -> SlotFigure {
        let (rate, points, waiting) =
            if self.ignored { (None, Decimal::ZERO, false) } else { self.earned() };
        SlotFigure {
            slot: self.number,
            valid: self.is_valid(),
            blank: self.answer.is_none(),
            effective: self.effective && !self.ignored,
            ignored: self.ignored,
            waiting,
            rate,
            points,
        }
    }

    /// Rate, points, and whether the answer waits.
    fn earned(&self) -> (Option<Decimal>, Decimal, bool) {
        let scale = QuestionPoints::of(self.question);
        let by_rate = |rate: Decimal| {
            (Some(rate), rate::points(rate, scale.points, scale.negative_points), false)
        };
        let Some(answer) = self.answer else {
            let blank = rate::blank_percentage(self.question)
                .map(|percentage| by_rate(percentage.percent()));
            return blank.unwrap_or((None, Decimal::ZERO, false));
        };
        if let Some(evaluation) = self.evaluation.filter(|evaluation| evaluation.seq == answer.seq)
        {
            return (Some(evaluation.rate()), evaluation.points(scale), false);
        }
        match self.question.evaluation {
            Evaluator::Manual if self.effective => (None, Decimal::ZERO, true),
            Evaluator::Auto if self.is_valid() => {
                by_rate(rate::percentage(self.question, &answer.response, self.lang).percent())
            }
            Evaluator::Auto | Evaluator::Manual | Evaluator::None => {
                (Some(Decimal::ZERO), Decimal::ZERO, false)
            }
        }
    }
}

/// Takes the last blanks of a section out of what counts: they cost and earn nothing (domain rules,
/// 6.4).
fn disregard(section: &mut [SlotFigure], ignorable: u32) {
    let blanks = section.iter_mut().rev().filter(|figure| figure.effective && figure.blank);
    for figure in blanks.take(ignorable as usize) {
        figure.effective = false;
        figure.rate = None;
        figure.points = Decimal::ZERO;
    }
}

fn add_up(
    compiled: &CompiledTest,
    corrected: &CorrectedQuestions,
    slots: Vec<SlotFigure>,
    effects: &EffectSums<'_>,
) -> ScoringResult {
    let sections = compiled.sections.iter().enumerate().map(|(index, section)| SectionFigure {
        uuid: compiled.section(index).uuid,
        scoreboard: scoreboard(compiled, corrected, &slots, section.slots.clone()),
    });
    let total = scoreboard(compiled, corrected, &slots, 0..slots.len());
    let mut dimensions = DimensionSums::new(&compiled.test.dimensions);
    for (index, figure) in slots.iter().enumerate().filter(|(_, figure)| figure.effective) {
        let rate = figure.rate.unwrap_or(Decimal::ZERO);
        for assigned in &corrected.question(compiled, index).dimensions {
            let points = rate::points(rate, assigned.points, assigned.negative_points);
            dimensions.add(&assigned.path, index + 1, points, assigned.points);
        }
    }
    ScoringResult {
        scoreboard: total,
        sections: sections.collect(),
        dimensions: dimensions.figures(),
        effects: effects.figures(),
        waiting: u32::try_from(slots.iter().filter(|figure| figure.waiting).count())
            .expect("a test has a few thousand questions at most"),
        passed: passed(&compiled.test, &total),
        level: level(&compiled.test, &total),
        slots,
    }
}

fn scoreboard(
    compiled: &CompiledTest,
    corrected: &CorrectedQuestions,
    slots: &[SlotFigure],
    range: Range<usize>,
) -> Scoreboard {
    let mut sum = ScoreboardSum::default();
    for index in range.filter(|index| slots[*index].effective) {
        sum.add(slots[index].points, corrected.question(compiled, index).points);
        sum.count();
    }
    sum.scoreboard()
}

/// Whether the published figure reaches the pass mark.
fn passed(test: &Test, total: &Scoreboard) -> Option<bool> {
    test.pass_mark.map(|mark| match mark {
        PassMark::Ratio(ratio) => total.ratio >= ratio,
        PassMark::Points(points) => total.points >= points,
    })
}

/// The last level whose lower end is at most the published ratio.
fn level(test: &Test, total: &Scoreboard) -> Option<String> {
    let reached =
        test.levels.iter().rev().find(|level| level.from.is_none_or(|from| from <= total.ratio));
    reached.map(|level| level.name.clone())
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
