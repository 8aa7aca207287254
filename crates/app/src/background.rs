//! Background loops: what is done again and again until the server stops.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior};

/// Ticks at once and then each period. A tick that comes late puts off those behind it, so that
/// nothing is made up for in a burst.
#[must_use]
pub fn ticks(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Does something at once and then each period, until `shutdown` is ready. What has begun then is
/// brought to its end.
pub async fn repeat<F: Future<Output = ()>>(
    period: Duration,
    shutdown: impl Future<Output = ()>,
    mut act: impl FnMut() -> F,
) {
    let mut shutdown = pin!(shutdown);
    let mut ticks = ticks(period);
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            _ = ticks.tick() => {}
        }
        act().await;
    }
}

/// As [`repeat`], and once more when `shutdown` is ready.
pub async fn repeat_and_finish<F: Future<Output = ()>>(
    period: Duration,
    shutdown: impl Future<Output = ()>,
    mut act: impl FnMut() -> F,
) {
    repeat(period, shutdown, &mut act).await;
    act().await;
}
