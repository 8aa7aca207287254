//! Corrections of a whole step: in batches that nobody waits for, and that go on after a crash
//! (finding faults M7).

use app::caller::CandidateSession;
use app::correction_jobs::CorrectionProgress;
use app::corrections::{CorrectionOutcome, CorrectionTarget, NewCorrection};
use app::{App, Settings};
use domain::id::InstanceId;
use domain::json::JsonNode;
use domain::scoring::Correction;
use proptest::prelude::*;
use testkit::fixtures::{DESK_SCREENING, slot};
use testkit::{TestApp, candidate_session, client_context, write};

/// Responses to q1 of the worked example.
const CHOICES: [&str; 4] = [r#"["a"]"#, r#"["b"]"#, r#"["a","d"]"#, "[]"];

fn ignoring_q1() -> NewCorrection {
    let text = br#"{"question":"q1","change":"ignore"}"#;
    NewCorrection {
        correction: Correction::read(&JsonNode::parse(text, 8).unwrap()).unwrap(),
        reason: "Twice true.".into(),
    }
}

/// A test_app whose step is corrected so many ordinals a transaction.
async fn app_with_test(batch: i64) -> TestApp {
    TestApp::with_settings(DESK_SCREENING, Settings { batch_size: batch, ..Settings::default() })
        .await
}

async fn begun(test_app: &TestApp, number: usize, choice: usize) -> (CandidateSession, InstanceId) {
    let code = format!("0000000{number:03}");
    test_app.add_candidate(test_app.candidate(&format!("Cx{number:03}"), Some(&code))).await;
    let from = client_context(u8::try_from(number % 200).unwrap());
    let visitor =
        candidate_session(&test_app.app.delivery().enter_by_code(&from, &code).await.unwrap());
    let instance = test_app.start(&visitor, "t").await.unwrap();
    test_app.go(&visitor, &instance, 1).await.unwrap();
    test_app.answer(&visitor, &instance, write(slot("q1"), 1, CHOICES[choice])).await;
    (visitor, instance)
}

async fn complete(test_app: &TestApp, number: usize, choice: usize) -> InstanceId {
    let (visitor, instance) = begun(test_app, number, choice).await;
    test_app.complete(&visitor, &instance, "c").await.unwrap();
    instance
}

async fn correct_step(test_app: &TestApp) -> CorrectionOutcome {
    let place = CorrectionTarget::Step(test_app.step.clone());
    test_app
        .app
        .corrections()
        .apply_correction(&test_app.operator(), &test_app.task, place, ignoring_q1())
        .await
        .unwrap()
}

async fn progress(app: &App, test_app: &TestApp, done: &CorrectionOutcome) -> CorrectionProgress {
    app.corrections().correction_progress(&test_app.operator(), &done.id).await.unwrap()
}

/// State, number of versions and figures of every instance, in order of starting.
async fn results(test_app: &TestApp) -> Vec<String> {
    test_app
        .write(|tx| {
            let sql = "SELECT coalesce(result_detailed, 'open'), result_number FROM instance ORDER BY ordinal";
            tx.list(sql, &[], |row| Ok(format!("{} {}", row.get::<i64>(1)?, row.get::<String>(0)?)))
        })
        .await
}

#[tokio::test]
async fn a_correction_that_is_killed_in_the_middle_goes_on_at_the_next_start_m7() {
    let test_app = app_with_test(1).await;
    let (mut instances, mut open) = (Vec::new(), Vec::new());
    for number in 0..24 {
        instances.push(complete(&test_app, number, number % 4).await);
    }
    open.push(begun(&test_app, 24, 0).await);
    let done = correct_step(&test_app).await;
    let job = done.job.clone().unwrap();
    // Ten transactions of one instance each were made while the caller waited.
    assert_eq!((job.is_done, job.position, job.total, done.versions.len()), (false, 10, 25, 10));
    assert_eq!(
        test_app
            .app
            .corrections()
            .unfinished_corrections(&test_app.operator(), &test_app.task)
            .await
            .unwrap(),
        [job]
    );
    let (visitor, last) = open.remove(0);
    test_app.complete(&visitor, &last, "c").await.unwrap();
    let held = test_app.row(&last).await.result_detailed.unwrap();
    let test_app = test_app.reopened().await;
    assert_eq!(progress(&test_app.app, &test_app, &done).await.position, 10);
    assert_eq!(
        test_app.app.corrections().resume_corrections().await.unwrap(),
        0,
        "for some seconds it is left to whoever began it"
    );
    test_app.clock.pass_seconds(6);
    assert!(test_app.app.corrections().resume_corrections().await.unwrap() > 0);
    let job = progress(&test_app.app, &test_app, &done).await;
    assert_eq!(
        (job.is_done, job.position, job.versions, job.unchanged, job.failed),
        (true, 25, 24, 1, 0)
    );
    for instance in &instances {
        assert_eq!(
            test_app.row(instance).await.result_number,
            2,
            "each got one version and no second one"
        );
        test_app.events(instance).await;
    }
    let row = test_app.row(&last).await;
    assert_eq!(
        (row.result_number, row.result_detailed.unwrap()),
        (1, held),
        "whoever completes meanwhile has it already"
    );
    assert_eq!(test_app.app.corrections().resume_corrections().await.unwrap(), 0);
}

#[tokio::test]
async fn another_server_goes_on_with_a_correction_and_one_that_is_withdrawn_meanwhile_leaves_no_trace_m7()
 {
    let test_app = app_with_test(1).await;
    for number in 0..14 {
        complete(&test_app, number, number % 4).await;
    }
    let before: Vec<String> = results(&test_app)
        .await
        .iter()
        .map(|text| text.split_once(' ').unwrap().1.into())
        .collect();
    let done = correct_step(&test_app).await;
    assert!(!done.job.as_ref().unwrap().is_done);
    let withdrawn = test_app
        .app
        .corrections()
        .withdraw_correction(&test_app.operator(), &done.id)
        .await
        .unwrap();
    let job = withdrawn.job.unwrap();
    assert_eq!(
        (job.is_withdrawal, job.is_done, job.position, withdrawn.versions.len()),
        (true, false, 10, 10)
    );
    test_app.clock.pass_seconds(6);
    let node = test_app.another_node(7).await;
    node.corrections().resume_corrections().await.unwrap();
    let job = progress(&node, &test_app, &done).await;
    assert_eq!(
        (job.is_done, job.versions, job.unchanged),
        (true, 10, 4),
        "four had not been reached"
    );
    let after: Vec<String> = results(&test_app)
        .await
        .iter()
        .map(|text| text.split_once(' ').unwrap().1.into())
        .collect();
    assert_eq!(after, before);
    let again = test_app
        .app
        .corrections()
        .withdraw_correction(&test_app.operator(), &done.id)
        .await
        .unwrap();
    assert_eq!((again.versions.len(), again.job.map(|job| job.is_done)), (0, Some(true)));
}

#[tokio::test]
async fn an_instance_that_cannot_be_computed_keeps_no_other_from_its_correction_m7() {
    let test_app = app_with_test(200).await;
    for number in 0..3 {
        complete(&test_app, number, 0).await;
    }
    test_app.sql("UPDATE instance SET time_factor = '?' WHERE ordinal = 2").await;
    let test_app = test_app.reopened().await;
    let done = correct_step(&test_app).await;
    let job = done.job.unwrap();
    assert_eq!((job.is_done, job.versions, job.failed, done.versions.len()), (true, 2, 1, 2));
}

#[tokio::test]
async fn saves_go_on_between_the_batches_of_a_correction_m7() {
    let test_app = app_with_test(1).await;
    for number in 0..12 {
        complete(&test_app, number, 0).await;
    }
    let (visitor, instance) = begun(&test_app, 20, 1).await;
    let done = correct_step(&test_app).await;
    test_app.clock.pass_seconds(6);
    let (app, saves) = (test_app.app.clone(), async {
        for seq in 2..12 {
            test_app.answer(&visitor, &instance, write(slot("q1"), seq, CHOICES[0])).await;
        }
    });
    let corrections = app.corrections();
    let (resumed, ()) = tokio::join!(corrections.resume_corrections(), saves);
    assert!(resumed.unwrap() >= 3);
    assert!(progress(&test_app.app, &test_app, &done).await.is_done);
}

/// Where the locks of a batch alone took longer than a batch may, it was given up each time before
/// its first instance.
#[tokio::test]
async fn a_correction_goes_on_however_slow_the_database_is() {
    let test_app = app_with_test(200).await;
    for number in 0..5 {
        complete(&test_app, number, 0).await;
    }
    test_app.clock.slow_down(50);
    let done = correct_step(&test_app).await;
    test_app.clock.pass_seconds(6);
    test_app.app.corrections().resume_corrections().await.unwrap();
    let job = progress(&test_app.app, &test_app, &done).await;
    assert_eq!((job.is_done, job.versions, job.failed), (true, 5, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    /// Whatever was answered, whoever is still open and however large the batches are.
    #[test]
    fn batches_come_to_what_one_transaction_over_all_comes_to_m7(
        choices in proptest::collection::vec((0..4_usize, any::<bool>()), 1..9),
        batch in 1..5_i64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let corrected = |size: i64| {
            let choices = choices.clone();
            runtime.block_on(async move {
                let test_app = app_with_test(size).await;
                for (number, (choice, is_complete)) in choices.into_iter().enumerate() {
                    match is_complete {
                        true => drop(complete(&test_app, number, choice).await),
                        false => drop(begun(&test_app, number, choice).await),
                    }
                }
                let done = correct_step(&test_app).await;
                test_app.clock.pass_seconds(6);
                test_app.app.corrections().resume_corrections().await.unwrap();
                let CorrectionProgress { versions, open, unchanged, .. } = progress(&test_app.app, &test_app, &done).await;
                (results(&test_app).await, versions, open, unchanged)
            })
        };
        prop_assert_eq!(corrected(batch), corrected(1000));
    }
}

#[tokio::test]
async fn a_preview_says_what_a_correction_does_and_changes_nothing() {
    let test_app = app_with_test(50).await;
    for number in 0..12 {
        complete(&test_app, number, number % 4).await;
    }
    begun(&test_app, 12, 0).await;
    let text = br#"{"question":"q1","change":"replace","choices":{"a":0,"b":100,"d":0}}"#;
    let correction = Correction::read(&JsonNode::parse(text, 8).unwrap()).unwrap();
    let preview = async |correction: &Correction| {
        let corrections = test_app.app.corrections();
        corrections
            .preview_correction(&test_app.operator(), &test_app.task, &test_app.step, correction)
            .await
    };
    let before = results(&test_app).await;
    let seen = preview(&correction).await.unwrap();
    assert_eq!(results(&test_app).await, before);
    assert_eq!(test_app.number("SELECT count(*) FROM correction").await, 0);
    assert_eq!((seen.finished, seen.open, seen.is_part), (12, 1, false));
    assert!(seen.up > 0 && seen.down > 0 && seen.changed >= seen.up + seen.down, "{seen:?}");
    let asked = test_app
        .app
        .corrections()
        .asked_question(&test_app.operator(), &test_app.task, &test_app.step, "q1")
        .await
        .unwrap();
    assert_eq!((asked.question.key.as_str(), asked.wordings, asked.is_ignored), ("q1", 1, false));
    let passed =
        "SELECT count(*) FROM instance WHERE passed AND state = 'COMPLETE' AND waiting = 0";
    assert_eq!(test_app.number(passed).await.unsigned_abs(), seen.passed_before);
    let place = CorrectionTarget::Step(test_app.step.clone());
    let new = NewCorrection { correction: correction.clone(), reason: "Wrong key.".into() };
    let done = test_app
        .app
        .corrections()
        .apply_correction(&test_app.operator(), &test_app.task, place, new)
        .await
        .unwrap();
    assert_eq!(done.versions.len() as u64, seen.changed);
    assert_eq!(done.unchanged as u64, seen.finished - seen.changed);
    assert_eq!(test_app.number(passed).await.unsigned_abs(), seen.passed_after);
    assert_eq!(seen.passed_after + seen.no_longer_pass, seen.passed_before + seen.now_pass);
    let again = preview(&correction).await.unwrap();
    assert_eq!((again.changed, again.mean_before), (0, seen.mean_after));
    let key = domain::document::key::ElementKey::parse("q99").unwrap();
    let unknown = Correction { question: key, ..correction };
    assert!(preview(&unknown).await.is_err());
    let reader = test_app.key(&[domain::instance::Scope::ResultsRead]);
    let refused = test_app
        .app
        .corrections()
        .preview_correction(&reader, &test_app.task, &test_app.step, &unknown)
        .await;
    assert!(matches!(refused, Err(app::Failure::InsufficientScope(_))));
}
