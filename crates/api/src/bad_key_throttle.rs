//! Bad keys, counted by client network: one that sends too many is refused before its keys are
//! looked up.
//!
//! Keys have 256 random bits, so nobody finds one; what is saved is the work of looking up.

use crate::rate_limit::KeyedRateLimiter;
use app::throttle::ClientNetwork;
use governor::clock::{Clock, Reference as _};
use governor::nanos::Nanos;
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Beyond so many networks those whose time is over are forgotten, and if that is not enough, all.
const MOST_NETWORKS: usize = 10_000;

/// Who sends too many bad keys.
pub struct BadKeyThrottle<C: Clock> {
    rates: KeyedRateLimiter<ClientNetwork, C>,
    blocked: Mutex<HashMap<ClientNetwork, C::Instant>>,
    clock: C,
}

impl<C: Clock + Clone> BadKeyThrottle<C> {
    /// A count that allows `quota` bad keys a minute and network.
    pub fn new(quota: NonZeroU32, clock: C) -> Self {
        Self {
            rates: KeyedRateLimiter::new(quota, clock.clone()),
            blocked: Mutex::default(),
            clock,
        }
    }

    /// Seconds until a network is heard again; none when it is now.
    pub fn blocked_for(&self, network: ClientNetwork) -> Option<u64> {
        let (mut blocked, now) = (self.networks(), self.clock.now());
        let until = *blocked.get(&network)?;
        if until <= now {
            blocked.remove(&network);
            return None;
        }
        let wait = Duration::from(until.duration_since(now));
        Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }

    /// Counts a bad key. Seconds to wait when it was one too many.
    pub fn record_failure(&self, network: ClientNetwork) -> Option<u64> {
        let seconds = self.rates.count(&network).retry_after?;
        let (mut blocked, now) = (self.networks(), self.clock.now());
        if blocked.len() >= MOST_NETWORKS {
            blocked.retain(|_, until| *until > now);
        }
        if blocked.len() >= MOST_NETWORKS {
            // Forgetting all costs look-ups of keys, for a minute. Taking in no more would let
            // whoever has many addresses switch the throttle off.
            blocked.clear();
        }
        blocked.insert(network, now + Nanos::from(Duration::from_secs(seconds)));
        Some(seconds)
    }

    fn networks(&self) -> MutexGuard<'_, HashMap<ClientNetwork, C::Instant>> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use std::net::IpAddr;

    #[test]
    fn one_too_many_blocks_the_whole_network_for_as_long_as_it_is_told_and_memory_is_bounded() {
        let clock = FakeRelativeClock::default();
        let bad_keys = BadKeyThrottle::new(NonZeroU32::new(2).unwrap(), clock.clone());
        let of = |text: &str| ClientNetwork::of(Some(text.parse().unwrap()));
        let (one, neighbour) = (of("2001:db8:1:2::1"), of("2001:db8:1:2::2"));
        assert_eq!(
            (
                bad_keys.record_failure(one),
                bad_keys.record_failure(neighbour),
                bad_keys.blocked_for(one)
            ),
            (None, None, None)
        );
        assert_eq!(bad_keys.record_failure(neighbour), Some(30));
        assert_eq!(
            (bad_keys.blocked_for(one), bad_keys.blocked_for(of("2001:db8:9::"))),
            (Some(30), None)
        );
        clock.advance(Duration::from_secs(30));
        assert_eq!(bad_keys.blocked_for(one), None);
        for number in 0..30_000_u32 {
            let network = ClientNetwork::of(Some(IpAddr::from(number.to_be_bytes())));
            for _ in 0..3 {
                bad_keys.record_failure(network);
            }
        }
        assert!(bad_keys.networks().len() <= MOST_NETWORKS);
    }
}
