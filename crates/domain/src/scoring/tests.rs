use super::correction::CorrectionChange;
use super::evaluation::EvaluationScore;
use super::*;
use crate::compile::compile;
use crate::compile::random::Seed;
use crate::document::model::{Level, MultipleChoice, QuestionBody};
use crate::fixture::{
    assigned, choice, choices, declared, effect, field, item, key, matching, number, numeric,
    of_questions, page, question, section, test,
};
use crate::instance::EvaluationMethod;
use crate::time_factor::TimeFactor;
use std::sync::Arc;

fn compiled(test: &Arc<Test>) -> CompiledTest {
    compile(test, &Seed([0; 32]), TimeFactor::ONE).unwrap()
}

fn right_or_wrong(name: &str) -> Question {
    question(
        name,
        QuestionBody::MultipleChoice(choices(vec![
            choice("right", "100"),
            choice("wrong", "-100"),
        ])),
    )
}

fn essay(name: &str) -> Question {
    question(name, QuestionBody::Input(field(Vec::new())))
}

fn chosen(names: &[&str]) -> Response {
    Response::Choices(names.iter().map(|name| key(name)).collect())
}

fn typed(text: &str) -> Response {
    Response::Text(text.to_owned())
}

fn inputs(answers: &[(u32, Response)]) -> ScoringInputs {
    let answers = answers
        .iter()
        .map(|(slot, response)| (*slot, Answer { seq: 1, response: response.clone() }));
    ScoringInputs { answers: answers.collect(), ..ScoringInputs::default() }
}

fn evaluation(question: &Question, score: EvaluationScore, seq: u64) -> Evaluation {
    let answer = Answer { seq, response: typed("x") };
    Evaluation::new(question, Some(&answer), score, EvaluationMethod::Manual, seq).unwrap()
}

#[test]
fn an_answer_that_is_not_valid_earns_nothing_and_triggers_nothing() {
    let mut tempting = choice("a", "100");
    tempting.effects = vec![effect(&["Style"], "1")];
    let body = MultipleChoice { min_selections: 2, ..choices(vec![tempting, choice("b", "0")]) };
    let mut test =
        Test::clone(&of_questions(vec![question("q", QuestionBody::MultipleChoice(body))]));
    test.effects = vec![declared("Style", &[])];
    let outcome = score(&compiled(&Arc::new(test)), &inputs(&[(1, chosen(&["a"]))]));
    let figure = &outcome.slots[0];
    assert!(!figure.valid && !figure.blank && figure.effective);
    assert_eq!((figure.rate, outcome.scoreboard.points), (Some(Decimal::ZERO), Decimal::ZERO));
    assert_eq!(
        (outcome.scoreboard.maximum, outcome.effects[0].score),
        (Decimal::ONE, Decimal::ZERO)
    );
}

#[test]
fn blank_and_ineffective_slots_never_wait() {
    let ineffective = Question { effective: false, ..essay("c") };
    let compiled = compiled(&of_questions(vec![essay("a"), essay("b"), ineffective]));
    let outcome = score(&compiled, &inputs(&[(2, typed("x")), (3, typed("y"))]));
    let waiting: Vec<_> = outcome.slots.iter().map(|figure| figure.waiting).collect();
    assert_eq!((waiting.as_slice(), outcome.waiting), ([false, true, false].as_slice(), 1));
    assert_eq!(outcome.slots[1].rate, None);
}

#[test]
fn an_evaluation_wins_over_rules_and_falls_with_its_answer() {
    let compiled = compiled(&of_questions(vec![right_or_wrong("q")]));
    let mut inputs = inputs(&[(1, chosen(&["wrong"]))]);
    let half =
        evaluation(&compiled.slots[0].question, EvaluationScore::Percentage(number("50")), 1);
    inputs.evaluations.insert(1, half);
    assert_eq!(score(&compiled, &inputs).slots[0].rate, Some(number("0.5")));
    inputs.answers.insert(1, Answer { seq: 2, response: chosen(&["wrong"]) });
    assert_eq!(score(&compiled, &inputs).slots[0].rate, Some(number("-1")));
    inputs.answers.clear();
    assert_eq!(score(&compiled, &inputs), score(&compiled, &ScoringInputs::default()));
}

#[test]
fn nominal_points_count_by_their_rate_once_the_question_is_worth_more() {
    let compiled = compiled(&of_questions(vec![Question { points: number("3"), ..essay("q") }]));
    let mut inputs = inputs(&[(1, typed("x"))]);
    let one = evaluation(&compiled.slots[0].question, EvaluationScore::Points(number("1")), 1);
    inputs.evaluations.insert(1, one);
    assert_eq!(score(&compiled, &inputs).scoreboard.points, number("1"));
    inputs.corrections =
        serde_json::from_str(r#"[{"question":"q","change":"replace","points":6}]"#).unwrap();
    let corrected = score(&compiled, &inputs).scoreboard;
    assert_eq!((corrected.points, corrected.maximum), (number("1.999998"), number("6")));
}

#[test]
fn a_blank_match_question_earns_its_blank_percentages_unless_disregarded() {
    let mut only = item("i", &[("o", "100")]);
    only.blank_percentage = number("-50");
    let question = Question {
        negative_points: number("2"),
        ..question("m", QuestionBody::Match(matching(vec![only], &["o"])))
    };
    let of_blanks = |ignorable_blanks| {
        let mut part = section("s", vec![page("p", vec![question.clone(), right_or_wrong("q")])]);
        part.ignorable_blanks = ignorable_blanks;
        score(&compiled(&Arc::new(test(vec![part]))), &ScoringInputs::default())
    };
    assert_eq!(
        (of_blanks(0).slots[0].rate, of_blanks(0).scoreboard.points),
        (Some(number("-0.5")), number("-1"))
    );
    assert_eq!(
        (of_blanks(1).scoreboard.points, of_blanks(1).scoreboard.questions),
        (number("-1"), 1)
    );
    assert_eq!((of_blanks(2).slots[0].rate, of_blanks(2).scoreboard.questions), (None, 0));
}

#[test]
fn an_ignored_question_is_no_blank_to_be_disregarded() {
    let mut part = section(
        "s",
        vec![page("p", vec![right_or_wrong("a"), right_or_wrong("b"), right_or_wrong("c")])],
    );
    part.ignorable_blanks = 1;
    let corrections = vec![Correction { question: key("c"), change: CorrectionChange::Ignore }];
    let outcome = score(
        &compiled(&Arc::new(test(vec![part]))),
        &ScoringInputs { corrections, ..ScoringInputs::default() },
    );
    assert_eq!(
        outcome.slots.iter().map(|figure| figure.effective).collect::<Vec<_>>(),
        [true, false, false]
    );
}

#[test]
fn ineffective_questions_still_trigger_effects() {
    let mut calm = choice("a", "0");
    calm.effects = vec![effect(&["Style", "Calm"], "2"), effect(&["Undeclared"], "9")];
    let body = question("q", QuestionBody::MultipleChoice(choices(vec![calm, choice("b", "0")])));
    let mut test = Test::clone(&of_questions(vec![Question { effective: false, ..body }]));
    test.effects = vec![declared("Style", &["Calm"])];
    let outcome = score(&compiled(&Arc::new(test)), &inputs(&[(1, chosen(&["a"]))]));
    assert_eq!(
        (outcome.effects[0].score, outcome.effects[0].subs[0].score),
        (number("2"), number("2"))
    );
    assert_eq!(outcome.scoreboard, Scoreboard::default());
}

#[test]
fn a_path_nobody_declared_counts_nowhere() {
    let question =
        Question { dimensions: vec![assigned(&["Unknown"], "5", "0")], ..right_or_wrong("q") };
    let outcome =
        score(&compiled(&of_questions(vec![question])), &inputs(&[(1, chosen(&["right"]))]));
    assert_eq!((outcome.dimensions.len(), outcome.scoreboard.points), (0, Decimal::ONE));
}

#[test]
fn the_verdict_and_the_level_look_at_published_figures() {
    let level =
        |name: &str, from: Option<&str>| Level { name: name.to_owned(), from: from.map(number) };
    let body = |name: &str| Question { negative_points: number("1"), ..right_or_wrong(name) };
    let mut test = Test::clone(&of_questions(vec![body("a"), body("b"), body("c")]));
    test.levels = vec![
        level("Low", None),
        level("Middle", Some("0.333333")),
        level("High", Some("0.333334")),
    ];
    let outcome = |mark, answers: &[(u32, Response)]| {
        let test = Test { pass_mark: mark, ..test.clone() };
        let outcome = score(&compiled(&Arc::new(test)), &inputs(answers));
        (outcome.passed, outcome.level.unwrap())
    };
    let one_right = [(1, chosen(&["right"]))];
    assert_eq!(outcome(None, &one_right), (None, "Middle".to_owned()));
    assert_eq!(outcome(Some(PassMark::Ratio(number("0.333334"))), &one_right).0, Some(false));
    assert_eq!(outcome(Some(PassMark::Ratio(number("0.333333"))), &one_right).0, Some(true));
    assert_eq!(outcome(Some(PassMark::Points(number("1"))), &one_right).0, Some(true));
    assert_eq!(
        outcome(Some(PassMark::Points(number("0"))), &[(1, chosen(&["wrong"]))]),
        (Some(false), "Low".to_owned())
    );
}

#[test]
fn collecting_without_scoring_earns_nothing() {
    let question = Question { evaluation: Evaluator::None, effective: false, ..essay("q") };
    let outcome = score(&compiled(&of_questions(vec![question])), &inputs(&[(1, typed("x"))]));
    assert_eq!((outcome.slots[0].rate, outcome.waiting), (Some(Decimal::ZERO), 0));
}

#[test]
fn names_are_quoted_in_the_published_form() {
    let mut test = Test::clone(&of_questions(vec![question(
        "q",
        QuestionBody::Input(numeric(Vec::new(), "0")),
    )]));
    test.dimensions = vec![declared("A \"b\" \\", &[])];
    let json = score(&compiled(&Arc::new(test)), &ScoringInputs::default())
        .detailed_json(crate::time::Timestamp(0));
    assert!(json.contains(r#"{"name":"A \"b\" \\","scoreboard":{"pointsAchieved":0,"#));
    assert!(json.ends_with(r#""noOfQuestions":0},"subDimensions":[]}],"effects":[]}"#));
}

#[test]
fn the_digest_tells_every_input_apart() {
    let base = inputs(&[(1, typed("x"))]);
    let digest = |inputs: &ScoringInputs, seed: u8, document: u8| {
        inputs_digest(&[document; 32], &Seed([seed; 32]), TimeFactor::ONE, inputs)
    };
    let mut evaluated = base.clone();
    evaluated
        .evaluations
        .insert(1, evaluation(&essay("q"), EvaluationScore::Percentage(number("50")), 1));
    let mut corrected = base.clone();
    corrected.corrections.push(Correction { question: key("q"), change: CorrectionChange::Ignore });
    let mut rewritten = base.clone();
    rewritten.answers.insert(1, Answer { seq: 2, response: typed("x") });
    let digests = [
        digest(&base, 0, 0),
        digest(&base, 1, 0),
        digest(&base, 0, 1),
        digest(&evaluated, 0, 0),
        digest(&corrected, 0, 0),
        digest(&rewritten, 0, 0),
        digest(&inputs(&[(2, typed("x"))]), 0, 0),
    ];
    let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len());
    assert_eq!(digest(&base, 0, 0), digest(&base.clone(), 0, 0));
}
