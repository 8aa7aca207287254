//! A clock that stands until a test moves it.

use app::ports::Clock;
use domain::time::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

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
