//! Throttling tries to get in: what is counted, what waits, what is refused.
//!
//! Staff's sign-in and candidates' entries have ledgers of their own, so that a room's typing errors never keep staff
//! behind the same address out, nor the other way round. Kept in memory of one server and forgotten with the process: it
//! slows guessing down, it is no record.

mod buckets;
mod delivery;
mod ledger;
mod network;
mod verifier;

pub(crate) use delivery::DeliveryRates;
pub use delivery::TooOften;
pub(crate) use ledger::{Door, Limits, make_room};
pub use network::ClientNetwork;
pub(crate) use verifier::Verifier;

use crate::failure::{Failure, Refused};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use ledger::{Judged, LONGEST_QUEUE_MILLIS, LimitReached, TryLedger};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// Candidates' secrets that are checked at once.
const CANDIDATES_AT_ONCE: usize = 2;
/// Staff's.
const STAFF_AT_ONCE: usize = 1;

/// One kind of door, with everybody's tries at it.
#[derive(Clone, Default)]
pub(crate) struct Throttle(Arc<Inner>);

#[derive(Default)]
struct Inner {
    ledger: Mutex<TryLedger>,
    /// Told whenever a try has ended.
    settled: Notify,
}

/// What happens to a network that is over its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// Refused until the window is over: passwords and credentials, which people choose.
    Refuse,
    /// Judged one after another at this pace: invitation codes, which are too long to be found that way, so that a room
    /// behind one address gets in whatever some mistype.
    Pace(Duration),
}

/// The throttles of one server, and what checks secrets for each.
pub(crate) struct Throttles {
    pub candidates: Throttle,
    pub staff: Throttle,
    /// Apart as well, so that a crowd of candidates never keeps staff waiting.
    pub candidates_verifier: Verifier,
    pub staff_verifier: Verifier,
}

impl Default for Throttles {
    fn default() -> Self {
        Self {
            candidates: Throttle::default(),
            staff: Throttle::default(),
            candidates_verifier: Verifier::new(CANDIDATES_AT_ONCE),
            staff_verifier: Verifier::new(STAFF_AT_ONCE),
        }
    }
}

/// Who tries, at what.
#[derive(Clone, Debug)]
pub(crate) struct Knocking {
    pub limits: Limits,
    pub network: ClientNetwork,
    pub door: Option<Door>,
    pub beyond: Beyond,
}

/// A try that was counted. Dropped before its outcome is told it stays counted: whoever hangs up gains nothing.
pub(crate) struct Attempt {
    throttle: Throttle,
    knocking: Knocking,
    began: Timestamp,
    /// A paced try is counted by its pace alone.
    is_counted: bool,
}

impl Throttle {
    /// Counts a try, waiting for its turn where others are under way.
    ///
    /// # Errors
    /// `too_many_tries` with the seconds until one may.
    pub(crate) async fn begin(&self, knocking: Knocking, now: Timestamp) -> Result<Attempt, Failure> {
        let waited = timeout(millis(LONGEST_QUEUE_MILLIS), self.judged(&knocking, now)).await;
        let refused = match waited {
            Ok(Judged::Now) => return Ok(self.attempt(knocking, now, true)),
            Ok(Judged::Never { by: LimitReached::Network, seconds }) => match knocking.beyond {
                Beyond::Pace(pace) => return self.paced(knocking, pace, now).await,
                Beyond::Refuse => seconds,
            },
            Ok(Judged::Never { seconds, .. }) => seconds,
            Ok(Judged::Later) | Err(_) => 1,
        };
        Err(too_many(refused))
    }

    async fn judged(&self, knocking: &Knocking, now: Timestamp) -> Judged {
        let Knocking { limits, network, door, .. } = knocking;
        let first = self.ledger().begin(*limits, *network, door.as_ref(), now);
        if first != Judged::Later {
            return first;
        }
        let Some(_place) = WaitingPlace::take(self, *network) else {
            return Judged::Never { seconds: 1, by: LimitReached::Queue };
        };
        loop {
            // Asked for before the ledger is looked at, so that no end of a try is missed in between.
            let settled = self.0.settled.notified();
            let judged = self.ledger().begin(*limits, *network, door.as_ref(), now);
            if judged != Judged::Later {
                return judged;
            }
            settled.await;
        }
    }

    async fn paced(&self, knocking: Knocking, pace: Duration, now: Timestamp) -> Result<Attempt, Failure> {
        let pace_millis = i64::try_from(pace.as_millis()).unwrap_or(i64::MAX);
        let turn = self.ledger().paced_turn(knocking.network, pace_millis, now).map_err(too_many)?;
        sleep(millis(turn.0.saturating_sub(now.0))).await;
        Ok(self.attempt(knocking, now, false))
    }

    fn attempt(&self, knocking: Knocking, began: Timestamp, is_counted: bool) -> Attempt {
        Attempt { throttle: self.clone(), knocking, began, is_counted }
    }

    /// Somebody got in without a try that could have failed.
    pub(crate) fn remember_success(&self, address: Option<IpAddr>, door: Door, now: Timestamp) {
        self.ledger().remember_success(ClientNetwork::of(address), door, now);
    }

    fn ledger(&self) -> MutexGuard<'_, TryLedger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those who wait; given up even when the client goes away.
struct WaitingPlace<'throttle>(&'throttle Throttle, ClientNetwork);

impl<'throttle> WaitingPlace<'throttle> {
    fn take(throttle: &'throttle Throttle, network: ClientNetwork) -> Option<Self> {
        // Made only once there is room: a place that is dropped takes the ledger's lock, which must not be held then.
        let has_room = throttle.ledger().wait(network);
        has_room.then(|| Self(throttle, network))
    }
}

impl Drop for WaitingPlace<'_> {
    fn drop(&mut self) {
        self.0.ledger().waited(self.1);
    }
}

impl Attempt {
    /// It was right. `door` is where it led, which a code tells only now.
    pub(crate) fn succeeded(mut self, door: Door) {
        self.give_back();
        self.throttle.ledger().remember_success(self.knocking.network, door, self.began);
    }

    /// The server could not judge it.
    pub(crate) fn not_judged(mut self) {
        self.give_back();
    }

    /// Tells what became of it: refusals for what was entered count, everything else does not.
    pub(crate) fn settle<T>(self, outcome: &Result<T, Failure>, door: impl FnOnce(&T) -> Door) {
        match outcome {
            Ok(entered) => self.succeeded(door(entered)),
            Err(Failure::Refused(refused)) if refused.code == Refusal::AccessDenied => drop(self),
            Err(_) => self.not_judged(),
        }
    }

    fn give_back(&mut self) {
        if std::mem::take(&mut self.is_counted) {
            self.throttle.ledger().given_back(self.knocking.network, self.knocking.door.as_ref());
            self.throttle.0.settled.notify_waiters();
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.is_counted {
            let Knocking { limits, network, door, .. } = &self.knocking;
            self.throttle.ledger().failed(*limits, *network, door.as_ref(), self.began);
            self.throttle.0.settled.notify_waiters();
        }
    }
}

fn too_many(seconds: u32) -> Failure {
    let retry_after = Some(seconds.max(1));
    Failure::Refused(Refused { code: Refusal::TooManyTries, slots: Vec::new(), retry_after })
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(millis.max(0).unsigned_abs())
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
