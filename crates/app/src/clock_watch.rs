//! The watch over the server's clock: which time is gone by, and whether work that cannot be undone
//! may rely on it.
//!
//! The rules are in `domain::clock`. Until [`App::watch_clock`] was called, as by commands beside a
//! server, the wall clock is taken as it is.

use crate::App;
use crate::background::repeat;
use crate::failure::Failure;
use crate::ports::Clock;
pub use domain::clock::{ClockConfidence, ClockStatus as ClockStanding};
use domain::clock::{ClockReading, TrustedClock, concerned_until};
use domain::time::Timestamp;
use metrics::{counter, gauge};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use storage::Transaction;

/// How often the background loop looks.
const PERIOD: Duration = Duration::from_secs(1);
/// How often a trusted moment is written down. A server that is killed looks to its next start so
/// much longer off.
const MARK_PERIOD: Duration = Duration::from_secs(60);

/// Wall and steady clock, and the course of time once it is watched.
pub(crate) struct ClockMonitor {
    clock: Arc<dyn Clock>,
    watched: Mutex<Option<ClockState>>,
}

struct ClockState {
    course: TrustedClock,
    /// When a trusted moment was written down last.
    marked_at: Option<Duration>,
    /// What the log was told last.
    logged: (ClockConfidence, bool),
}

impl ClockMonitor {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, watched: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let reading = self.reading();
        self.watched().as_mut().map_or(reading.wall, |watched| watched.course.now(reading))
    }

    /// The clock itself, for threads that live on without the rest.
    pub(crate) fn source(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// For durations: since any fixed moment of this process.
    pub(crate) fn steady(&self) -> Duration {
        self.clock.steady()
    }

    fn reading(&self) -> ClockReading {
        ClockReading { wall: self.clock.now(), steady: self.clock.steady() }
    }

    fn watched(&self) -> MutexGuard<'_, Option<ClockState>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn status(&self) -> Option<ClockStanding> {
        let reading = self.reading();
        self.watched().as_ref().map(|watched| watched.course.status(reading))
    }

    fn with_course<T>(&self, work: impl FnOnce(&mut TrustedClock, ClockReading) -> T) -> Option<T> {
        let reading = self.reading();
        self.watched().as_mut().map(|watched| work(&mut watched.course, reading))
    }

    /// A trusted moment that is to be written down now.
    fn due_mark(&self) -> Option<Timestamp> {
        let reading = self.reading();
        let mut watched = self.watched();
        let watched = watched.as_mut()?;
        let is_trusted = watched.course.status(reading).may_destroy();
        let is_due =
            watched.marked_at.is_none_or(|at| reading.steady.saturating_sub(at) >= MARK_PERIOD);
        if !is_trusted || !is_due {
            return None;
        }
        watched.marked_at = Some(reading.steady);
        Some(reading.wall)
    }

    /// Tells log and metrics what has changed since the last time.
    fn tell(&self) {
        let reading = self.reading();
        let mut watched = self.watched();
        let Some(watched) = watched.as_mut() else { return };
        let standing = watched.course.status(reading);
        let in_doubt = if standing.may_destroy() { 0 } else { standing.ahead_millis };
        gauge!("assay_clock_ahead_seconds")
            .set(f64::from(i32::try_from(in_doubt / 1000).unwrap_or(i32::MAX)));
        let logged_before =
            std::mem::replace(&mut watched.logged, (standing.confidence, standing.is_held));
        if logged_before != watched.logged {
            tell_change(logged_before, standing);
        }
    }
}

fn tell_change((confidence, was_held): (ClockConfidence, bool), standing: ClockStanding) {
    let ahead_seconds = standing.ahead_millis / 1000;
    if standing.is_held && !was_held {
        counter!("assay_clock_jumps_total").increment(1);
        tracing::warn!(
            ahead_seconds,
            "the clock jumped: the server goes on by its own count and erases nothing; if the clock is right now, run `assay clock confirm`"
        );
    } else if was_held && !standing.is_held {
        tracing::warn!(ahead_seconds, "the server goes by the clock again");
    }
    match standing.confidence {
        stored if stored == confidence => {}
        ClockConfidence::Trusted => {
            tracing::info!("the clock is trusted; what waited for it goes on")
        }
        ClockConfidence::Settling => {
            tracing::info!(
                ahead_seconds,
                "the server was off for a while: nothing is erased for two hours"
            );
        }
        ClockConfidence::Unconfirmed => tracing::warn!(
            ahead_seconds,
            "the clock is far from when this installation was last in use: nothing is erased until `assay clock confirm`"
        ),
    }
}

impl App {
    /// Begins to watch the clock. A server calls it before anything that goes by the time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn watch_clock(&self) -> Result<(), Failure> {
        let reading = self.clock().reading();
        let read = move |tx: &mut dyn Transaction| -> Result<_, Failure> {
            let mark = storage::clock::find(tx)?.map(|mark| mark.trusted_at);
            let trusted_at = match mark {
                Some(at) => at,
                None => storage::clock::newest_change(tx)?.unwrap_or(reading.wall),
            };
            let until = concerned_until(reading.wall, trusted_at);
            Ok((trusted_at, storage::due::earliest(tx)?.is_some_and(|due| due <= until)))
        };
        let (trusted_at, is_concerned) = self.storage().read(read).await?;
        let course = TrustedClock::begin(reading, trusted_at, is_concerned);
        *self.clock().watched() =
            Some(ClockState { course, marked_at: None, logged: (ClockConfidence::Trusted, false) });
        // A clock in doubt must not become the measure for the next start: what it is measured by
        // is kept as it is.
        self.storage()
            .write(move |tx| Ok::<_, Failure>(storage::clock::advance(tx, trusted_at)?))
            .await?;
        self.check_clock().await
    }

    /// Watches the clock until `shutdown` is ready.
    pub async fn run_clock(&self, shutdown: impl Future<Output = ()> + Send) {
        let check = async || {
            if let Err(failure) = self.check_clock().await {
                tracing::error!(%failure, "the clock could not be watched");
            }
        };
        repeat(PERIOD, shutdown, check).await;
    }

    /// One look at the clock: notices jumps, hears confirmations, follows what concerns nobody,
    /// writes a trusted moment down.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn check_clock(&self) -> Result<(), Failure> {
        let watch = self.clock();
        watch.now();
        watch.tell();
        if watch.status().is_some_and(|standing| !standing.may_destroy()) {
            self.end_doubt().await?;
        }
        watch.with_course(TrustedClock::trust_if_steady);
        watch.tell();
        if let Some(at) = watch.due_mark() {
            self.storage()
                .write(move |tx| Ok::<_, Failure>(storage::clock::advance(tx, at)?))
                .await?;
        }
        Ok(())
    }

    async fn end_doubt(&self) -> Result<(), Failure> {
        let watch = self.clock();
        let read = |tx: &mut dyn Transaction| -> Result<_, Failure> {
            let confirmed_at = storage::clock::find(tx)?.and_then(|mark| mark.confirmed_at);
            Ok((confirmed_at, storage::due::earliest(tx)?))
        };
        let (confirmed_at, earliest) = self.storage().read(read).await?;
        watch.with_course(|course, now| {
            let is_confirmed = confirmed_at.is_some_and(|at| course.confirm(now, at));
            let is_concerned = earliest.is_some_and(|due| due <= course.concerned_until(now));
            if !is_confirmed && course.may_follow_jump(now) && !is_concerned {
                course.follow_jump(now);
            }
        });
        Ok(())
    }

    /// Confirms that this machine's clock is right. Servers hear of it within a second.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn confirm_clock(&self) -> Result<Timestamp, Failure> {
        let at = self.clock().reading().wall;
        self.storage().write(move |tx| Ok::<_, Failure>(storage::clock::confirm(tx, at)?)).await?;
        Ok(at)
    }

    /// The last moment that was written down as trusted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn last_trusted_moment(&self) -> Result<Option<Timestamp>, Failure> {
        let read =
            |tx: &mut dyn Transaction| Ok(storage::clock::find(tx)?.map(|mark| mark.trusted_at));
        self.storage().read(read).await
    }

    /// How things stand with the clock; none where nobody watches it.
    #[must_use]
    pub fn clock_status(&self) -> Option<ClockStanding> {
        self.clock().status()
    }

    /// Whether work that cannot be undone may rely on the time: erasing by retention, removing
    /// files and logs.
    #[must_use]
    pub fn may_destroy(&self) -> bool {
        // Looking at the time first notices a jump of this very moment.
        let _ = self.now();
        self.clock_status().is_none_or(|standing| standing.may_destroy())
    }
}
