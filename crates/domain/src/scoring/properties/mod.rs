//! The invariants of scoring (domain rules, 11: 1 to 12) over generated documents and answers.

mod inputs;

use super::evaluation::EvaluationScore;
use super::*;
use crate::compile::compile;
use crate::compile::random::Seed;
use crate::document::arbitrary;
use crate::document::model::{
    NamePath, Page, PageEntry, Pool, PoolSource, QuestionBody, QuestionEntry,
};
use crate::fixture::number;
use crate::time::Timestamp;
use crate::time_factor::TimeFactor;
use inputs::SeededDice;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A generated test, compiled, with answers, evaluations and corrections.
fn sat() -> impl Strategy<Value = (CompiledTest, ScoringInputs, SeededDice)> {
    (arbitrary::any_test(), any::<[u8; 32]>()).prop_map(|(test, seed)| {
        let compiled = compile(&Arc::new(test), &Seed(seed), TimeFactor::ONE).unwrap();
        let mut dice = SeededDice::new(seed);
        let inputs = inputs::any(&compiled, &mut dice);
        (compiled, inputs, dice)
    })
}

impl std::fmt::Debug for SeededDice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Dice")
    }
}

/// The questions as corrected, by slot.
fn questions(compiled: &CompiledTest, inputs: &ScoringInputs) -> Vec<Arc<Question>> {
    compiled
        .slots
        .iter()
        .map(|slot| correction::corrected_question(slot, &inputs.corrections).0)
        .collect()
}

/// Changes every question of a compiled test.
fn altered(compiled: &CompiledTest, change: impl Fn(&mut Question)) -> CompiledTest {
    let mut altered = compiled.clone();
    altered.slots.iter_mut().for_each(|slot| change(Arc::make_mut(&mut slot.question)));
    altered
}

type ScoreboardList = (Scoreboard, Vec<Scoreboard>);

/// The scoreboards of test and sections.
fn boards(outcome: &ScoringResult) -> ScoreboardList {
    (outcome.scoreboard, outcome.sections.iter().map(|section| section.scoreboard).collect())
}

fn all_scoreboards(outcome: &ScoringResult) -> Vec<Scoreboard> {
    let subs = |dimension: &outcome::DimensionFigure| {
        dimension
            .subs
            .iter()
            .map(|sub| sub.scoreboard)
            .chain([dimension.scoreboard])
            .collect::<Vec<_>>()
    };
    let (total, sections) = boards(outcome);
    sections.into_iter().chain([total]).chain(outcome.dimensions.iter().flat_map(subs)).collect()
}

fn without_percentages(question: &mut Question) {
    question.points = number("3");
    match &mut question.kind {
        QuestionBody::MultipleChoice(body) => {
            body.choices.iter_mut().for_each(|choice| choice.percentage = number("7"))
        }
        QuestionBody::Match(body) => body.items.iter_mut().for_each(|item| {
            item.wrong_percentage = number("-7");
            item.matches.iter_mut().for_each(|matching| matching.percentage = number("7"));
        }),
        QuestionBody::Input(_) => {}
    }
}

fn without_effects(question: &mut Question) {
    match &mut question.kind {
        QuestionBody::MultipleChoice(body) => {
            body.choices.iter_mut().for_each(|choice| choice.effects.clear())
        }
        QuestionBody::Match(body) => {
            body.items
                .iter_mut()
                .flat_map(|item| &mut item.matches)
                .for_each(|matching| matching.effects.clear());
        }
        QuestionBody::Input(_) => {}
    }
}

/// The same document with everything shuffled, nothing pinned, every pool drawn whole and no
/// ignorable blanks.
fn loosened(mut test: Test) -> Test {
    test.shuffle_sections = true;
    for section in &mut test.sections {
        (section.shuffle_pages, section.pinned, section.ignorable_blanks) = (true, false, 0);
        for entry in &mut section.pages {
            match entry {
                PageEntry::Page(page) => loosen_page(page),
                PageEntry::Pool { pool } => loosen_pool(pool),
            }
        }
    }
    test
}

fn loosen_page(page: &mut Page) {
    (page.shuffle_questions, page.pinned) = (true, false);
    page.questions.iter_mut().for_each(loosen_entry);
}

fn loosen_pool(pool: &mut Pool) {
    pool.shuffle = true;
    let size = match &mut pool.source {
        PoolSource::Pages(pages) => {
            pages.iter_mut().for_each(loosen_page);
            pages.len()
        }
        PoolSource::Questions(entries) => {
            entries.iter_mut().for_each(loosen_entry);
            entries.len()
        }
        PoolSource::Bank(_) => return,
    };
    pool.draw = u32::try_from(size).unwrap();
}

fn loosen_entry(entry: &mut QuestionEntry) {
    match entry {
        QuestionEntry::Pool { pool } => loosen_pool(pool),
        QuestionEntry::Ref { .. } => {}
        QuestionEntry::Question(question) => {
            let question = Arc::make_mut(question);
            question.pinned = false;
            match &mut question.kind {
                QuestionBody::MultipleChoice(body) => body.shuffle = true,
                QuestionBody::Match(body) => {
                    (body.shuffle_items, body.shuffle_options) = (true, true)
                }
                QuestionBody::Input(_) => {}
            }
        }
    }
}

/// The same inputs for another order of the same questions.
fn moved(from: &CompiledTest, to: &CompiledTest, inputs: &ScoringInputs) -> ScoringInputs {
    let numbers: BTreeMap<_, _> =
        to.slots.iter().zip(1u32..).map(|(slot, number)| (&slot.question.key, number)).collect();
    let place = |number: &u32| numbers[&from.slots[*number as usize - 1].question.key];
    ScoringInputs {
        answers: inputs
            .answers
            .iter()
            .map(|(number, answer)| (place(number), answer.clone()))
            .collect(),
        evaluations: inputs
            .evaluations
            .iter()
            .map(|(number, evaluation)| (place(number), *evaluation))
            .collect(),
        corrections: inputs.corrections.clone(),
    }
}

fn is_at_or_below(path: &NamePath, root: &str) -> bool {
    path.0.first().is_some_and(|name| name == root)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rates_and_points_keep_their_bounds((compiled, inputs, _) in sat()) {
        let outcome = score(&compiled, &inputs);
        for (figure, question) in outcome.slots.iter().zip(questions(&compiled, &inputs)) {
            let rate = figure.rate.unwrap_or(Decimal::ZERO);
            prop_assert!(rate.abs() <= Decimal::ONE && rate.decimals() <= 6);
            prop_assert!(-question.negative_points <= figure.points && figure.points <= question.points);
        }
    }

    #[test]
    fn the_test_is_the_sum_of_its_sections_and_of_its_effective_slots((compiled, inputs, _) in sat()) {
        let outcome = score(&compiled, &inputs);
        let total = outcome.scoreboard;
        let sections = || outcome.sections.iter().map(|section| section.scoreboard);
        prop_assert_eq!(total.points, sections().map(|section| section.points).sum());
        prop_assert_eq!(total.maximum, sections().map(|section| section.maximum).sum());
        prop_assert_eq!(total.questions, sections().map(|section| section.questions).sum::<u32>());
        let questions = questions(&compiled, &inputs);
        let counting = || outcome.slots.iter().zip(&questions).filter(|(figure, _)| figure.effective);
        prop_assert_eq!(total.points, counting().map(|(figure, _)| figure.points).sum());
        prop_assert_eq!(total.maximum, counting().map(|(_, question)| question.points).sum());
        prop_assert_eq!(total.questions as usize, counting().count());
    }

    #[test]
    fn a_ratio_is_off_by_at_most_half_a_millionth((compiled, inputs, _) in sat()) {
        for board in all_scoreboards(&score(&compiled, &inputs)) {
            let error = (board.points - board.ratio * board.maximum).abs();
            if board.maximum.is_zero() {
                prop_assert!(board.ratio.is_zero());
            } else {
                prop_assert!(error <= board.maximum * number("0.0000005"), "{board:?}");
            }
        }
    }

    #[test]
    fn without_ignorable_blanks_no_figure_depends_on_any_order(test in arbitrary::any_test(), one: [u8; 32], two: [u8; 32]) {
        let frozen = Arc::new(loosened(test));
        let compiled = |seed| compile(&frozen, &Seed(seed), TimeFactor::ONE).unwrap();
        let (here, there) = (compiled(one), compiled(two));
        let inputs = inputs::any(&here, &mut SeededDice::new(one));
        let (left, right) = (score(&here, &inputs), score(&there, &moved(&here, &there, &inputs)));
        prop_assert_eq!(left.scoreboard, right.scoreboard);
        prop_assert_eq!(&left.dimensions, &right.dimensions);
        prop_assert_eq!(&left.effects, &right.effects);
        prop_assert_eq!((left.waiting, left.passed, &left.level), (right.waiting, right.passed, &right.level));
        let sections = |outcome: &ScoringResult| {
            outcome.sections.iter().map(|section| (section.uuid, section.scoreboard)).collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(sections(&left), sections(&right));
        let slots = |compiled: &CompiledTest, outcome: &ScoringResult| {
            let named = compiled.slots.iter().zip(outcome.slots.clone());
            named.map(|(slot, figure)| (slot.question.key.clone(), SlotFigure { slot: 0, ..figure }))
                .collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(slots(&here, &left), slots(&there, &right));
    }

    #[test]
    fn dimensions_and_effects_never_touch_test_and_sections((compiled, inputs, _) in sat()) {
        let mut bare = altered(&compiled, |question| {
            without_effects(question);
            question.dimensions.clear();
        });
        let test = Arc::make_mut(&mut bare.test);
        test.dimensions.clear();
        test.effects.clear();
        prop_assert_eq!(boards(&score(&compiled, &inputs)), boards(&score(&bare, &inputs)));
    }

    #[test]
    fn percentages_never_touch_effects_nor_effects_scoreboards((compiled, inputs, _) in sat()) {
        let before = score(&compiled, &inputs);
        let other_percentages = score(&altered(&compiled, without_percentages), &inputs);
        prop_assert_eq!(&before.effects, &other_percentages.effects);
        let other_effects = score(&altered(&compiled, without_effects), &inputs);
        prop_assert_eq!(all_scoreboards(&before), all_scoreboards(&other_effects));
    }

    #[test]
    fn a_dimension_is_its_own_assignments_and_its_subs((compiled, inputs, _) in sat()) {
        let outcome = score(&compiled, &inputs);
        let questions = questions(&compiled, &inputs);
        for dimension in &outcome.dimensions {
            let (mut points, mut maximum, mut counted) = (Decimal::ZERO, Decimal::ZERO, 0);
            for (figure, question) in outcome.slots.iter().zip(&questions).filter(|(figure, _)| figure.effective) {
                let mine = || question.dimensions.iter().filter(|a| is_at_or_below(&a.path, &dimension.name));
                counted += u32::from(mine().count() > 0);
                for own in mine().filter(|assigned| assigned.path.0.len() == 1) {
                    let rate = figure.rate.unwrap_or(Decimal::ZERO);
                    points += rate * if rate.is_negative() { own.negative_points } else { own.points };
                    maximum += own.points;
                }
            }
            points += dimension.subs.iter().map(|sub| sub.scoreboard.points).sum();
            maximum += dimension.subs.iter().map(|sub| sub.scoreboard.maximum).sum();
            let Scoreboard { points: p, maximum: m, questions: q, .. } = dimension.scoreboard;
            prop_assert_eq!((p, m, q), (points, maximum, counted));
        }
    }

    #[test]
    fn an_effect_is_its_own_score_and_its_subs((compiled, inputs, _) in sat()) {
        let outcome = score(&compiled, &inputs);
        for effect in &outcome.effects {
            let mut own = Decimal::ZERO;
            for (slot, figure) in compiled.slots.iter().zip(&outcome.slots).filter(|(_, f)| f.valid && !f.ignored) {
                let triggered = rate::effects(&slot.question, &inputs.answers[&figure.slot].response);
                let mine = triggered.into_iter().filter(|triggered| triggered.path.0 == [effect.name.as_str()]);
                own += mine.map(|triggered| triggered.score).sum();
            }
            prop_assert_eq!(effect.score, own + effect.subs.iter().map(|sub| sub.score).sum());
        }
    }

    #[test]
    fn raising_a_rate_never_lowers_the_points((compiled, inputs, mut dice) in sat(), low in -100i64..=100, high in -100i64..=100) {
        let outcome = score(&compiled, &inputs);
        let counting: Vec<_> = outcome.slots.iter().filter(|figure| figure.effective && !figure.blank).collect();
        prop_assume!(!counting.is_empty());
        let slot = dice.pick(&counting).slot;
        let points = |percentage: i64| {
            let (question, _) = correction::corrected_question(&compiled.slots[slot as usize - 1], &inputs.corrections);
            let answer = &inputs.answers[&slot];
            let given_score = EvaluationScore::Percentage(Decimal::from(percentage));
            let method = crate::instance::EvaluationMethod::Manual;
            let mut inputs = inputs.clone();
            let evaluation = Evaluation::new(&question, Some(answer), given_score, method, answer.seq).unwrap();
            inputs.evaluations.insert(slot, evaluation);
            score(&compiled, &inputs).scoreboard.points
        };
        prop_assert!(points(low.min(high)) <= points(low.max(high)));
    }

    #[test]
    fn the_last_blanks_are_disregarded_and_no_more((compiled, inputs, _) in sat()) {
        let outcome = score(&compiled, &inputs);
        for (index, section) in compiled.sections.iter().enumerate() {
            let could_count = |slot: &usize| compiled.slots[*slot].effective && !outcome.slots[*slot].ignored;
            let blanks: Vec<_> = section.slots.clone().filter(could_count).filter(|slot| outcome.slots[*slot].blank).collect();
            let counting: Vec<_> = blanks.iter().filter(|slot| outcome.slots[**slot].effective).collect();
            let disregarded = blanks.len() - counting.len();
            prop_assert_eq!(disregarded, blanks.len().min(compiled.section(index).ignorable_blanks as usize));
            let first = blanks.iter().find(|slot| !outcome.slots[**slot].effective);
            prop_assert!(first.is_none_or(|first| counting.iter().all(|slot| *slot < first)));
            let answered = section.slots.clone().filter(could_count).filter(|slot| !outcome.slots[*slot].blank);
            prop_assert!(answered.into_iter().all(|slot| outcome.slots[slot].effective));
        }
    }

    #[test]
    fn answers_that_do_not_count_change_no_scoreboard((compiled, inputs, mut dice) in sat()) {
        let before = score(&compiled, &inputs);
        let mut changed = inputs;
        for (slot, figure) in compiled.slots.iter().zip(&before.slots) {
            if !slot.effective || figure.ignored {
                changed.answers.remove(&figure.slot);
                changed.evaluations.remove(&figure.slot);
                if let Some(response) = inputs::respond(&slot.question, &mut dice) {
                    changed.answers.insert(figure.slot, Answer { seq: 9, response });
                }
            }
        }
        prop_assert_eq!(all_scoreboards(&before), all_scoreboards(&score(&compiled, &changed)));
    }

    #[test]
    fn evaluating_a_waiting_answer_changes_no_maximum_and_no_count((compiled, inputs, mut dice) in sat()) {
        let before = score(&compiled, &inputs);
        let Some(slot) = before.slots.iter().find(|figure| figure.waiting).map(|figure| figure.slot) else {
            return Ok(());
        };
        let mut after = inputs.clone();
        let evaluation = inputs::evaluate(&compiled.slots[slot as usize - 1], &inputs, slot, &mut dice);
        after.evaluations.insert(slot, evaluation);
        let after = score(&compiled, &after);
        prop_assert_eq!(after.waiting + 1, before.waiting);
        let size = |board: Scoreboard| (board.maximum, board.questions);
        let (old, new) = (all_scoreboards(&before), all_scoreboards(&after));
        prop_assert!(old.into_iter().map(size).eq(new.into_iter().map(size)));
    }

    #[test]
    fn a_version_recomputes_from_its_stored_inputs_byte_for_byte((compiled, inputs, _) in sat()) {
        let stored = |(number, answer): (&u32, &Answer)| {
            let question = &compiled.slots[*number as usize - 1].question;
            let response = Response::parse_stored_response(question, &answer.response.canonical()).unwrap();
            (*number, Answer { seq: answer.seq, response })
        };
        let read = ScoringInputs {
            answers: inputs.answers.iter().map(stored).collect(),
            evaluations: inputs.evaluations.clone(),
            corrections: serde_json::from_str(&serde_json::to_string(&inputs.corrections).unwrap()).unwrap(),
        };
        let at = Timestamp(0);
        prop_assert_eq!(score(&compiled, &inputs).detailed_json(at), score(&compiled, &read).detailed_json(at));
        let digest = |inputs| inputs_digest(&[1; 32], &Seed([2; 32]), TimeFactor::ONE, inputs);
        prop_assert_eq!(digest(&inputs), digest(&read));
    }
}
