//! Evaluations and corrections: refusals first, then the worked example A2, A3, A4 (domain rules, 2.10).

use crate::hall::Hall;
use crate::office::{assert_refused, candidate_a, decimal, evaluate, faults, given, key, operator, slot, unfit};
use app::Failure;
use app::corrections::{CorrectionPlace, NewCorrection};
use app::evaluation::{NewGiven, WaitingQuery};
use domain::id::InstanceId;
use domain::instance::Scope;
use domain::json::Node;
use domain::refusal::Refusal;
use domain::scoring::Correction;

fn percentage(literal: &str) -> NewGiven {
    NewGiven::Percentage(decimal(literal))
}

fn correction(text: &str) -> NewCorrection {
    let correction = Correction::read(&Node::parse(text.as_bytes(), 8).unwrap()).unwrap();
    NewCorrection { correction, reason: "The key was wrong.".into() }
}

async fn basic(hall: &Hall, instance: &InstanceId) -> String {
    hall.row(instance).await.result_basic.unwrap()
}

fn scoreboard(points: &str, maximum: &str, ratio: &str) -> String {
    format!(
        r#"{{"completedAt":1767225600,"scoreboard":{{"pointsAchieved":{points},"maxAchievablePoints":{maximum},"achievementRatio":{ratio}}}}}"#
    )
}

#[tokio::test]
async fn without_the_scope_nothing_is_evaluated_and_nothing_waiting_is_shown() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let reader = key(&hall, &[Scope::ResultsRead, Scope::AnswersRead]);
    let query = WaitingQuery { task: None, limit: 10 };
    assert!(matches!(hall.app.waiting(&reader, query).await, Err(Failure::InsufficientScope(_))));
    let refused = hall.app.ignore(&reader, &hall.task, &instance, None).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn an_open_instance_is_not_evaluated() {
    let hall = Hall::new().await;
    let (_, instance) = hall.seated().await;
    assert_refused(evaluate(&hall, &instance, "e", vec![given(1, 1, percentage("50"))]).await, Refusal::InstanceOpen);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_slots_and_changes_nothing() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let (q1, q5) = (slot("q1"), slot("q5"));
    let before = hall.row(&instance).await;
    for (list, expected) in [
        (vec![given(q5, 1, percentage("100.5"))], ("evaluation_range", vec![q5])),
        (vec![given(q5, 1, percentage("0.00001"))], ("evaluation_range", vec![q5])),
        (vec![given(q5, 1, NewGiven::Points(decimal("4.1")))], ("evaluation_range", vec![q5])),
        (vec![given(q5, 1, NewGiven::Rubric(Vec::new()))], ("evaluation_range", vec![q5])),
        (vec![given(q5, 2, percentage("1")), given(q1, 9, percentage("1"))], ("answer_changed", vec![q5, q1])),
    ] {
        assert_eq!(unfit(evaluate(&hall, &instance, "e", list).await), expected);
    }
    let twice = vec![given(q5, 1, percentage("1")), given(q5, 1, percentage("2"))];
    assert_eq!(faults(evaluate(&hall, &instance, "e", twice).await), ["/evaluations/1/slot conflicting_values"]);
    assert_eq!(faults(evaluate(&hall, &instance, "e", Vec::new()).await), ["/evaluations invalid_length"]);
    assert_eq!(hall.row(&instance).await, before);
}

#[tokio::test]
async fn a_blank_answer_has_nothing_to_evaluate() {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    hall.complete(&visitor, &instance, "c").await.unwrap();
    let q5 = slot("q5");
    let refused = evaluate(&hall, &instance, "e", vec![given(q5, 1, percentage("10"))]).await;
    assert_eq!(unfit(refused), ("nothing_to_evaluate", vec![q5]));
}

#[tokio::test]
async fn a_correction_of_no_question_or_in_no_way_is_refused() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let (app, staff) = (&hall.app, operator(&hall));
    for place in [CorrectionPlace::Instance(instance.clone()), CorrectionPlace::Step(hall.step.clone())] {
        let unknown = correction(r#"{"question":"q99","change":"ignore"}"#);
        let refused = app.correct(&staff, &hall.task, place.clone(), unknown).await;
        assert_eq!(faults(refused), ["/question unknown_reference"]);
        let wrong = correction(r#"{"question":"q1","change":"replace","otherwise":5}"#);
        let refused = app.correct(&staff, &hall.task, place.clone(), wrong).await;
        assert_eq!(unfit(refused).0, "correction_not_applicable");
        let silent = NewCorrection { reason: String::new(), ..correction(r#"{"question":"q1","change":"ignore"}"#) };
        assert_eq!(faults(app.correct(&staff, &hall.task, place, silent).await), ["/reason invalid_length"]);
    }
    assert_eq!(hall.number("SELECT count(*) FROM correction").await, 0);
}

#[tokio::test]
async fn the_worked_example_runs_from_the_first_version_to_the_fourth() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let (app, staff) = (&hall.app, operator(&hall));
    let (q3, q5) = (slot("q3"), slot("q5"));

    let waiting = app.waiting(&staff, WaitingQuery { task: Some(hall.task.clone()), limit: 10 }).await.unwrap();
    let [answer] = waiting.as_slice() else { panic!("one answer waits: {waiting:?}") };
    assert_eq!((answer.slot, answer.seq, answer.question_key.as_str()), (q5, 1, "q5"));
    assert_eq!((answer.points, answer.negative_points), (decimal("4"), decimal("2")));
    assert_eq!(answer.response, r#""Because it was due.""#);

    hall.clock.pass_seconds(60);
    let a2 = evaluate(&hall, &instance, "two", vec![given(q5, answer.seq, percentage("62.5"))]).await.unwrap();
    assert_eq!((a2.version, a2.waiting), (2, 0));
    assert_eq!(basic(&hall, &instance).await, scoreboard("3.550002", "10.5", "0.338095"));
    assert!(app.waiting(&staff, WaitingQuery { task: None, limit: 10 }).await.unwrap().is_empty());

    let again = evaluate(&hall, &instance, "two", vec![given(q5, 1, percentage("10"))]).await.unwrap();
    assert_eq!(again, a2, "a repeat with the token gets the first answer");

    let a3 = evaluate(&hall, &instance, "three", vec![given(q3, 1, NewGiven::Points(decimal("1")))]).await.unwrap();
    assert_eq!(a3.version, 3);
    assert_eq!(basic(&hall, &instance).await, scoreboard("3.85", "10.5", "0.366667"));
    assert!(hall.row(&instance).await.result_detailed.unwrap().contains(
        r#""name":"Numeracy","scoreboard":{"pointsAchieved":1.033333,"maxAchievablePoints":7,"achievementRatio":0.147619,"noOfQuestions":3}"#
    ));

    let place = CorrectionPlace::Step(hall.step.clone());
    let ignoring = correction(r#"{"question":"q1","change":"ignore"}"#);
    let done = app.correct(&staff, &hall.task, place, ignoring).await.unwrap();
    assert_eq!(done.versions, std::slice::from_ref(&instance));
    assert_eq!(basic(&hall, &instance).await, scoreboard("4.1", "8.5", "0.482353"));
    let detail = app.inspect(&staff, &hall.task, &instance).await.unwrap();
    let last = detail.versions.last().unwrap();
    assert_eq!((last.number, last.passed, last.level.as_deref()), (4, Some(true), Some("Sound")));
    assert_eq!(last.note.as_deref(), Some("The key was wrong."));

    let withdrawn = app.withdraw_correction(&staff, &done.id).await.unwrap();
    assert_eq!(withdrawn.versions.len(), 1);
    assert_eq!(basic(&hall, &instance).await, scoreboard("3.85", "10.5", "0.366667"));
    let repeated = app.withdraw_correction(&staff, &done.id).await.unwrap();
    assert_eq!((repeated.versions.len(), repeated.unchanged), (0, 0));
    let row = hall.row(&instance).await;
    assert_eq!((row.result_number, row.revision), (5, 6), "a start and five versions");
    hall.events(&instance).await;
}

#[tokio::test]
async fn evaluations_saved_together_make_one_version_and_a_withdrawn_one_lets_the_answer_wait_again() {
    let hall = Hall::new().await;
    let instance = candidate_a(&hall).await;
    let (q3, q5) = (slot("q3"), slot("q5"));
    let both = vec![given(q5, 1, percentage("62.5")), given(q3, 1, NewGiven::Points(decimal("1")))];
    assert_eq!(evaluate(&hall, &instance, "e", both.clone()).await.unwrap().version, 2);
    let same = evaluate(&hall, &instance, "f", both).await.unwrap();
    assert_eq!(same.version, 2, "the same figures make no version");
    let (app, staff) = (&hall.app, operator(&hall));
    let standing = app.withdraw_evaluation(&staff, &hall.task, &instance, q5).await.unwrap();
    assert_eq!((standing.version, standing.waiting), (3, 1));
    let missing = app.withdraw_evaluation(&staff, &hall.task, &instance, q5).await;
    assert!(matches!(missing, Err(Failure::NotFound)));
}

#[tokio::test]
async fn a_correction_waits_for_an_open_instance_and_holds_at_its_completion() {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    let ignoring = correction(r#"{"question":"q1","change":"ignore"}"#);
    let place = CorrectionPlace::Instance(instance.clone());
    let done = hall.app.correct(&operator(&hall), &hall.task, place, ignoring).await.unwrap();
    assert_eq!((done.open, done.versions.len()), (1, 0));
    hall.complete(&visitor, &instance, "c").await.unwrap();
    // Without q1 the last blank of its section is q3, disregarded: q2 and q5 are left.
    assert_eq!(basic(&hall, &instance).await, scoreboard("0", "5.5", "0"));
}
