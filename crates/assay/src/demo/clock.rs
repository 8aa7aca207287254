//! The demo's clock: it begins some days ago and moves when the story says so, never past the
//! present.

use crate::cli_error::CliError;
use crate::system::{SystemClock, SystemRng};
use app::ports::Clock;
use app::{App, Settings};
use domain::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use storage::Storage;

const DAY_MILLIS: i64 = 86_400_000;

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct DemoClock(AtomicI64);

impl DemoClock {
    /// Early enough for the whole story.
    pub fn some_days_ago() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(SystemClock.now().0 - 4 * DAY_MILLIS)))
    }

    /// Moves the clock on, never beyond the real time.
    pub fn pass(&self, seconds: i64) {
        let latest = SystemClock.now().0;
        let moved = self.0.load(Ordering::SeqCst).saturating_add(seconds * 1000);
        self.0.store(moved.min(latest), Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Duration {
        SystemClock.steady()
    }
}

/// The use cases on the demo's clock.
pub async fn open_app(storage: Storage, clock: Arc<DemoClock>) -> Result<App, CliError> {
    Ok(App::open(storage, clock, Arc::new(SystemRng), Settings::default()).await?)
}
