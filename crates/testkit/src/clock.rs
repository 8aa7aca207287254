//! A clock that stands until a test moves it, and the machine's own for tests of whole processes.

use app::ports::Clock;
use domain::time::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The moment at which tests begin: 2026-01-01T00:00:00Z.
pub const BEGINNING: Timestamp = Timestamp(1_767_225_600_000);

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct TestClock {
    wall: AtomicI64,
    steady: AtomicI64,
    look: AtomicI64,
}

impl Default for TestClock {
    fn default() -> Self {
        Self::at(BEGINNING)
    }
}

impl TestClock {
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self { wall: AtomicI64::new(moment.0), steady: AtomicI64::new(0), look: AtomicI64::new(0) }
    }

    /// Somebody sets the wall clock.
    pub fn set(&self, moment: Timestamp) {
        self.wall.store(moment.0, Ordering::SeqCst);
    }

    pub fn pass_millis(&self, millis: i64) {
        self.jump_millis(millis);
        self.steady.fetch_add(millis, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock forward, or back.
    pub fn jump_millis(&self, millis: i64) {
        self.wall.fetch_add(millis, Ordering::SeqCst);
    }

    /// From now on each look at the steady count takes so long, as if the machine were slow.
    pub fn slow_down(&self, millis: i64) {
        self.look.store(millis, Ordering::SeqCst);
    }

    pub fn pass_seconds(&self, seconds: i64) {
        self.pass_millis(seconds * 1000);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Duration {
        let look = self.look.load(Ordering::SeqCst);
        Duration::from_millis(self.steady.fetch_add(look, Ordering::SeqCst).unsigned_abs())
    }
}

/// The machine's clock, so many milliseconds ahead.
#[derive(Debug, Default)]
pub struct SystemClock {
    pub ahead_millis: i64,
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "a process beside the test asks it too")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        let millis = i64::try_from(since.as_millis()).expect("it is before the year 292278994");
        Timestamp(millis + self.ahead_millis)
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}
