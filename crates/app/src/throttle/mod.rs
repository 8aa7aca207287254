//! Throttling tries to get in: what is counted, what waits, what is refused.
//!
//! Staff's sign-in and candidates' entries have ledgers of their own, so that a room's typing
//! errors never keep staff behind the same address out, nor the other way round. Kept in memory of
//! one server and forgotten with the process: it slows guessing down, it is no record.

mod attempt_log;
mod delivery_rate_limit;
mod network;
mod secret_verifier;
mod token_buckets;

pub(crate) use attempt_log::{ThrottleKey, ThrottleLimits, evict_oldest};
pub(crate) use delivery_rate_limit::DeliveryRateLimiter;
pub use delivery_rate_limit::RateLimitExceeded;
pub use network::ClientNetwork;
pub(crate) use secret_verifier::SecretVerifier;

use crate::failure::{Failure, RefusalDetail};
use attempt_log::{AttemptLog, LONGEST_QUEUE_MILLIS, LimitReached, ThrottleDecision};
use domain::refusal::Refusal;
use domain::time::Timestamp;
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
pub(crate) struct LoginThrottle(Arc<ThrottleInner>);

#[derive(Default)]
struct ThrottleInner {
    ledger: Mutex<AttemptLog>,
    /// Told whenever a try has ended.
    settled: Notify,
}

/// What happens to a network that is over its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OverLimitAction {
    /// Refused until the window is over: passwords and credentials, which people choose.
    Refuse,
    /// Judged one after another at this pace: invitation codes, which are too long to be found that
    /// way, so that a room behind one address gets in whatever some mistype.
    Pace(Duration),
}

/// The throttles of one server, and what checks secrets for each.
pub(crate) struct LoginThrottles {
    pub candidates: LoginThrottle,
    pub staff: LoginThrottle,
    /// Apart as well, so that a crowd of candidates never keeps staff waiting.
    pub candidates_verifier: SecretVerifier,
    pub staff_verifier: SecretVerifier,
}

impl Default for LoginThrottles {
    fn default() -> Self {
        Self {
            candidates: LoginThrottle::default(),
            staff: LoginThrottle::default(),
            candidates_verifier: SecretVerifier::new(CANDIDATES_AT_ONCE),
            staff_verifier: SecretVerifier::new(STAFF_AT_ONCE),
        }
    }
}

/// Who tries, at what.
#[derive(Clone, Debug)]
pub(crate) struct ThrottleRequest {
    pub limits: ThrottleLimits,
    pub network: ClientNetwork,
    pub door: Option<ThrottleKey>,
    pub beyond: OverLimitAction,
}

/// A try that was counted. Dropped before its outcome is told it stays counted: whoever hangs up
/// gains nothing.
pub(crate) struct LoginAttempt {
    throttle: LoginThrottle,
    knocking: ThrottleRequest,
    began: Timestamp,
    /// A paced try is counted by its pace alone.
    is_counted: bool,
}

impl LoginThrottle {
    /// Counts a try, waiting for its turn where others are under way.
    ///
    /// # Errors
    /// `too_many_tries` with the seconds until one may.
    pub(crate) async fn begin_attempt(
        &self,
        knocking: ThrottleRequest,
        now: Timestamp,
    ) -> Result<LoginAttempt, Failure> {
        let waited = timeout(millis(LONGEST_QUEUE_MILLIS), self.judged(&knocking, now)).await;
        let refused = match waited {
            Ok(ThrottleDecision::Now) => return Ok(self.attempt(knocking, now, true)),
            Ok(ThrottleDecision::Never { by: LimitReached::Network, seconds }) => {
                match knocking.beyond {
                    OverLimitAction::Pace(pace) => return self.paced(knocking, pace, now).await,
                    OverLimitAction::Refuse => seconds,
                }
            }
            Ok(ThrottleDecision::Never { seconds, .. }) => seconds,
            Ok(ThrottleDecision::Later) | Err(_) => 1,
        };
        Err(too_many(refused))
    }

    async fn judged(&self, knocking: &ThrottleRequest, now: Timestamp) -> ThrottleDecision {
        let ThrottleRequest { limits, network, door, .. } = knocking;
        let first = self.ledger().begin_attempt(*limits, *network, door.as_ref(), now);
        if first != ThrottleDecision::Later {
            return first;
        }
        let Some(_place) = QueuedAttempt::take(self, *network) else {
            return ThrottleDecision::Never { seconds: 1, by: LimitReached::Queue };
        };
        loop {
            // Asked for before the ledger is looked at, so that no end of a try is missed in
            // between.
            let settled = self.0.settled.notified();
            let judged = self.ledger().begin_attempt(*limits, *network, door.as_ref(), now);
            if judged != ThrottleDecision::Later {
                return judged;
            }
            settled.await;
        }
    }

    async fn paced(
        &self,
        knocking: ThrottleRequest,
        pace: Duration,
        now: Timestamp,
    ) -> Result<LoginAttempt, Failure> {
        let pace_millis = i64::try_from(pace.as_millis()).unwrap_or(i64::MAX);
        let turn =
            self.ledger().next_paced_turn(knocking.network, pace_millis, now).map_err(too_many)?;
        sleep(millis(turn.0.saturating_sub(now.0))).await;
        Ok(self.attempt(knocking, now, false))
    }

    fn attempt(
        &self,
        knocking: ThrottleRequest,
        began: Timestamp,
        is_counted: bool,
    ) -> LoginAttempt {
        LoginAttempt { throttle: self.clone(), knocking, began, is_counted }
    }

    /// Somebody got in without a try that could have failed.
    pub(crate) fn remember_success(
        &self,
        address: Option<IpAddr>,
        door: ThrottleKey,
        now: Timestamp,
    ) {
        self.ledger().remember_success(ClientNetwork::of(address), door, now);
    }

    fn ledger(&self) -> MutexGuard<'_, AttemptLog> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those who wait; given up even when the client goes away.
struct QueuedAttempt<'throttle>(&'throttle LoginThrottle, ClientNetwork);

impl<'throttle> QueuedAttempt<'throttle> {
    fn take(throttle: &'throttle LoginThrottle, network: ClientNetwork) -> Option<Self> {
        // Made only once there is room: a place that is dropped takes the ledger's lock, which must
        // not be held then.
        let has_room = throttle.ledger().enqueue(network);
        has_room.then(|| Self(throttle, network))
    }
}

impl Drop for QueuedAttempt<'_> {
    fn drop(&mut self) {
        self.0.ledger().dequeue(self.1);
    }
}

impl LoginAttempt {
    /// It was right. `door` is where it led, which a code tells only now.
    pub(crate) fn succeeded(mut self, door: ThrottleKey) {
        self.give_back();
        self.throttle.ledger().remember_success(self.knocking.network, door, self.began);
    }

    /// The server could not judge it.
    pub(crate) fn release(mut self) {
        self.give_back();
    }

    /// Tells what became of it: refusals for what was entered count, everything else does not.
    pub(crate) fn settle<T>(
        self,
        outcome: &Result<T, Failure>,
        door: impl FnOnce(&T) -> ThrottleKey,
    ) {
        match outcome {
            Ok(entered) => self.succeeded(door(entered)),
            Err(Failure::Refused(refused)) if refused.code == Refusal::AccessDenied => drop(self),
            Err(_) => self.release(),
        }
    }

    fn give_back(&mut self) {
        if std::mem::take(&mut self.is_counted) {
            self.throttle.ledger().release(self.knocking.network, self.knocking.door.as_ref());
            self.throttle.0.settled.notify_waiters();
        }
    }
}

impl Drop for LoginAttempt {
    fn drop(&mut self) {
        if self.is_counted {
            let ThrottleRequest { limits, network, door, .. } = &self.knocking;
            self.throttle.ledger().failed(*limits, *network, door.as_ref(), self.began);
            self.throttle.0.settled.notify_waiters();
        }
    }
}

fn too_many(seconds: u32) -> Failure {
    let retry_after = Some(seconds.max(1));
    Failure::Refused(RefusalDetail { code: Refusal::TooManyTries, slots: Vec::new(), retry_after })
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(millis.max(0).unsigned_abs())
}

#[cfg(test)]
mod tests;
