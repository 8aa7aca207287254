//! Jumps of the clock (finding faults M8): nobody's time ends by one, and nothing is erased by one.

use crate::hall::{Hall, word, write};
use app::caller::Caller;
use app::clock_watch::Confidence;
use domain::id::{InstanceId, RequestId};
use domain::instance::State;

const HOUR_MILLIS: i64 = 3_600_000;
const DAY_SECONDS: i64 = 86_400;

fn staff(hall: &Hall) -> Caller {
    Caller::operator(hall.organization.clone(), RequestId::from("Rq-test"))
}

async fn state(hall: &Hall, instance: &InstanceId) -> State {
    hall.app.sweep().await.unwrap();
    hall.row(instance).await.state
}

async fn erased(hall: &Hall) -> i64 {
    hall.number("SELECT count(*) FROM candidate WHERE erased_at IS NOT NULL").await
}

/// The server stops and starts again with its clock this much later.
async fn restarted_after(hall: Hall, seconds: i64) -> Hall {
    hall.clock.jump_millis(seconds * 1000);
    let hall = hall.reopened().await;
    hall.app.watch_clock().await.unwrap();
    hall
}

#[tokio::test]
async fn two_hours_ahead_for_four_seconds_closes_nobody_and_saving_goes_on_m8() {
    let hall = Hall::new().await;
    hall.app.watch_clock().await.unwrap();
    let (visitor, instance) = hall.seated().await;
    hall.clock.jump_millis(2 * HOUR_MILLIS);
    assert_eq!(state(&hall, &instance).await, State::Started);
    hall.clock.pass_seconds(4);
    hall.app.tend_clock().await.unwrap();
    assert_eq!(word(&hall.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await), "kept");
    let standing = hall.app.clock_standing().unwrap();
    assert!(standing.is_held && !hall.app.may_destroy(), "{standing:?}");
    hall.clock.jump_millis(-2 * HOUR_MILLIS);
    assert_eq!(state(&hall, &instance).await, State::Started);
    assert!(hall.app.may_destroy());
    hall.clock.pass_seconds(1803);
    assert_eq!(state(&hall, &instance).await, State::Complete);
}

#[tokio::test]
async fn a_clock_that_was_behind_and_is_set_right_closes_nobody_who_sits_m8() {
    let hall = Hall::new().await;
    hall.app.watch_clock().await.unwrap();
    let (_, instance) = hall.seated().await;
    hall.clock.jump_millis(2 * HOUR_MILLIS);
    for _ in 0..30 {
        hall.clock.pass_seconds(60);
        hall.app.tend_clock().await.unwrap();
        if hall.row(&instance).await.state == State::Complete {
            break;
        }
        assert!(hall.app.clock_standing().unwrap().is_held, "followed while somebody sits");
        hall.app.sweep().await.unwrap();
    }
    hall.clock.pass_seconds(60);
    assert_eq!(state(&hall, &instance).await, State::Complete, "the steady clock ends it");
    hall.app.tend_clock().await.unwrap();
    let standing = hall.app.clock_standing().unwrap();
    assert_eq!((standing.is_held, standing.confidence), (false, Confidence::Unconfirmed));
    assert_eq!(hall.now(), app::ports::Clock::now(&*hall.clock), "followed once nobody is concerned");
}

#[tokio::test]
async fn four_hundred_days_ahead_at_a_start_erases_nobody_and_lets_whoever_sits_go_on_m8() {
    let hall = Hall::new().await;
    hall.app.watch_clock().await.unwrap();
    hall.app.set_task_retention(&staff(&hall), &hall.task, Some(365)).await.unwrap();
    let (visitor, instance) = hall.seated().await;
    let hall = restarted_after(hall, 400 * DAY_SECONDS).await;
    assert_eq!(state(&hall, &instance).await, State::Started);
    assert_eq!(word(&hall.answer(&visitor, &instance, write(1, 1, r#"["a"]"#)).await), "kept");
    assert_eq!(hall.app.erase_expired().await.unwrap(), 0);
    hall.clock.pass_seconds(3 * DAY_SECONDS);
    hall.app.tend_clock().await.unwrap();
    hall.app.tend_clock().await.unwrap();
    assert_eq!((hall.app.erase_expired().await.unwrap(), erased(&hall).await), (0, 0), "days of running are no proof");
    let hall = restarted_after(hall, 0).await;
    assert_eq!(hall.app.erase_expired().await.unwrap(), 0, "another start does not make it true");
    hall.app.confirm_clock().await.unwrap();
    hall.app.tend_clock().await.unwrap();
    assert_eq!((hall.app.erase_expired().await.unwrap(), erased(&hall).await), (1, 1));
}

#[tokio::test]
async fn after_a_weekend_off_deadlines_run_at_once_and_erasing_two_hours_later() {
    let hall = Hall::new().await;
    hall.app.watch_clock().await.unwrap();
    hall.app.set_task_retention(&staff(&hall), &hall.task, Some(2)).await.unwrap();
    let (_, instance) = hall.seated().await;
    let hall = restarted_after(hall, 62 * 3600).await;
    assert_eq!(state(&hall, &instance).await, State::Complete);
    // What has just been completed is activity: the person is kept for two more days.
    hall.clock.pass_seconds(3 * DAY_SECONDS - 3600);
    let hall = restarted_after(hall, 3600).await;
    assert_eq!(hall.app.erase_expired().await.unwrap(), 0);
    hall.clock.pass_seconds(2 * 3600);
    hall.app.tend_clock().await.unwrap();
    assert_eq!(hall.app.erase_expired().await.unwrap(), 1);
}

#[tokio::test]
async fn a_confirmation_on_a_machine_with_another_time_is_not_about_this_clock_m8() {
    let hall = Hall::new().await;
    hall.app.watch_clock().await.unwrap();
    let (_, instance) = hall.seated().await;
    hall.app.confirm_clock().await.unwrap();
    hall.clock.jump_millis(2 * HOUR_MILLIS);
    hall.app.tend_clock().await.unwrap();
    assert_eq!(state(&hall, &instance).await, State::Started);
    hall.app.confirm_clock().await.unwrap();
    hall.app.tend_clock().await.unwrap();
    assert_eq!(state(&hall, &instance).await, State::Complete);
    assert!(hall.app.may_destroy());
}
