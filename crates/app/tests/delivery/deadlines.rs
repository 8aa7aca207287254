use crate::hall::{Hall, refusal};
use app::deadlines::Swept;
use domain::instance::{Closing, State};
use domain::refusal::Refusal;

const DEADLINE: i64 = 1_767_225_600 + 1800;

#[tokio::test]
async fn an_instance_completes_at_its_deadline_with_nobody_connected() {
    let hall = Hall::new().await;
    let (_, instance) = hall.seated().await;
    hall.clock.pass_seconds(1802);
    assert_eq!(hall.app.sweep().await.unwrap().completed, 0);
    hall.clock.pass_millis(1);
    assert_eq!(hall.app.sweep().await.unwrap(), Swept { completed: 1, failed: 0, next: None });
    let row = hall.row(&instance).await;
    assert_eq!((row.state, row.closing, row.due_at), (State::Complete, Some(Closing::TimeOver), None));
    assert_eq!(row.completed_at.map(|at| at.0), Some(DEADLINE * 1000));
    assert!(row.result_basic.unwrap().starts_with(&format!("{{\"completedAt\":{DEADLINE},")));
    assert_eq!(hall.app.sweep().await.unwrap().completed, 0);
}

#[tokio::test]
async fn no_reader_sees_an_overdue_instance_as_open() {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    hall.clock.pass_seconds(1803);
    assert_eq!(hall.app.instance_view(&visitor, &instance).await.unwrap().state, State::Complete);
    let receipt = hall.app.receipt(&visitor, &instance).await.unwrap();
    assert_eq!(receipt.completed_at.seconds(), DEADLINE);
}

#[tokio::test]
async fn completing_long_after_the_deadline_is_refused() {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    hall.clock.pass_seconds(1803);
    assert_eq!(refusal(hall.complete(&visitor, &instance, "c").await), Some(Refusal::TimeOver));
    hall.app.sweep().await.unwrap();
    assert_eq!(refusal(hall.complete(&visitor, &instance, "c").await), Some(Refusal::InstanceComplete));
}

#[tokio::test]
async fn after_an_outage_what_is_overdue_is_completed_before_anything_is_read() {
    let hall = Hall::new().await;
    let (visitor, instance) = hall.seated().await;
    hall.clock.pass_seconds(7 * 86_400);
    let hall = hall.reopened().await;
    hall.app.settled().await.unwrap();
    let row = hall.row(&instance).await;
    assert_eq!((row.state, row.completed_at.map(|at| at.0)), (State::Complete, Some(DEADLINE * 1000)));
    assert!(hall.app.receipt(&visitor, &instance).await.is_ok());
    // Another attempt is free to start only by the rules: the first counts.
    assert_eq!(refusal(hall.start(&visitor, "again").await), Some(Refusal::AttemptLimit));
}

#[tokio::test]
async fn many_overdue_instances_complete_each_with_a_revision_of_its_own() {
    let hall = Hall::new().await;
    for number in 0..100 {
        let code = format!("00000000{}{}", number / 10, number % 10);
        let candidate = hall.candidate(&format!("Cx{number}"), Some(&code));
        hall.add_candidate(candidate).await;
        let entered = hall.app.enter_by_code(&crate::hall::knock(9), &code).await.unwrap();
        hall.start(&crate::hall::visitor(&entered), "t").await.unwrap();
    }
    hall.clock.pass_seconds(1803);
    assert_eq!(hall.app.sweep().await.unwrap().completed, 100);
    assert_eq!(hall.number("SELECT revision FROM task").await, 200);
    assert_eq!(hall.number("SELECT count(DISTINCT revision) FROM instance WHERE revision > 100").await, 100);
    assert_eq!(hall.number("SELECT count(*) FROM event WHERE kind = 'instance.completed'").await, 100);
}

#[tokio::test]
async fn one_broken_instance_keeps_no_other_from_completing() {
    let hall = Hall::new().await;
    let (_, broken) = hall.seated().await;
    hall.add_candidate(hall.candidate("Ca2", Some("0000000000"))).await;
    let entered = hall.app.enter_by_code(&crate::hall::knock(2), "0000000000").await.unwrap();
    let sound = hall.start(&crate::hall::visitor(&entered), "t").await.unwrap();
    hall.sql("UPDATE instance SET delivery = '?' WHERE candidate_id = 'Ca1'").await;
    hall.clock.pass_seconds(1803);
    let swept = hall.app.sweep().await.unwrap();
    assert_eq!((swept.completed, swept.failed), (1, 1));
    assert_eq!(hall.row(&sound).await.state, State::Complete);
    assert_eq!(hall.row(&broken).await.state, State::Started);
}

/// Finding faults, minor, a broken instance: three such rows made twelve lines a second for ever.
#[tokio::test]
async fn a_broken_instance_is_set_aside_and_tried_again_with_growing_pauses() {
    let hall = Hall::new().await;
    let (_, broken) = hall.seated().await;
    let delivery = hall.row(&broken).await.delivery;
    hall.sql("UPDATE instance SET delivery = '?' WHERE candidate_id = 'Ca1'").await;
    hall.clock.pass_seconds(1803);
    assert_eq!(hall.app.sweep().await.unwrap().failed, 1);
    let tries = |seconds: i64| {
        let hall = &hall;
        async move {
            let mut failed = 0;
            for _ in 0..seconds * 4 {
                hall.clock.pass_millis(250);
                failed += hall.app.sweep().await.unwrap().failed;
            }
            failed
        }
    };
    assert_eq!(tries(4).await, 0, "the loop's own pace does not matter");
    assert_eq!(tries(60).await, 3, "after 5, 10 and 20 seconds");
    let swept = hall.app.sweep().await.unwrap();
    assert!(swept.failed == 0 && swept.next.is_some_and(|at| at > hall.now()), "{swept:?}");
    // Readers are not made to sweep again and again.
    hall.app.settled().await.unwrap();
    hall.write(move |tx| tx.execute("UPDATE instance SET delivery = $1", &[storage::Encode::encode(&delivery)])).await;
    hall.clock.pass_seconds(3600);
    assert_eq!(hall.app.sweep().await.unwrap().completed, 1, "a row that was mended completes");
    assert_eq!(hall.app.sweep().await.unwrap().next, None);
}
