use super::*;
use crate::document::key::ElementKey;
use crate::document::model::QuestionBody;
use crate::fixture::{field, number, question};
use crate::response::Response;

fn essay() -> Question {
    Question {
        points: number("3"),
        negative_points: number("2"),
        ..question("q", QuestionBody::Input(field(Vec::new())))
    }
}

fn answer() -> Answer {
    Answer { seq: 4, response: Response::Text("text".to_owned()) }
}

fn evaluated(score: EvaluationScore) -> Result<Evaluation, EvaluationFault> {
    Evaluation::new(&essay(), Some(&answer()), score, EvaluationMethod::Manual, 4)
}

fn percentage(literal: &str) -> EvaluationScore {
    EvaluationScore::Percentage(number(literal))
}

fn points(literal: &str) -> EvaluationScore {
    EvaluationScore::Points(number(literal))
}

#[test]
fn blank_slots_and_changed_answers_are_not_evaluated() {
    let score = percentage("50");
    let blank = Evaluation::new(&essay(), None, score, EvaluationMethod::Ai, 4);
    assert_eq!(blank, Err(EvaluationFault::NothingToEvaluate));
    let changed = Evaluation::new(&essay(), Some(&answer()), score, EvaluationMethod::Ai, 3);
    assert_eq!(changed, Err(EvaluationFault::AnswerChanged));
}

#[test]
fn what_is_given_outside_its_range_is_refused() {
    let outside = [
        percentage("100.0001"),
        percentage("-100.0001"),
        percentage("0.00001"),
        points("3.000001"),
        points("-2.000001"),
        points("0.0000001"),
    ];
    for score in outside {
        assert_eq!(evaluated(score), Err(EvaluationFault::OutOfRange), "{score:?}");
    }
    for score in
        [percentage("-100"), percentage("99.9999"), points("3"), points("-2"), points("0.000001")]
    {
        assert!(evaluated(score).is_ok(), "{score:?}");
    }
}

#[test]
fn nominal_points_reappear_unchanged_until_the_question_is_worth_something_else() {
    let evaluation = evaluated(points("1")).unwrap();
    assert_eq!(evaluation.rate(), number("0.333333"));
    assert_eq!(evaluation.points(QuestionPoints::of(&essay())), number("1"));
    let worth_more = QuestionPoints { points: number("6"), negative_points: number("2") };
    assert_eq!(evaluation.points(worth_more), number("1.999998"));
    assert_eq!(evaluated(points("-1")).unwrap().rate(), number("-0.5"));
    assert_eq!(evaluated(points("0")).unwrap().rate(), number("0"));
}

#[test]
fn a_question_worth_nothing_takes_zero_points_only() {
    let worthless = Question { points: number("0"), negative_points: number("0"), ..essay() };
    let score =
        |score| Evaluation::new(&worthless, Some(&answer()), score, EvaluationMethod::Manual, 4);
    assert_eq!(score(points("0.000001")), Err(EvaluationFault::OutOfRange));
    assert_eq!(score(points("0")).unwrap().rate(), number("0"));
}

#[test]
fn a_rubric_weighs_its_criteria() {
    let criterion = |weight: &str, percentage: &str| Criterion {
        weight: number(weight),
        percentage: number(percentage),
    };
    for refused in [
        vec![],
        vec![criterion("0", "50")],
        vec![criterion("-1", "50")],
        vec![criterion("1", "100.1")],
    ] {
        assert_eq!(score_by_rubric(&refused), Err(EvaluationFault::OutOfRange));
    }
    assert_eq!(
        score_by_rubric(&[criterion("2", "100"), criterion("1", "0")]),
        Ok(percentage("66.6667"))
    );
    assert_eq!(
        score_by_rubric(&[criterion("2", "-100"), criterion("1", "0")]),
        Ok(percentage("-66.6667"))
    );
    assert_eq!(score_by_rubric(&vec![criterion("100000", "100"); 100]), Ok(percentage("100")));
}

fn rubric() -> Vec<QuestionCriterion> {
    let key = |text: &str| ElementKey::parse(text).unwrap();
    let level = |(name, value): (&str, &str)| CriterionLevel {
        key: key(name),
        title: name.to_owned(),
        description: String::new(),
        percentage: number(value),
    };
    let criterion = |(name, weight): (&str, &str)| QuestionCriterion {
        key: key(name),
        title: name.to_owned(),
        description: String::new(),
        weight: number(weight),
        levels: [("good", "100"), ("fair", "50"), ("poor", "0")].map(level).to_vec(),
    };
    [("content", "2"), ("style", "1")].map(criterion).to_vec()
}

fn chosen(criterion: &str, level: Option<&str>, share: Option<&str>) -> CriterionChoice {
    CriterionChoice {
        criterion: Some(criterion.to_owned()),
        level: level.map(str::to_owned),
        weight: None,
        percentage: share.map(number),
    }
}

#[test]
fn what_does_not_fit_the_rubric_of_a_question_is_refused() {
    let style = || chosen("style", Some("poor"), None);
    let free = CriterionChoice {
        weight: Some(number("1")),
        percentage: Some(number("50")),
        ..CriterionChoice::default()
    };
    for refused in [
        vec![],
        vec![style()],
        vec![style(), style()],
        vec![style(), chosen("form", Some("good"), None)],
        vec![style(), chosen("content", Some("best"), None)],
        vec![style(), chosen("content", None, None)],
        vec![style(), chosen("content", Some("good"), Some("100"))],
        vec![style(), chosen("content", Some("good"), None), free.clone()],
        vec![free.clone(), free.clone()],
    ] {
        let lines = rubric_lines(&rubric(), &refused);
        assert_eq!(lines, Err(EvaluationFault::RubricMismatch), "{refused:?}");
    }
    assert_eq!(rubric_lines(&[], &[style()]), Err(EvaluationFault::RubricMismatch));
    assert!(rubric_lines(&[], &[free]).is_ok());
}

#[test]
fn a_level_or_a_percentage_is_named_for_each_criterion_and_kept_with_its_weight() {
    let choices = [chosen("style", None, Some("40")), chosen("content", Some("good"), None)];
    let lines = rubric_lines(&rubric(), &choices).unwrap();
    let kept = serde_json::to_string(&lines).unwrap();
    assert_eq!(
        kept,
        r#"[{"criterion":"content","level":"good","weight":2,"percentage":100},{"criterion":"style","weight":1,"percentage":40}]"#
    );
    assert_eq!(parse_rubric_lines(&kept), Some(lines.clone()));
    let criteria: Vec<Criterion> = lines.iter().map(Criterion::from).collect();
    assert_eq!(score_by_rubric(&criteria), Ok(percentage("80")));
}
