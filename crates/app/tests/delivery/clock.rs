//! Jumps of the clock (finding faults M8): nobody's time ends by one, and nothing is erased by one.

use app::clock_watch::ClockConfidence;
use domain::id::InstanceId;
use domain::instance::InstanceState;
use testkit::failures::outcome_code;
use testkit::{TestApp, write};

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_SECONDS: i64 = 86_400;

async fn state(test_app: &TestApp, instance: &InstanceId) -> InstanceState {
    test_app.app.delivery().sweep_deadlines().await.unwrap();
    test_app.row(instance).await.state
}

async fn erased(test_app: &TestApp) -> i64 {
    test_app.number("SELECT count(*) FROM candidate WHERE erased_at IS NOT NULL").await
}

/// The server stops and starts again with its clock this much later.
async fn restarted_after(test_app: TestApp, seconds: i64) -> TestApp {
    test_app.clock.jump_millis(seconds * 1000);
    let test_app = test_app.reopened().await;
    test_app.app.watch_clock().await.unwrap();
    test_app
}

#[tokio::test]
async fn two_hours_ahead_for_four_seconds_closes_nobody_and_saving_goes_on_m8() {
    let test_app = TestApp::new().await;
    test_app.app.watch_clock().await.unwrap();
    let (visitor, instance) = test_app.start_on_first_page().await;
    test_app.clock.jump_millis(2 * HOUR_MILLIS);
    assert_eq!(state(&test_app, &instance).await, InstanceState::Started);
    test_app.clock.pass_seconds(4);
    test_app.app.check_clock().await.unwrap();
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await),
        "kept"
    );
    let standing = test_app.app.clock_status().unwrap();
    assert!(standing.is_held && !test_app.app.may_destroy(), "{standing:?}");
    test_app.clock.jump_millis(-2 * HOUR_MILLIS);
    assert_eq!(state(&test_app, &instance).await, InstanceState::Started);
    assert!(test_app.app.may_destroy());
    test_app.clock.pass_seconds(1803);
    assert_eq!(state(&test_app, &instance).await, InstanceState::Complete);
}

#[tokio::test]
async fn a_clock_that_was_behind_and_is_set_right_closes_nobody_who_sits_m8() {
    let test_app = TestApp::new().await;
    test_app.app.watch_clock().await.unwrap();
    let (_, instance) = test_app.start_on_first_page().await;
    test_app.clock.jump_millis(2 * HOUR_MILLIS);
    for _ in 0..30 {
        test_app.clock.pass_seconds(60);
        test_app.app.check_clock().await.unwrap();
        if test_app.row(&instance).await.state == InstanceState::Complete {
            break;
        }
        assert!(test_app.app.clock_status().unwrap().is_held, "followed while somebody sits");
        test_app.app.delivery().sweep_deadlines().await.unwrap();
    }
    test_app.clock.pass_seconds(60);
    assert_eq!(
        state(&test_app, &instance).await,
        InstanceState::Complete,
        "the steady clock ends it"
    );
    test_app.app.check_clock().await.unwrap();
    let standing = test_app.app.clock_status().unwrap();
    assert_eq!((standing.is_held, standing.confidence), (false, ClockConfidence::Unconfirmed));
    assert_eq!(
        test_app.now(),
        app::ports::Clock::now(&*test_app.clock),
        "followed once nobody is concerned"
    );
}

#[tokio::test]
async fn four_hundred_days_ahead_at_a_start_erases_nobody_and_lets_whoever_sits_go_on_m8() {
    let test_app = TestApp::new().await;
    test_app.app.watch_clock().await.unwrap();
    test_app
        .app
        .tasks()
        .set_task_retention(&test_app.operator(), &test_app.task, Some(365))
        .await
        .unwrap();
    let (visitor, instance) = test_app.start_on_first_page().await;
    let test_app = restarted_after(test_app, 400 * DAY_SECONDS).await;
    assert_eq!(state(&test_app, &instance).await, InstanceState::Started);
    assert_eq!(
        outcome_code(&test_app.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await),
        "kept"
    );
    assert_eq!(test_app.app.tasks().erase_expired().await.unwrap(), 0);
    test_app.clock.pass_seconds(3 * DAY_SECONDS);
    test_app.app.check_clock().await.unwrap();
    test_app.app.check_clock().await.unwrap();
    assert_eq!(
        (test_app.app.tasks().erase_expired().await.unwrap(), erased(&test_app).await),
        (0, 0),
        "days of running are no proof"
    );
    let test_app = restarted_after(test_app, 0).await;
    assert_eq!(
        test_app.app.tasks().erase_expired().await.unwrap(),
        0,
        "another start does not make it true"
    );
    test_app.app.confirm_clock().await.unwrap();
    test_app.app.check_clock().await.unwrap();
    assert_eq!(
        (test_app.app.tasks().erase_expired().await.unwrap(), erased(&test_app).await),
        (1, 1)
    );
}

#[tokio::test]
async fn after_a_weekend_off_deadlines_run_at_once_and_erasing_two_hours_later() {
    let test_app = TestApp::new().await;
    test_app.app.watch_clock().await.unwrap();
    test_app
        .app
        .tasks()
        .set_task_retention(&test_app.operator(), &test_app.task, Some(2))
        .await
        .unwrap();
    let (_, instance) = test_app.start_on_first_page().await;
    let test_app = restarted_after(test_app, 62 * 3600).await;
    assert_eq!(state(&test_app, &instance).await, InstanceState::Complete);
    // What has just been completed is activity: the person is kept for two more days.
    test_app.clock.pass_seconds(3 * DAY_SECONDS - 3600);
    let test_app = restarted_after(test_app, 3600).await;
    assert_eq!(test_app.app.tasks().erase_expired().await.unwrap(), 0);
    test_app.clock.pass_seconds(2 * 3600);
    test_app.app.check_clock().await.unwrap();
    assert_eq!(test_app.app.tasks().erase_expired().await.unwrap(), 1);
}

#[tokio::test]
async fn a_confirmation_on_a_machine_with_another_time_is_not_about_this_clock_m8() {
    let test_app = TestApp::new().await;
    test_app.app.watch_clock().await.unwrap();
    let (_, instance) = test_app.start_on_first_page().await;
    test_app.app.confirm_clock().await.unwrap();
    test_app.clock.jump_millis(2 * HOUR_MILLIS);
    test_app.app.check_clock().await.unwrap();
    assert_eq!(state(&test_app, &instance).await, InstanceState::Started);
    test_app.app.confirm_clock().await.unwrap();
    test_app.app.check_clock().await.unwrap();
    assert_eq!(state(&test_app, &instance).await, InstanceState::Complete);
    assert!(test_app.app.may_destroy());
}
