//! The system's clock and random source. The only place that asks for either; everybody else is
//! handed them.

use app::ports::{Clock, Rng};
use domain::time::Timestamp;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[cfg(target_os = "linux")]
const STEADY: rustix::time::ClockId = rustix::time::ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const STEADY: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// The moment, UTC. A clock set before 1970 reads as the epoch; `doctor` tells.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else is handed"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Since the machine was started. On Linux it counts on while the machine sleeps, so waking up
    /// is no jump.
    fn steady(&self) -> Duration {
        let since = rustix::time::clock_gettime(STEADY);
        let seconds = u64::try_from(since.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(since.tv_nsec).unwrap_or_default())
    }
}

/// The operating system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    /// Fills the whole of `bytes`.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the chance that everybody else is handed"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("a system that runs this program has a random source");
    }
}

/// Measures how long something takes, untouched by changes of the wall clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring now.
    #[expect(clippy::disallowed_methods, reason = "durations shown to people are measured here")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago it was started; steps of the clock do not matter.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_reads_milliseconds_since_1970() {
        let year_2020 = Timestamp::from_seconds(1_577_836_800);
        assert!(SystemClock.now() > year_2020);
    }

    #[test]
    fn chance_fills_everything_and_never_twice_the_same() {
        let (mut one, mut other) = ([0; 32], [0; 32]);
        SystemRng.fill(&mut one);
        SystemRng.fill(&mut other);
        assert_ne!(one, other);
        assert!(one[16..].iter().any(|byte| *byte != 0));
    }
}
