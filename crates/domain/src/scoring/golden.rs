//! The worked scoring example of the domain rules (2.10), to the last digit.

use super::correction::CorrectionChange;
use super::evaluation::EvaluationScore;
use super::*;
use crate::compile::compile;
use crate::compile::random::Seed;
use crate::document::parse_stored;
use crate::fixture::{STORED_BY_VERSION_1, desk_screening, key, number};
use crate::instance::EvaluationMethod;
use crate::json::JsonNode;
use crate::response::{NoUploads, read};
use crate::time::Timestamp;
use crate::time_factor::TimeFactor;

/// The example as engine version 1 kept it: its figures hold for ever.
fn compiled() -> CompiledTest {
    let stored = parse_stored(STORED_BY_VERSION_1).unwrap();
    compile(&stored.into(), &Seed([7; 32]), TimeFactor::ONE).unwrap()
}

/// Reads responses of slots as they would come from a browser; each is the first write of its slot.
fn answered(compiled: &CompiledTest, responses: &[(u32, &str)]) -> ScoringInputs {
    let mut inputs = ScoringInputs::default();
    for (slot, json) in responses {
        let question = &compiled.slots[*slot as usize - 1].question;
        let node = JsonNode::parse(json.as_bytes(), 8).unwrap();
        if let Some(response) = read(question, &node, &NoUploads).unwrap() {
            inputs.answers.insert(*slot, Answer { seq: 1, response });
        }
    }
    inputs
}

fn first_candidate(compiled: &CompiledTest) -> ScoringInputs {
    let responses = [
        (1, r#"["a","d"]"#),
        (2, r#""12.1""#),
        (3, r#"{"i1":"o1","i2":"o4"}"#),
        (4, r#"["b"]"#),
        (5, r#""Because.""#),
    ];
    answered(compiled, &responses)
}

fn evaluate(
    compiled: &CompiledTest,
    inputs: &mut ScoringInputs,
    slot: u32,
    score: EvaluationScore,
) {
    let question = &compiled.slots[slot as usize - 1].question;
    let evaluation =
        Evaluation::new(question, inputs.answers.get(&slot), score, EvaluationMethod::Manual, 1)
            .unwrap();
    inputs.evaluations.insert(slot, evaluation);
}

/// Inputs of the columns A1 to A4.
fn columns(compiled: &CompiledTest) -> [ScoringInputs; 4] {
    let first = first_candidate(compiled);
    let mut second = first.clone();
    evaluate(compiled, &mut second, 5, EvaluationScore::Percentage(number("62.5")));
    let mut third = second.clone();
    evaluate(compiled, &mut third, 3, EvaluationScore::Points(number("1")));
    let mut fourth = third.clone();
    fourth.corrections.push(Correction { question: key("q1"), change: CorrectionChange::Ignore });
    [first, second, third, fourth]
}

fn second_candidate(compiled: &CompiledTest) -> ScoringInputs {
    second_candidate_writes(compiled, r#""9,99""#)
}

fn second_candidate_writes(compiled: &CompiledTest, number: &str) -> ScoringInputs {
    let responses = [(2, number), (3, r#"{"i1":"o1","i2":"o2","i3":"o3"}"#), (4, r#"["a"]"#)];
    answered(compiled, &responses)
}

fn board(scoreboard: &Scoreboard) -> String {
    let Scoreboard { points, maximum, ratio, questions } = scoreboard;
    format!("{points} / {maximum} / {ratio} / {questions}")
}

/// All scoreboards in the order of the table: test, sections, dimensions each before its subs.
fn boards(outcome: &ScoringResult) -> Vec<String> {
    let mut boards = vec![board(&outcome.scoreboard)];
    boards.extend(outcome.sections.iter().map(|section| board(&section.scoreboard)));
    for dimension in &outcome.dimensions {
        boards.push(board(&dimension.scoreboard));
        boards.extend(dimension.subs.iter().map(|sub| board(&sub.scoreboard)));
    }
    boards
}

/// Style; Careful; Quick; Drive.
fn effects(outcome: &ScoringResult) -> String {
    let mut scores = Vec::new();
    for effect in &outcome.effects {
        scores.push(effect.score.to_string());
        scores.extend(effect.subs.iter().map(|sub| sub.score.to_string()));
    }
    scores.join("; ")
}

fn verdict(outcome: &ScoringResult) -> (u32, Option<bool>, Option<&str>) {
    (outcome.waiting, outcome.passed, outcome.level.as_deref())
}

/// Rate and points of each slot; `-` where there is no rate.
fn slots(outcome: &ScoringResult) -> Vec<String> {
    let figure = |slot: &SlotFigure| match slot.rate {
        Some(rate) => format!("{rate}; {}", slot.points),
        None => format!("-; {}", slot.points),
    };
    outcome.slots.iter().map(figure).collect()
}

#[test]
fn answers_are_scored_on_completion_and_one_waits() {
    let compiled = compiled();
    let outcome = score(&compiled, &columns(&compiled)[0]);
    let expected = [
        "1.050002 / 10.5 / 0.1 / 4",
        "1.050002 / 6.5 / 0.161539 / 3",
        "0 / 4 / 0 / 1",
        "0.933334 / 7 / 0.133333 / 3",
        "-0.1 / 4 / -0.025 / 2",
        "1.033334 / 3 / 0.344445 / 2",
        "0 / 3 / 0 / 1",
        "0 / 2 / 0 / 1",
    ];
    assert_eq!(boards(&outcome), expected);
    assert_eq!(slots(&outcome), ["-0.5; -0.25", "0.4; 0.6", "0.233334; 0.700002", "0; 0", "-; 0"]);
    assert_eq!(effects(&outcome), "2.25; 0; 2; 1.5");
    assert_eq!(verdict(&outcome), (1, Some(false), Some("Entry")));
    assert!(outcome.slots[4].waiting && !outcome.slots[3].effective);
}

#[test]
fn an_evaluated_answer_no_longer_waits() {
    let compiled = compiled();
    let outcome = score(&compiled, &columns(&compiled)[1]);
    let expected = [
        "3.550002 / 10.5 / 0.338095 / 4",
        "1.050002 / 6.5 / 0.161539 / 3",
        "2.5 / 4 / 0.625 / 1",
        "0.933334 / 7 / 0.133333 / 3",
        "-0.1 / 4 / -0.025 / 2",
        "1.033334 / 3 / 0.344445 / 2",
        "1.875 / 3 / 0.625 / 1",
        "1.25 / 2 / 0.625 / 1",
    ];
    assert_eq!(boards(&outcome), expected);
    assert_eq!(
        slots(&outcome),
        ["-0.5; -0.25", "0.4; 0.6", "0.233334; 0.700002", "0; 0", "0.625; 2.5"]
    );
    assert_eq!(effects(&outcome), "2.25; 0; 2; 1.5");
    assert_eq!(verdict(&outcome), (0, Some(false), Some("Entry")));
}

#[test]
fn nominal_points_count_exactly_and_give_a_rounded_rate() {
    let compiled = compiled();
    let outcome = score(&compiled, &columns(&compiled)[2]);
    let expected = [
        "3.85 / 10.5 / 0.366667 / 4",
        "1.35 / 6.5 / 0.207692 / 3",
        "2.5 / 4 / 0.625 / 1",
        "1.033333 / 7 / 0.147619 / 3",
        "-0.1 / 4 / -0.025 / 2",
        "1.133333 / 3 / 0.377778 / 2",
        "1.875 / 3 / 0.625 / 1",
        "1.25 / 2 / 0.625 / 1",
    ];
    assert_eq!(boards(&outcome), expected);
    assert_eq!(slots(&outcome), ["-0.5; -0.25", "0.4; 0.6", "0.333333; 1", "0; 0", "0.625; 2.5"]);
    assert_eq!(effects(&outcome), "2.25; 0; 2; 1.5");
    assert_eq!(verdict(&outcome), (0, Some(false), Some("Entry")));
}

#[test]
fn an_ignored_question_counts_nowhere() {
    let compiled = compiled();
    let outcome = score(&compiled, &columns(&compiled)[3]);
    let expected = [
        "4.1 / 8.5 / 0.482353 / 3",
        "1.6 / 4.5 / 0.355556 / 2",
        "2.5 / 4 / 0.625 / 1",
        "1.533333 / 4 / 0.383333 / 2",
        "0.4 / 1 / 0.4 / 1",
        "1.133333 / 3 / 0.377778 / 2",
        "1.875 / 3 / 0.625 / 1",
        "1.25 / 2 / 0.625 / 1",
    ];
    assert_eq!(boards(&outcome), expected);
    assert_eq!(slots(&outcome), ["-; 0", "0.4; 0.6", "0.333333; 1", "0; 0", "0.625; 2.5"]);
    assert_eq!(effects(&outcome), "2.25; 0; 2; 1.5");
    assert_eq!(verdict(&outcome), (0, Some(true), Some("Sound")));
    assert!(outcome.slots[0].ignored && !outcome.slots[0].effective);
}

#[test]
fn a_blank_is_disregarded_and_a_late_candidate_waits_for_nobody() {
    let compiled = compiled();
    let outcome = score(&compiled, &second_candidate(&compiled));
    let expected = [
        "3 / 8.5 / 0.352941 / 3",
        "3 / 4.5 / 0.666667 / 2",
        "0 / 4 / 0 / 1",
        "1 / 4 / 0.25 / 2",
        "0 / 1 / 0 / 1",
        "1 / 3 / 0.333333 / 2",
        "0 / 3 / 0 / 1",
        "0 / 2 / 0 / 1",
    ];
    assert_eq!(boards(&outcome), expected);
    assert_eq!(slots(&outcome), ["-; 0", "-1; 0", "1; 3", "0; 0", "-; 0"]);
    assert_eq!(effects(&outcome), "2.5; 2.5; 0; -1");
    assert_eq!(verdict(&outcome), (0, Some(false), Some("Entry")));
    assert!(outcome.slots[0].blank && !outcome.slots[0].effective && outcome.slots[4].effective);
    assert!(
        outcome
            .basic_json(Timestamp::from_seconds(1_767_227_400))
            .starts_with("{\"completedAt\":1767227400,")
    );
}

#[test]
fn kept_anew_the_example_has_the_same_figures() {
    let (before, anew) =
        (compiled(), compile(&desk_screening(), &Seed([7; 32]), TimeFactor::ONE).unwrap());
    for (inputs, inputs_anew) in columns(&before).iter().zip(&columns(&anew)) {
        assert_eq!(score(&before, inputs), score(&anew, inputs_anew));
    }
    // In an English document a comma divides thousands.
    let point = second_candidate_writes(&anew, r#""9.99""#);
    assert_eq!(score(&anew, &point), score(&before, &second_candidate(&before)));
    let comma = score(&anew, &second_candidate(&anew)).slots[1].clone();
    assert!(!comma.valid && comma.points.is_zero());
}

#[test]
fn the_published_forms_hold_byte_for_byte() {
    let compiled = compiled();
    let outcome = score(&compiled, &columns(&compiled)[1]);
    let completed_at = Timestamp(1_767_225_600_999);
    assert_eq!(
        outcome.basic_json(completed_at),
        r#"{"completedAt":1767225600,"scoreboard":{"pointsAchieved":3.550002,"maxAchievablePoints":10.5,"achievementRatio":0.338095}}"#
    );
    assert_eq!(outcome.detailed_json(completed_at), DETAILED.replace('\n', ""));
}

const DETAILED: &str = r#"{"completedAt":1767225600,"scoreboard":{"pointsAchieved":3.550002,"maxAchievablePoints":10.5,"achievementRatio":0.338095,"noOfQuestions":4},
"sections":[{"uuid":"2e1643c0-5242-559a-af29-f0260c2d8e42","scoreboard":{"pointsAchieved":1.050002,"maxAchievablePoints":6.5,"achievementRatio":0.161539,"noOfQuestions":3}},
{"uuid":"21c5c73b-e90d-5bfc-95bd-d5f2f42209fd","scoreboard":{"pointsAchieved":2.5,"maxAchievablePoints":4,"achievementRatio":0.625,"noOfQuestions":1}}],
"dimensions":[
{"name":"Numeracy","scoreboard":{"pointsAchieved":0.933334,"maxAchievablePoints":7,"achievementRatio":0.133333,"noOfQuestions":3},"subDimensions":[
{"name":"Arithmetic","scoreboard":{"pointsAchieved":-0.1,"maxAchievablePoints":4,"achievementRatio":-0.025,"noOfQuestions":2}},
{"name":"Percentages","scoreboard":{"pointsAchieved":1.033334,"maxAchievablePoints":3,"achievementRatio":0.344445,"noOfQuestions":2}}]},
{"name":"Language","scoreboard":{"pointsAchieved":1.875,"maxAchievablePoints":3,"achievementRatio":0.625,"noOfQuestions":1},"subDimensions":[
{"name":"Writing","scoreboard":{"pointsAchieved":1.25,"maxAchievablePoints":2,"achievementRatio":0.625,"noOfQuestions":1}}]}],
"effects":[
{"name":"Style","score":2.25,"subEffects":[{"name":"Careful","score":0},{"name":"Quick","score":2}]},
{"name":"Drive","score":1.5,"subEffects":[]}]}"#;
