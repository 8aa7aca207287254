//! Waiting for turns, on a clock of timers that a test drives.

use super::*;
use tokio::time::Instant;

const LIMITS: ThrottleLimits = ThrottleLimits { per_network: 10, per_door: 100 };
const NOW: Timestamp = Timestamp(1_767_225_600_000);
const PACE: Duration = Duration::from_secs(1);

fn knocking(door: Option<ThrottleKey>, beyond: OverLimitAction) -> ThrottleRequest {
    ThrottleRequest {
        limits: LIMITS,
        network: ClientNetwork::of(Some([192, 0, 2, 1].into())),
        door,
        beyond,
    }
}

fn retry_after(outcome: Result<LoginAttempt, Failure>) -> Option<u32> {
    match outcome {
        Err(Failure::Refused(refused)) if refused.code == Refusal::TooManyTries => {
            refused.retry_after
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was let through"),
    }
}

async fn fail_ten_times(throttle: &LoginThrottle) {
    for _ in 0..10 {
        drop(
            throttle
                .begin_attempt(knocking(None, OverLimitAction::Refuse), NOW)
                .await
                .ok()
                .unwrap(),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_whose_client_hangs_up_stays_counted() {
    let throttle = LoginThrottle::default();
    fail_ten_times(&throttle).await;
    assert_eq!(
        retry_after(throttle.begin_attempt(knocking(None, OverLimitAction::Refuse), NOW).await),
        Some(600)
    );
}

#[tokio::test(start_paused = true)]
async fn three_hundred_tries_at_once_wait_for_one_another_and_only_ten_are_judged_a7() {
    let throttle = LoginThrottle::default();
    let door = Some(ThrottleKey::User([1; 32]));
    let tries: Vec<_> = (0..300)
        .map(|_| {
            let (throttle, knocking) =
                (throttle.clone(), knocking(door.clone(), OverLimitAction::Refuse));
            tokio::spawn(async move {
                let attempt = throttle.begin_attempt(knocking, NOW).await.ok()?;
                tokio::task::yield_now().await;
                drop(attempt);
                Some(())
            })
        })
        .collect();
    let mut judged = 0;
    for one in tries {
        judged += usize::from(one.await.unwrap().is_some());
    }
    assert_eq!(judged, 10);
}

#[tokio::test(start_paused = true)]
async fn a_network_over_its_limit_is_judged_one_a_second_and_refused_when_the_queue_is_full() {
    let throttle = LoginThrottle::default();
    fail_ten_times(&throttle).await;
    let began = Instant::now();
    let tries: Vec<_> = (0..60)
        .map(|_| {
            let throttle = throttle.clone();
            tokio::spawn(async move {
                let outcome =
                    throttle.begin_attempt(knocking(None, OverLimitAction::Pace(PACE)), NOW).await;
                (began.elapsed().as_secs(), outcome.map(drop))
            })
        })
        .collect();
    let (mut seconds, mut refused) = (Vec::new(), 0);
    for one in tries {
        match one.await.unwrap() {
            (second, Ok(())) => seconds.push(second),
            (_, Err(_)) => refused += 1,
        }
    }
    assert_eq!((seconds, refused), ((0..=45).collect(), 14));
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_behind_a_try_that_never_ends_is_told_to_come_again() {
    let throttle = LoginThrottle::default();
    let door = Some(ThrottleKey::User([1; 32]));
    let stuck = throttle
        .begin_attempt(knocking(door.clone(), OverLimitAction::Refuse), NOW)
        .await
        .ok()
        .unwrap();
    assert_eq!(
        retry_after(
            throttle.begin_attempt(knocking(door.clone(), OverLimitAction::Refuse), NOW).await
        ),
        Some(1)
    );
    stuck.release();
    assert!(throttle.begin_attempt(knocking(door, OverLimitAction::Refuse), NOW).await.is_ok());
}
