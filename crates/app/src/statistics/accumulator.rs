//! From kept results to running sums: which question a slot holds, what it earned, and which
//! choices were taken.

use super::{ChoiceAnalysis, ItemAnalysis, QuestionAnalysis, SectionAnalysis};
use crate::App;
use crate::bank::QuestionKind;
use crate::failure::Failure;
use crate::json::from_json;
use crate::results::result_table::ScoreboardJson;
use crate::versions::{compile_inputs, inputs, stored_slots};
use ::statistics::{ChoiceFrequency, QuestionObservation, QuestionStatus, QuestionTally};
use domain::compile::compile;
use domain::compile::model::{CompiledTest, Slot};
use domain::decimal::Decimal;
use domain::document::key::ElementKey;
use domain::document::model::{
    Choice, PageEntry, PoolSource, Question, QuestionBody, QuestionEntry, Test,
};
use domain::id::{InstanceId, OrganizationId, StepId, TaskId};
use domain::response::Response;
use domain::scoring::correction::{Correction, corrected_question};
use domain::scoring::{Answer, SlotFigure};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use storage::Transaction;

/// The standing corrections of a step, in order of making.
#[derive(Debug, Default)]
pub(super) struct StepCorrections(Vec<(Option<InstanceId>, Correction)>);

/// One result with its questions, as far as statistics go.
#[derive(Debug)]
pub(super) struct SampledResult {
    test: Arc<Test>,
    points: f64,
    maximum: f64,
    passed: Option<bool>,
    sections: Vec<SampledSection>,
    questions: Vec<SampledQuestion>,
}

#[derive(Debug)]
struct SampledSection {
    uuid: String,
    title: String,
    /// In millionths; none when nothing of it counts.
    ratio: Option<i64>,
}

#[derive(Debug)]
struct SampledQuestion {
    number: u32,
    section: String,
    question: Arc<Question>,
    scoring_status: QuestionStatus,
    points: f64,
    is_blank: bool,
    /// Keys of choices; none where there are none or they were erased.
    chosen: Option<BTreeSet<ElementKey>>,
}

#[derive(Deserialize)]
struct DetailedResultJson<'text> {
    #[serde(borrow)]
    scoreboard: ScoreboardJson<'text>,
    #[serde(borrow)]
    sections: Vec<SectionScoreJson<'text>>,
}

#[derive(Deserialize)]
struct SectionScoreJson<'text> {
    uuid: String,
    #[serde(borrow)]
    scoreboard: ScoreboardJson<'text>,
}

impl StepCorrections {
    pub(super) fn of_step(
        tx: &mut dyn Transaction,
        organization: &OrganizationId,
        step: &StepId,
    ) -> Result<Self, Failure> {
        let rows = storage::correction::list(tx, organization, step)?;
        let standing = rows.into_iter().filter(|row| row.withdrawn_at.is_none());
        let read = standing.map(|row| Ok((row.instance_id.clone(), inputs::correction(&row)?)));
        Ok(Self(read.collect::<Result<_, Failure>>()?))
    }

    /// Those that hold for an instance.
    fn of(&self, instance: &InstanceId) -> Vec<Correction> {
        let hold =
            self.0.iter().filter(|(only, _)| only.as_ref().is_none_or(|only| only == instance));
        hold.map(|(_, correction)| correction.clone()).collect()
    }
}

/// The settled result with an ordinal; none when it is settled no more.
pub(super) fn sample_result(
    app: &App,
    tx: &mut dyn Transaction,
    task: &TaskId,
    ordinal: i64,
    corrections: &StepCorrections,
) -> Result<Option<SampledResult>, Failure> {
    let Some(inside) = storage::statistics::load_settled(tx, task, ordinal)? else {
        return Ok(None);
    };
    let recipe = compile_inputs(&inside.document_digest, &inside.seed, &inside.time_factor)?;
    let document = app.compiled_cache().document(tx, &recipe.document)?;
    // Not kept: who takes the test now needs the room.
    let compiled = compile(&document, &recipe.seed, recipe.factor).map_err(Failure::internal)?;
    let has_choices = compiled.slots.iter().any(|slot| authored_choices(&slot.question).is_some());
    let answers = if has_choices {
        inputs::load_answers(tx, &inside.id, &compiled)?
    } else {
        BTreeMap::new()
    };
    let corrections = corrections.of(&inside.id);
    let detailed: DetailedResultJson<'_> = from_json(&inside.detailed)?;
    let figures = stored_slots::parse_slot_figures(&inside.slots)?;
    let question = |figure: &SlotFigure| {
        let slot = compiled.slots.get((figure.slot as usize).checked_sub(1)?)?;
        sampled_question(&compiled, slot, figure, answers.get(&figure.slot), &corrections)
    };
    Ok(Some(SampledResult {
        test: Arc::clone(&document),
        points: float(detailed.scoreboard.points_achieved)?,
        maximum: float(detailed.scoreboard.max_achievable_points)?,
        passed: inside.passed,
        sections: detailed
            .sections
            .iter()
            .map(|board| sampled_section(&compiled, board))
            .collect::<Result<_, _>>()?,
        questions: figures.iter().filter_map(question).collect(),
    }))
}

fn sampled_section(
    compiled: &CompiledTest,
    board: &SectionScoreJson<'_>,
) -> Result<SampledSection, Failure> {
    let entry =
        compiled.test.sections.iter().find(|section| section.uuid.to_string() == board.uuid);
    let has_maximum = float(board.scoreboard.max_achievable_points)? > 0.0;
    let ratio = decimal(board.scoreboard.achievement_ratio)?.millionths();
    Ok(SampledSection {
        uuid: board.uuid.clone(),
        title: entry.map(|section| section.title.clone()).unwrap_or_default(),
        ratio: ratio.filter(|_| has_maximum),
    })
}

/// What a question gives to choose from; None where how often each was chosen is not counted.
fn authored_choices(question: &Question) -> Option<&[Choice]> {
    match &question.kind {
        QuestionBody::MultipleChoice(body) => Some(&body.choices),
        QuestionBody::Match(_) | QuestionBody::Input(_) => None,
    }
}

/// None for a question that is taken out of scoring.
fn sampled_question(
    compiled: &CompiledTest,
    slot: &Slot,
    figure: &SlotFigure,
    answer: Option<&Answer>,
    corrections: &[Correction],
) -> Option<SampledQuestion> {
    if figure.ignored {
        return None;
    }
    let chosen = authored_choices(&slot.question).and_then(|_| {
        let none = || figure.blank.then(BTreeSet::new);
        match answer.map(|answer| &answer.response) {
            Some(Response::Choices(keys)) => Some(keys.clone()),
            Some(
                Response::Matches(_)
                | Response::Text(_)
                | Response::Cells(_)
                | Response::Uploads(_),
            )
            | None => none(),
        }
    });
    let standing = match (slot.effective, figure.effective) {
        (false, _) => QuestionStatus::Apart,
        (true, true) => QuestionStatus::Counts,
        (true, false) => QuestionStatus::Disregarded,
    };
    let has_corrections =
        corrections.iter().any(|correction| correction.question == slot.question.key);
    let question = if has_corrections {
        corrected_question(slot, corrections).0
    } else {
        Arc::clone(&slot.question)
    };
    Some(SampledQuestion {
        number: figure.slot,
        section: compiled.section(slot.section).title.clone(),
        question,
        scoring_status: standing,
        points: rounded(figure.points),
        is_blank: figure.blank,
        chosen,
    })
}

fn decimal(literal: &RawValue) -> Result<Decimal, Failure> {
    Decimal::parse(literal.get()).ok_or_else(|| Failure::internal("a kept figure is no decimal"))
}

fn float(literal: &RawValue) -> Result<f64, Failure> {
    decimal(literal).map(rounded)
}

/// To six decimals, which is more than statistics show.
#[allow(clippy::cast_precision_loss, reason = "statistics are shown with few digits")]
fn rounded(decimal: Decimal) -> f64 {
    decimal.millionths().map_or(0.0, |millionths| millionths as f64 / 1e6)
}

/// The sums so far; results are forgotten once they were added.
#[derive(Default)]
pub(super) struct StatisticsAccumulator {
    tally: QuestionTally,
    numbers: HashMap<ElementKey, usize>,
    questions: Vec<QuestionAccumulator>,
    sections: Vec<(String, String, BTreeMap<i64, u64>)>,
    passed: u64,
    judged: u64,
    /// None before the first result; `Some(None)` once two differed.
    maximum: Option<Option<f64>>,
}

struct QuestionAccumulator {
    question: Arc<Question>,
    section: String,
    number: u32,
    counts: bool,
    choices: Vec<ElementKey>,
}

impl StatisticsAccumulator {
    pub(super) fn add(&mut self, result: &SampledResult) {
        let places: Vec<usize> =
            result.questions.iter().map(|taken| self.place(taken, &result.test)).collect();
        let chosen: Vec<Option<Vec<usize>>> = result
            .questions
            .iter()
            .zip(&places)
            .map(|(taken, place)| Some(self.questions[*place].indexes(taken.chosen.as_ref()?)))
            .collect();
        let seen =
            result.questions.iter().zip(places).zip(&chosen).map(|((taken, question), chosen)| {
                QuestionObservation {
                    question,
                    status: taken.scoring_status,
                    points: taken.points,
                    maximum: rounded(taken.question.points),
                    is_blank: taken.is_blank,
                    chosen: chosen.as_deref(),
                }
            });
        let seen: Vec<_> = seen.collect();
        self.tally.add(result.points, result.maximum, &seen);
        for section in &result.sections {
            self.add_section(section);
        }
        self.judged += u64::from(result.passed.is_some());
        self.passed += u64::from(result.passed == Some(true));
        let before = self.maximum.unwrap_or(Some(result.maximum));
        self.maximum = Some(before.filter(|before| (before - result.maximum).abs() < 1e-9));
    }

    /// The number of a question in the sums. The same key in another version of the test is the
    /// same question.
    fn place(&mut self, taken: &SampledQuestion, test: &Test) -> usize {
        let counts = taken.scoring_status != QuestionStatus::Apart;
        if let Some(place) = self.numbers.get(&taken.question.key) {
            let existing = &mut self.questions[*place];
            existing.counts |= counts;
            return *place;
        }
        let place = self.questions.len();
        self.numbers.insert(taken.question.key.clone(), place);
        let choices = authored_choices(&taken.question).unwrap_or_default();
        let choices = choices.iter().map(|choice| choice.key.clone()).collect();
        let (question, section) = (Arc::clone(&taken.question), taken.section.clone());
        let number = authored_number(test, &question.key).unwrap_or(taken.number);
        self.questions.push(QuestionAccumulator { question, section, number, counts, choices });
        place
    }

    fn add_section(&mut self, taken: &SampledSection) {
        let entry = self.sections.iter().position(|(uuid, ..)| *uuid == taken.uuid);
        let place = entry.unwrap_or_else(|| {
            self.sections.push((taken.uuid.clone(), taken.title.clone(), BTreeMap::new()));
            self.sections.len() - 1
        });
        if let Some(ratio) = taken.ratio {
            *self.sections[place].2.entry(ratio).or_default() += 1;
        }
    }

    pub(super) fn finish(self) -> ItemAnalysis {
        let Self { tally, questions, sections, passed, judged, maximum, .. } = self;
        let figures = questions.iter().enumerate();
        let mut questions: Vec<_> =
            figures.filter_map(|(place, existing)| existing.figures(&tally, place)).collect();
        questions.sort_by(|one, other| (one.number, &one.key).cmp(&(other.number, &other.key)));
        let section =
            |(uuid, title, counts): (String, String, BTreeMap<i64, u64>)| SectionAnalysis {
                uuid,
                title,
                ratios: ::statistics::Distribution::from_ascending(counts),
            };
        ItemAnalysis {
            results: tally.results(),
            passed: (judged > 0).then_some((passed, judged)),
            maximum: maximum.flatten(),
            reliability: tally.reliability(),
            sections: sections.into_iter().map(section).collect(),
            questions,
        }
    }
}

/// Where a question stands in the test as it was written, from 1, whatever order candidates see.
fn authored_number(test: &Test, key: &ElementKey) -> Option<u32> {
    let mut number = 0;
    let mut found = None;
    for entry in test.sections.iter().flat_map(|section| &section.pages) {
        match entry {
            PageEntry::Page(page) => count_to(&page.questions, key, &mut number, &mut found),
            PageEntry::Pool { pool } => match &pool.source {
                PoolSource::Pages(pages) => {
                    pages
                        .iter()
                        .for_each(|page| count_to(&page.questions, key, &mut number, &mut found));
                }
                PoolSource::Questions(questions) => {
                    count_to(questions, key, &mut number, &mut found)
                }
                PoolSource::Bank(_) => {}
            },
        }
    }
    found
}

fn count_to(
    entries: &[QuestionEntry],
    key: &ElementKey,
    number: &mut u32,
    found: &mut Option<u32>,
) {
    for entry in entries {
        match entry {
            QuestionEntry::Question(question) => {
                *number += 1;
                if question.key == *key {
                    found.get_or_insert(*number);
                }
            }
            QuestionEntry::Ref { .. } => *number += 1,
            QuestionEntry::Pool { pool } => {
                if let PoolSource::Questions(inner) = &pool.source {
                    count_to(inner, key, number, found);
                }
            }
        }
    }
}

impl QuestionAccumulator {
    /// Where keys stand among the choices; those of another version of the question come behind.
    fn indexes(&mut self, keys: &BTreeSet<ElementKey>) -> Vec<usize> {
        let index = |key: &ElementKey| {
            self.choices.iter().position(|entry| entry == key).unwrap_or_else(|| {
                self.choices.push(key.clone());
                self.choices.len() - 1
            })
        };
        keys.iter().map(index).collect()
    }

    fn figures(&self, tally: &QuestionTally, place: usize) -> Option<QuestionAnalysis> {
        let figures = tally.figures(place)?;
        let nobody = ChoiceFrequency { count: 0, share: 0.0, mean_total: None };
        let choice = |(index, key): (usize, &ElementKey)| {
            let authored = authored_choices(&self.question)
                .and_then(|choices| choices.iter().find(|choice| choice.key == *key));
            ChoiceAnalysis {
                key: key.to_string(),
                text: authored.map(|choice| choice.text.clone()).unwrap_or_default(),
                is_right: authored.is_some_and(|choice| choice.percentage > Decimal::ZERO),
                taken: figures.choices.get(index).copied().unwrap_or(nobody),
            }
        };
        let choices = self.choices.iter().enumerate().map(choice).collect();
        Some(QuestionAnalysis {
            key: self.question.key.to_string(),
            text: self.question.text.clone(),
            section: self.section.clone(),
            number: self.number,
            kind: QuestionKind::of(&self.question).as_str(),
            counts: self.counts,
            choices,
            figures,
        })
    }
}
