//! Counting requests (REST specification, 10.4): per key, and per address for bad keys.
//!
//! The counting is `governor`'s: a quota of q refills steadily over a minute. Must never count what
//! it cannot name: the caller of this module gives the key or the address.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const WINDOW: Duration = Duration::from_secs(60);
/// How many requests are counted before keys that have been quiet are forgotten.
const SWEEP_EVERY: u32 = 4096;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

type GovernorLimiter<K, C> = RateLimiter<K, DashMapStateStore<K>, C, StateInformationMiddleware>;

/// Where a key stands after a request was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitStatus {
    pub quota: u32,
    pub left: u32,
    /// Seconds until the whole quota is there again.
    pub reset: u64,
    /// Seconds to wait, when this request was one too many.
    pub retry_after: Option<u64>,
}

impl RateLimitStatus {
    /// Writes `RateLimit-Policy` and `RateLimit`.
    pub fn write_headers(&self, headers: &mut HeaderMap) {
        let policy = format!("\"default\";q={};w={}", self.quota, WINDOW.as_secs());
        let state = format!("\"default\";r={};t={}", self.left, self.reset);
        for (name, text) in [(POLICY, policy), (RATE_LIMIT, state)] {
            headers.insert(
                name,
                HeaderValue::from_str(&text).expect("digits and punctuation are visible ASCII"),
            );
        }
    }
}

/// Counts requests by key.
pub struct KeyedRateLimiter<K: Hash + Eq + Clone, C: Clock = DefaultClock> {
    quota: NonZeroU32,
    limiter: GovernorLimiter<K, C>,
    clock: C,
    counted: AtomicU32,
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> KeyedRateLimiter<K, C> {
    /// A count that allows `quota` requests a minute, by this clock.
    pub fn new(quota: NonZeroU32, clock: C) -> Self {
        let limiter =
            GovernorLimiter::new(allowance(quota), DashMapStateStore::default(), clock.clone());
        Self { quota, limiter, clock, counted: AtomicU32::new(0) }
    }

    /// Counts a request.
    pub fn count(&self, key: &K) -> RateLimitStatus {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(key) {
            Ok(snapshot) => self.status(snapshot.remaining_burst_capacity(), None),
            Err(early) => {
                let wait = early.wait_time_from(self.clock.now());
                self.status(0, Some(whole_seconds(wait).max(1)))
            }
        }
    }

    /// How many keys are remembered.
    #[must_use]
    #[cfg(test)]
    pub fn tracked_keys(&self) -> usize {
        self.limiter.len()
    }

    fn status(&self, left: u32, retry_after: Option<u64>) -> RateLimitStatus {
        let quota = self.quota.get();
        let used = quota.saturating_sub(left);
        let reset = whole_seconds(WINDOW.saturating_mul(used) / quota);
        RateLimitStatus { quota, left, reset, retry_after }
    }
}

fn allowance(quota: NonZeroU32) -> Quota {
    let one = (WINDOW / quota.get()).max(Duration::from_nanos(1));
    Quota::with_period(one).expect("the period is at least a nanosecond").allow_burst(quota)
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn rates(quota: u32) -> (KeyedRateLimiter<String, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (KeyedRateLimiter::new(NonZeroU32::new(quota).unwrap(), clock.clone()), clock)
    }

    #[test]
    fn a_request_beyond_the_quota_is_told_when_to_come_back() {
        let (rates, clock) = rates(2);
        let key = "Ky1".to_owned();
        assert_eq!(
            rates.count(&key),
            RateLimitStatus { quota: 2, left: 1, reset: 30, retry_after: None }
        );
        assert_eq!(
            rates.count(&key),
            RateLimitStatus { quota: 2, left: 0, reset: 60, retry_after: None }
        );
        assert_eq!(
            rates.count(&key),
            RateLimitStatus { quota: 2, left: 0, reset: 60, retry_after: Some(30) }
        );
        clock.advance(Duration::from_secs(30));
        assert_eq!(rates.count(&key).retry_after, None);
    }

    #[test]
    fn keys_are_counted_apart() {
        let (rates, _) = rates(1);
        assert_eq!(rates.count(&"a".to_owned()).retry_after, None);
        assert_eq!(rates.count(&"b".to_owned()).retry_after, None);
        assert!(rates.count(&"a".to_owned()).retry_after.is_some());
    }

    #[test]
    fn keys_that_have_been_quiet_are_forgotten() {
        let (rates, clock) = rates(6000);
        for key in 0..1000 {
            rates.count(&key.to_string());
        }
        clock.advance(Duration::from_secs(120));
        for _ in 1000..SWEEP_EVERY {
            rates.count(&"busy".to_owned());
        }
        assert!(rates.tracked_keys() <= 2);
    }

    #[test]
    fn the_headers_have_the_published_form() {
        let mut headers = HeaderMap::new();
        RateLimitStatus { quota: 6000, left: 5999, reset: 1, retry_after: None }
            .write_headers(&mut headers);
        assert_eq!(headers["RateLimit-Policy"], "\"default\";q=6000;w=60");
        assert_eq!(headers["RateLimit"], "\"default\";r=5999;t=1");
    }
}
