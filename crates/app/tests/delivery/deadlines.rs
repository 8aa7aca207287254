use app::deadlines::DeadlineSweep;
use domain::instance::{ClosingReason, InstanceState};
use domain::refusal::Refusal;
use testkit::TestApp;
use testkit::failures::refusal;

const DEADLINE: i64 = 1_767_225_600 + 1800;

#[tokio::test]
async fn an_instance_completes_at_its_deadline_with_nobody_connected() {
    let test_app = TestApp::new().await;
    let (_, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(1802);
    assert_eq!(test_app.app.delivery().sweep_deadlines().await.unwrap().completed, 0);
    test_app.clock.pass_millis(1);
    assert_eq!(
        test_app.app.delivery().sweep_deadlines().await.unwrap(),
        DeadlineSweep { completed: 1, failed: 0, next: None }
    );
    let row = test_app.row(&instance).await;
    assert_eq!(
        (row.state, row.closing, row.due_at),
        (InstanceState::Complete, Some(ClosingReason::TimeOver), None)
    );
    assert_eq!(row.completed_at.map(|at| at.0), Some(DEADLINE * 1000));
    assert!(row.result_basic.unwrap().starts_with(&format!("{{\"completedAt\":{DEADLINE},")));
    assert_eq!(test_app.app.delivery().sweep_deadlines().await.unwrap().completed, 0);
}

#[tokio::test]
async fn no_reader_sees_an_overdue_instance_as_open() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(1803);
    assert_eq!(
        test_app.app.delivery().instance_view(&visitor, &instance).await.unwrap().state,
        InstanceState::Complete
    );
    let receipt = test_app.app.delivery().receipt(&visitor, &instance).await.unwrap();
    assert_eq!(receipt.completed_at.seconds(), DEADLINE);
}

#[tokio::test]
async fn completing_long_after_the_deadline_is_refused() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(1803);
    assert_eq!(refusal(test_app.complete(&visitor, &instance, "c").await), Some(Refusal::TimeOver));
    test_app.app.delivery().sweep_deadlines().await.unwrap();
    assert_eq!(
        refusal(test_app.complete(&visitor, &instance, "c").await),
        Some(Refusal::InstanceComplete)
    );
}

#[tokio::test]
async fn after_an_outage_what_is_overdue_is_completed_before_anything_is_read() {
    let test_app = TestApp::new().await;
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.clock.pass_seconds(7 * 86_400);
    let test_app = test_app.reopened().await;
    test_app.app.delivery().ensure_deadlines_swept().await.unwrap();
    let row = test_app.row(&instance).await;
    assert_eq!(
        (row.state, row.completed_at.map(|at| at.0)),
        (InstanceState::Complete, Some(DEADLINE * 1000))
    );
    assert!(test_app.app.delivery().receipt(&visitor, &instance).await.is_ok());
    // Another attempt is free to start only by the rules: the first counts.
    assert_eq!(refusal(test_app.start(&visitor, "again").await), Some(Refusal::AttemptLimit));
}

#[tokio::test]
async fn many_overdue_instances_complete_each_with_a_revision_of_its_own() {
    let test_app = TestApp::new().await;
    for number in 0..100 {
        let code = format!("00000000{}{}", number / 10, number % 10);
        let candidate = test_app.candidate(&format!("Cx{number}"), Some(&code));
        test_app.add_candidate(candidate).await;
        let entered = test_app
            .app
            .delivery()
            .enter_by_code(&testkit::client_context(9), &code)
            .await
            .unwrap();
        test_app.start(&testkit::candidate_session(&entered), "t").await.unwrap();
    }
    test_app.clock.pass_seconds(1803);
    assert_eq!(test_app.app.delivery().sweep_deadlines().await.unwrap().completed, 100);
    assert_eq!(test_app.number("SELECT revision FROM task").await, 200);
    assert_eq!(
        test_app.number("SELECT count(DISTINCT revision) FROM instance WHERE revision > 100").await,
        100
    );
    assert_eq!(
        test_app.number("SELECT count(*) FROM event WHERE kind = 'instance.completed'").await,
        100
    );
}

#[tokio::test]
async fn one_broken_instance_keeps_no_other_from_completing() {
    let test_app = TestApp::new().await;
    let (_, broken) = test_app.start_on_first_page().await;
    test_app.add_candidate(test_app.candidate("Ca2", Some("0000000000"))).await;
    let entered = test_app
        .app
        .delivery()
        .enter_by_code(&testkit::client_context(2), "0000000000")
        .await
        .unwrap();
    let sound = test_app.start(&testkit::candidate_session(&entered), "t").await.unwrap();
    test_app.sql("UPDATE instance SET delivery = '?' WHERE candidate_id = 'Ca1'").await;
    test_app.clock.pass_seconds(1803);
    let swept = test_app.app.delivery().sweep_deadlines().await.unwrap();
    assert_eq!((swept.completed, swept.failed), (1, 1));
    assert_eq!(test_app.row(&sound).await.state, InstanceState::Complete);
    assert_eq!(test_app.row(&broken).await.state, InstanceState::Started);
}

/// Finding faults, minor, a broken instance: three such rows made twelve lines a second for ever.
#[tokio::test]
async fn a_broken_instance_is_set_aside_and_tried_again_with_growing_pauses() {
    let test_app = TestApp::new().await;
    let (_, broken) = test_app.start_on_first_page().await;
    let delivery = test_app.row(&broken).await.delivery;
    test_app.sql("UPDATE instance SET delivery = '?' WHERE candidate_id = 'Ca1'").await;
    test_app.clock.pass_seconds(1803);
    assert_eq!(test_app.app.delivery().sweep_deadlines().await.unwrap().failed, 1);
    let tries = |seconds: i64| {
        let test_app = &test_app;
        async move {
            let mut failed = 0;
            for _ in 0..seconds * 4 {
                test_app.clock.pass_millis(250);
                failed += test_app.app.delivery().sweep_deadlines().await.unwrap().failed;
            }
            failed
        }
    };
    assert_eq!(tries(4).await, 0, "the loop's own pace does not matter");
    assert_eq!(tries(60).await, 3, "after 5, 10 and 20 seconds");
    let swept = test_app.app.delivery().sweep_deadlines().await.unwrap();
    assert!(swept.failed == 0 && swept.next.is_some_and(|at| at > test_app.now()), "{swept:?}");
    // Readers are not made to sweep again and again.
    test_app.app.delivery().ensure_deadlines_swept().await.unwrap();
    test_app
        .write(move |tx| {
            tx.execute("UPDATE instance SET delivery = $1", &[storage::Encode::encode(&delivery)])
        })
        .await;
    test_app.clock.pass_seconds(3600);
    assert_eq!(
        test_app.app.delivery().sweep_deadlines().await.unwrap().completed,
        1,
        "a row that was mended completes"
    );
    assert_eq!(test_app.app.delivery().sweep_deadlines().await.unwrap().next, None);
}
