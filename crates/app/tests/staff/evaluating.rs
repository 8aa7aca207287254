//! Evaluations and corrections: refusals first, then the worked example A2, A3, A4 (domain rules,
//! 2.10).

use app::Failure;
use app::corrections::{CorrectionTarget, NewCorrection};
use app::evaluation::{NewScore, WaitingAnswersQuery};
use domain::id::InstanceId;
use domain::instance::Scope;
use domain::json::JsonNode;
use domain::refusal::Refusal;
use domain::scoring::Correction;
use testkit::TestApp;
use testkit::failures::{assert_refused, conflict_of, faults};
use testkit::fixtures::{decimal, new_evaluation, slot};

fn percentage(literal: &str) -> NewScore {
    NewScore::Percentage(decimal(literal))
}

fn correction(text: &str) -> NewCorrection {
    let correction = Correction::read(&JsonNode::parse(text.as_bytes(), 8).unwrap()).unwrap();
    NewCorrection { correction, reason: "The key was wrong.".into() }
}

async fn basic(test_app: &TestApp, instance: &InstanceId) -> String {
    test_app.row(instance).await.result_basic.unwrap()
}

fn scoreboard(points: &str, maximum: &str, ratio: &str) -> String {
    format!(
        r#"{{"completedAt":1767225600,"scoreboard":{{"pointsAchieved":{points},"maxAchievablePoints":{maximum},"achievementRatio":{ratio}}}}}"#
    )
}

#[tokio::test]
async fn without_the_scope_nothing_is_evaluated_and_nothing_waiting_is_shown() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let reader = test_app.key(&[Scope::ResultsRead, Scope::AnswersRead]);
    let query = WaitingAnswersQuery { task: None, limit: 10 };
    assert!(matches!(
        test_app.app.evaluation().waiting_answers(&reader, query).await,
        Err(Failure::InsufficientScope(_))
    ));
    let refused = test_app.app.instances().ignore(&reader, &test_app.task, &instance, None).await;
    assert!(matches!(refused, Err(Failure::InsufficientScope(_))));
}

#[tokio::test]
async fn an_open_instance_is_not_evaluated() {
    let test_app = TestApp::new().await;
    let (_, instance) = test_app.start_on_first_page().await;
    assert_refused(
        test_app.evaluate(&instance, "e", vec![new_evaluation(1, 1, percentage("50"))]).await,
        Refusal::InstanceOpen,
    );
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_its_slots_and_changes_nothing() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let (q1, q5) = (slot("q1"), slot("q5"));
    let before = test_app.row(&instance).await;
    for (list, expected) in [
        (vec![new_evaluation(q5, 1, percentage("100.5"))], ("evaluation_range", vec![q5])),
        (vec![new_evaluation(q5, 1, percentage("0.00001"))], ("evaluation_range", vec![q5])),
        (
            vec![new_evaluation(q5, 1, NewScore::Points(decimal("4.1")))],
            ("evaluation_range", vec![q5]),
        ),
        (vec![new_evaluation(q5, 1, NewScore::Rubric(Vec::new()))], ("evaluation_range", vec![q5])),
        (
            vec![new_evaluation(q5, 2, percentage("1")), new_evaluation(q1, 9, percentage("1"))],
            ("answer_changed", vec![q5, q1]),
        ),
    ] {
        assert_eq!(conflict_of(test_app.evaluate(&instance, "e", list).await), expected);
    }
    let twice =
        vec![new_evaluation(q5, 1, percentage("1")), new_evaluation(q5, 1, percentage("2"))];
    assert_eq!(
        faults(test_app.evaluate(&instance, "e", twice).await),
        ["/evaluations/1/slot conflicting_values"]
    );
    assert_eq!(
        faults(test_app.evaluate(&instance, "e", Vec::new()).await),
        ["/evaluations invalid_length"]
    );
    assert_eq!(test_app.row(&instance).await, before);
}

#[tokio::test]
async fn a_blank_answer_has_nothing_to_evaluate() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    let q5 = slot("q5");
    let refused =
        test_app.evaluate(&instance, "e", vec![new_evaluation(q5, 1, percentage("10"))]).await;
    assert_eq!(conflict_of(refused), ("nothing_to_evaluate", vec![q5]));
}

#[tokio::test]
async fn a_correction_of_no_question_or_in_no_way_is_refused() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    for place in [
        CorrectionTarget::Instance(instance.clone()),
        CorrectionTarget::Step(test_app.step.clone()),
    ] {
        let unknown = correction(r#"{"question":"q99","change":"ignore"}"#);
        let refused = app
            .corrections()
            .apply_correction(&staff, &test_app.task, place.clone(), unknown)
            .await;
        assert_eq!(faults(refused), ["/question unknown_reference"]);
        let wrong = correction(r#"{"question":"q1","change":"replace","otherwise":5}"#);
        let refused =
            app.corrections().apply_correction(&staff, &test_app.task, place.clone(), wrong).await;
        assert_eq!(conflict_of(refused).0, "correction_not_applicable");
        let silent = NewCorrection {
            reason: String::new(),
            ..correction(r#"{"question":"q1","change":"ignore"}"#)
        };
        assert_eq!(
            faults(app.corrections().apply_correction(&staff, &test_app.task, place, silent).await),
            ["/reason invalid_length"]
        );
    }
    assert_eq!(test_app.number("SELECT count(*) FROM correction").await, 0);
}

#[tokio::test]
async fn the_worked_example_runs_from_the_first_version_to_the_fourth() {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let (app, staff) = (&test_app.app, test_app.operator());
    let (q3, q5) = (slot("q3"), slot("q5"));

    let waiting = app
        .evaluation()
        .waiting_answers(
            &staff,
            WaitingAnswersQuery { task: Some(test_app.task.clone()), limit: 10 },
        )
        .await
        .unwrap();
    let [answer] = waiting.as_slice() else { panic!("one answer waits: {waiting:?}") };
    assert_eq!((answer.slot, answer.seq, answer.question_key.as_str()), (q5, 1, "q5"));
    assert_eq!((answer.points, answer.negative_points), (decimal("4"), decimal("2")));
    assert_eq!(answer.response, r#""Because it was due.""#);

    test_app.clock.pass_seconds(60);
    let a2 = test_app
        .evaluate(&instance, "two", vec![new_evaluation(q5, answer.seq, percentage("62.5"))])
        .await
        .unwrap();
    assert_eq!((a2.version, a2.waiting), (2, 0));
    assert_eq!(basic(&test_app, &instance).await, scoreboard("3.550002", "10.5", "0.338095"));
    assert!(
        app.evaluation()
            .waiting_answers(&staff, WaitingAnswersQuery { task: None, limit: 10 })
            .await
            .unwrap()
            .is_empty()
    );

    let again = test_app
        .evaluate(&instance, "two", vec![new_evaluation(q5, 1, percentage("10"))])
        .await
        .unwrap();
    assert_eq!(again, a2, "a repeat with the token gets the first answer");

    let a3 = test_app
        .evaluate(&instance, "three", vec![new_evaluation(q3, 1, NewScore::Points(decimal("1")))])
        .await
        .unwrap();
    assert_eq!(a3.version, 3);
    assert_eq!(basic(&test_app, &instance).await, scoreboard("3.85", "10.5", "0.366667"));
    assert!(test_app.row(&instance).await.result_detailed.unwrap().contains(
        r#""name":"Numeracy","scoreboard":{"pointsAchieved":1.033333,"maxAchievablePoints":7,"achievementRatio":0.147619,"noOfQuestions":3}"#
    ));

    let place = CorrectionTarget::Step(test_app.step.clone());
    let ignoring = correction(r#"{"question":"q1","change":"ignore"}"#);
    let done =
        app.corrections().apply_correction(&staff, &test_app.task, place, ignoring).await.unwrap();
    assert_eq!(done.versions, std::slice::from_ref(&instance));
    assert_eq!(basic(&test_app, &instance).await, scoreboard("4.1", "8.5", "0.482353"));
    let detail = app.instances().inspect_instance(&staff, &test_app.task, &instance).await.unwrap();
    let last = detail.versions.last().unwrap();
    assert_eq!((last.number, last.passed, last.level.as_deref()), (4, Some(true), Some("Sound")));
    assert_eq!(last.note.as_deref(), Some("The key was wrong."));

    let withdrawn = app.corrections().withdraw_correction(&staff, &done.id).await.unwrap();
    assert_eq!(withdrawn.versions.len(), 1);
    assert_eq!(basic(&test_app, &instance).await, scoreboard("3.85", "10.5", "0.366667"));
    let repeated = app.corrections().withdraw_correction(&staff, &done.id).await.unwrap();
    assert_eq!((repeated.versions.len(), repeated.unchanged), (0, 0));
    let row = test_app.row(&instance).await;
    assert_eq!((row.result_number, row.revision), (5, 6), "a start and five versions");
    test_app.events(&instance).await;
}

#[tokio::test]
async fn evaluations_saved_together_make_one_version_and_a_withdrawn_one_lets_the_answer_wait_again()
 {
    let test_app = TestApp::new().await;
    let instance = test_app.submit_candidate_a().await;
    let (q3, q5) = (slot("q3"), slot("q5"));
    let both = vec![
        new_evaluation(q5, 1, percentage("62.5")),
        new_evaluation(q3, 1, NewScore::Points(decimal("1"))),
    ];
    assert_eq!(test_app.evaluate(&instance, "e", both.clone()).await.unwrap().version, 2);
    let same = test_app.evaluate(&instance, "f", both).await.unwrap();
    assert_eq!(same.version, 2, "the same figures make no version");
    let (app, staff) = (&test_app.app, test_app.operator());
    let standing =
        app.evaluation().withdraw_evaluation(&staff, &test_app.task, &instance, q5).await.unwrap();
    assert_eq!((standing.version, standing.waiting), (3, 1));
    let missing = app.evaluation().withdraw_evaluation(&staff, &test_app.task, &instance, q5).await;
    assert!(matches!(missing, Err(Failure::NotFound)));
}

#[tokio::test]
async fn a_correction_waits_for_an_open_instance_and_holds_at_its_completion() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    let ignoring = correction(r#"{"question":"q1","change":"ignore"}"#);
    let place = CorrectionTarget::Instance(instance.clone());
    let done = test_app
        .app
        .corrections()
        .apply_correction(&test_app.operator(), &test_app.task, place, ignoring)
        .await
        .unwrap();
    assert_eq!((done.open, done.versions.len()), (1, 0));
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    // Without q1 the last blank of its section is q3, disregarded: q2 and q5 are left.
    assert_eq!(basic(&test_app, &instance).await, scoreboard("0", "5.5", "0"));
}
