//! Corrections of a whole step: in batches that nobody waits for, and that go on after a crash (finding faults M7).

use crate::hall::{DESK_SCREENING, Hall, knock, visitor, write};
use crate::office::{operator, slot};
use app::caller::Visitor;
use app::correction_jobs::CorrectionProgress;
use app::corrections::{Corrected, CorrectionPlace, NewCorrection};
use app::{App, Settings};
use domain::id::InstanceId;
use domain::json::Node;
use domain::scoring::Correction;
use proptest::prelude::*;

/// Responses to q1 of the worked example.
const CHOICES: [&str; 4] = [r#"["a"]"#, r#"["b"]"#, r#"["a","d"]"#, "[]"];

fn ignoring_q1() -> NewCorrection {
    let text = br#"{"question":"q1","change":"ignore"}"#;
    NewCorrection {
        correction: Correction::read(&Node::parse(text, 8).unwrap()).unwrap(),
        reason: "Twice true.".into(),
    }
}

/// A hall whose step is corrected so many ordinals a transaction.
async fn hall_of(batch: i64) -> Hall {
    Hall::with_settings(DESK_SCREENING, Settings { batch_size: batch, ..Settings::default() }).await
}

async fn begun(hall: &Hall, number: usize, choice: usize) -> (Visitor, InstanceId) {
    let code = format!("0000000{number:03}");
    hall.add_candidate(hall.candidate(&format!("Cx{number:03}"), Some(&code))).await;
    let from = knock(u8::try_from(number % 200).unwrap());
    let visitor = visitor(&hall.app.enter_by_code(&from, &code).await.unwrap());
    let instance = hall.start(&visitor, "t").await.unwrap();
    hall.go(&visitor, &instance, 1).await.unwrap();
    hall.answer(&visitor, &instance, write(slot("q1"), 1, CHOICES[choice])).await;
    (visitor, instance)
}

async fn complete(hall: &Hall, number: usize, choice: usize) -> InstanceId {
    let (visitor, instance) = begun(hall, number, choice).await;
    hall.complete(&visitor, &instance, "c").await.unwrap();
    instance
}

async fn correct_step(hall: &Hall) -> Corrected {
    let place = CorrectionPlace::Step(hall.step.clone());
    hall.app.correct(&operator(hall), &hall.task, place, ignoring_q1()).await.unwrap()
}

async fn progress(app: &App, hall: &Hall, done: &Corrected) -> CorrectionProgress {
    app.correction_progress(&operator(hall), &done.id).await.unwrap()
}

/// State, number of versions and figures of every instance, in order of starting.
async fn results(hall: &Hall) -> Vec<String> {
    hall.write(|tx| {
        let sql = "SELECT coalesce(result_detailed, 'open'), result_number FROM instance ORDER BY ordinal";
        tx.list(sql, &[], |row| Ok(format!("{} {}", row.get::<i64>(1)?, row.get::<String>(0)?)))
    })
    .await
}

#[tokio::test]
async fn a_correction_that_is_killed_in_the_middle_goes_on_at_the_next_start_m7() {
    let hall = hall_of(1).await;
    let (mut instances, mut open) = (Vec::new(), Vec::new());
    for number in 0..24 {
        instances.push(complete(&hall, number, number % 4).await);
    }
    open.push(begun(&hall, 24, 0).await);
    let done = correct_step(&hall).await;
    let job = done.job.clone().unwrap();
    // Ten transactions of one instance each were made while the caller waited.
    assert_eq!((job.is_done, job.position, job.total, done.versions.len()), (false, 10, 25, 10));
    assert_eq!(hall.app.corrections_at_work(&operator(&hall), &hall.task).await.unwrap(), [job]);
    let (visitor, last) = open.remove(0);
    hall.complete(&visitor, &last, "c").await.unwrap();
    let held = hall.row(&last).await.result_detailed.unwrap();
    let hall = hall.reopened().await;
    assert_eq!(progress(&hall.app, &hall, &done).await.position, 10);
    assert_eq!(hall.app.resume_corrections().await.unwrap(), 0, "for some seconds it is left to whoever began it");
    hall.clock.pass_seconds(6);
    assert!(hall.app.resume_corrections().await.unwrap() > 0);
    let job = progress(&hall.app, &hall, &done).await;
    assert_eq!((job.is_done, job.position, job.versions, job.unchanged, job.failed), (true, 25, 24, 1, 0));
    for instance in &instances {
        assert_eq!(hall.row(instance).await.result_number, 2, "each got one version and no second one");
        hall.events(instance).await;
    }
    let row = hall.row(&last).await;
    assert_eq!(
        (row.result_number, row.result_detailed.unwrap()),
        (1, held),
        "whoever completes meanwhile has it already"
    );
    assert_eq!(hall.app.resume_corrections().await.unwrap(), 0);
}

#[tokio::test]
async fn another_server_goes_on_with_a_correction_and_one_that_is_withdrawn_meanwhile_leaves_no_trace_m7() {
    let hall = hall_of(1).await;
    for number in 0..14 {
        complete(&hall, number, number % 4).await;
    }
    let before: Vec<String> = results(&hall).await.iter().map(|text| text.split_once(' ').unwrap().1.into()).collect();
    let done = correct_step(&hall).await;
    assert!(!done.job.as_ref().unwrap().is_done);
    let withdrawn = hall.app.withdraw_correction(&operator(&hall), &done.id).await.unwrap();
    let job = withdrawn.job.unwrap();
    assert_eq!((job.is_withdrawal, job.is_done, job.position, withdrawn.versions.len()), (true, false, 10, 10));
    hall.clock.pass_seconds(6);
    let node = hall.another_node(7).await;
    node.resume_corrections().await.unwrap();
    let job = progress(&node, &hall, &done).await;
    assert_eq!((job.is_done, job.versions, job.unchanged), (true, 10, 4), "four had not been reached");
    let after: Vec<String> = results(&hall).await.iter().map(|text| text.split_once(' ').unwrap().1.into()).collect();
    assert_eq!(after, before);
    let again = hall.app.withdraw_correction(&operator(&hall), &done.id).await.unwrap();
    assert_eq!((again.versions.len(), again.job.map(|job| job.is_done)), (0, Some(true)));
}

#[tokio::test]
async fn an_instance_that_cannot_be_computed_keeps_no_other_from_its_correction_m7() {
    let hall = hall_of(200).await;
    for number in 0..3 {
        complete(&hall, number, 0).await;
    }
    hall.sql("UPDATE instance SET time_factor = '?' WHERE ordinal = 2").await;
    let hall = hall.reopened().await;
    let done = correct_step(&hall).await;
    let job = done.job.unwrap();
    assert_eq!((job.is_done, job.versions, job.failed, done.versions.len()), (true, 2, 1, 2));
}

#[tokio::test]
async fn saves_go_on_between_the_batches_of_a_correction_m7() {
    let hall = hall_of(1).await;
    for number in 0..12 {
        complete(&hall, number, 0).await;
    }
    let (visitor, instance) = begun(&hall, 20, 1).await;
    let done = correct_step(&hall).await;
    hall.clock.pass_seconds(6);
    let (app, saves) = (hall.app.clone(), async {
        for seq in 2..12 {
            hall.answer(&visitor, &instance, write(slot("q1"), seq, CHOICES[0])).await;
        }
    });
    let (resumed, ()) = tokio::join!(app.resume_corrections(), saves);
    assert!(resumed.unwrap() >= 3);
    assert!(progress(&hall.app, &hall, &done).await.is_done);
}

/// Where the locks of a batch alone took longer than a batch may, it was given up each time before its first instance.
#[tokio::test]
async fn a_correction_goes_on_however_slow_the_database_is() {
    let hall = hall_of(200).await;
    for number in 0..5 {
        complete(&hall, number, 0).await;
    }
    hall.clock.slow_down(50);
    let done = correct_step(&hall).await;
    hall.clock.pass_seconds(6);
    hall.app.resume_corrections().await.unwrap();
    let job = progress(&hall.app, &hall, &done).await;
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
                let hall = hall_of(size).await;
                for (number, (choice, is_complete)) in choices.into_iter().enumerate() {
                    match is_complete {
                        true => drop(complete(&hall, number, choice).await),
                        false => drop(begun(&hall, number, choice).await),
                    }
                }
                let done = correct_step(&hall).await;
                hall.clock.pass_seconds(6);
                hall.app.resume_corrections().await.unwrap();
                let CorrectionProgress { versions, open, unchanged, .. } = progress(&hall.app, &hall, &done).await;
                (results(&hall).await, versions, open, unchanged)
            })
        };
        prop_assert_eq!(corrected(batch), corrected(1000));
    }
}
