//! Counting requests that are allowed at a steady rate with bursts: the generic cell rate
//! algorithm, one moment a key.
//!
//! Beside the crate `governor`, which counts requests of API keys, because here the clock is an
//! argument, memory has a bound whoever sends, and a request may take a turn that is still to come.

use super::attempt_log::{LONGEST_QUEUE_MILLIS, evict_oldest};
use domain::time::Timestamp;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateAllowance {
    /// Microseconds in which one more is allowed.
    interval: i64,
    /// So many at once.
    burst: i64,
}

impl RateAllowance {
    pub(crate) fn per_second(number: u32, burst: u32) -> Self {
        Self::new(1_000_000, number, burst)
    }

    pub(crate) fn per_minute(number: u32, burst: u32) -> Self {
        Self::new(60_000_000, number, burst)
    }

    fn new(micros: i64, number: u32, burst: u32) -> Self {
        Self { interval: (micros / i64::from(number.max(1))).max(1), burst: burst.max(1).into() }
    }
}

/// So many a second, and so many at once.
impl From<(u32, u32)> for RateAllowance {
    fn from((number, burst): (u32, u32)) -> Self {
        Self::per_second(number, burst)
    }
}

/// The requests of many keys under one allowance.
pub(crate) struct TokenBuckets<K> {
    allowance: RateAllowance,
    /// When all that was taken will have been given back, in microseconds.
    full_at: Mutex<HashMap<K, i64>>,
}

impl<K: Eq + Hash + Clone> TokenBuckets<K> {
    pub(crate) fn new(allowance: RateAllowance) -> Self {
        Self { allowance, full_at: Mutex::default() }
    }

    /// Takes so many now; more than a burst count as a burst.
    ///
    /// # Errors
    /// The seconds until there are so many.
    pub(crate) fn take(&self, key: &K, number: u32, now: Timestamp) -> Result<(), u32> {
        self.reserve_many(key, number, now, 0).map(drop)
    }

    /// Takes one now, or the next one if it comes in no more than `patience` milliseconds; gives
    /// how many that are.
    ///
    /// # Errors
    /// The seconds until asking again makes sense.
    pub(crate) fn reserve(&self, key: &K, now: Timestamp, patience: i64) -> Result<i64, u32> {
        self.reserve_many(key, 1, now, patience)
    }

    fn reserve_many(
        &self,
        key: &K,
        number: u32,
        now: Timestamp,
        patience: i64,
    ) -> Result<i64, u32> {
        let RateAllowance { interval, burst } = self.allowance;
        let number = i64::from(number).min(burst);
        let (now, patience) = (now.0.saturating_mul(1000), patience.saturating_mul(1000));
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        evict_oldest(&mut buckets, |_| true, |full_at| *full_at);
        // Beyond what could have been taken by now it was written before the clock was set back.
        let reachable =
            now.saturating_add(interval * (burst + 1)).saturating_add(LONGEST_QUEUE_MILLIS * 1000);
        let full_at = buckets
            .get(key)
            .copied()
            .filter(|full_at| *full_at <= reachable)
            .unwrap_or(now)
            .max(now);
        let wait = (full_at - now - interval * (burst - number)).max(0);
        if wait > patience {
            return Err(whole_seconds(wait - patience));
        }
        buckets.insert(key.clone(), full_at + interval * number);
        Ok((wait + 999) / 1000)
    }
}

fn whole_seconds(micros: i64) -> u32 {
    u32::try_from(micros.unsigned_abs().div_ceil(1_000_000)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    #[test]
    fn a_burst_is_taken_at_once_and_then_one_each_interval() {
        let buckets = TokenBuckets::new(RateAllowance::per_second(20, 100));
        assert!((0..100).all(|_| buckets.take(&1, 1, NOW).is_ok()));
        assert_eq!(buckets.take(&1, 1, NOW), Err(1));
        assert_eq!(buckets.take(&2, 1, NOW), Ok(()));
        assert!((0..20).all(|_| buckets.take(&1, 1, NOW.plus_seconds(1)).is_ok()));
        assert_eq!(buckets.take(&1, 1, NOW.plus_seconds(1)), Err(1));
    }

    #[test]
    fn a_turn_to_come_is_reserved_while_it_comes_soon_enough() {
        let buckets = TokenBuckets::new(RateAllowance::per_minute(60, 2));
        let reserved: Vec<_> = (0..6).map(|_| buckets.reserve(&1, NOW, 3000)).collect();
        assert_eq!(reserved, [Ok(0), Ok(0), Ok(1000), Ok(2000), Ok(3000), Err(1)]);
        assert_eq!(buckets.reserve(&1, NOW, 0), Err(4));
    }

    #[test]
    fn several_are_taken_together_or_none_and_more_than_a_burst_waits_for_a_whole_one() {
        let buckets = TokenBuckets::new(RateAllowance::per_second(10, 100));
        assert_eq!(
            (buckets.take(&1, 70, NOW), buckets.take(&1, 40, NOW), buckets.take(&1, 30, NOW)),
            (Ok(()), Err(1), Ok(()))
        );
        assert_eq!(buckets.take(&1, 1000, NOW), Err(10));
        assert_eq!(buckets.take(&1, 1000, NOW.plus_seconds(10)), Ok(()));
        assert_eq!(buckets.take(&1, 0, NOW.plus_seconds(10)), Ok(()));
    }

    #[test]
    fn a_clock_that_was_set_back_gives_a_fresh_start() {
        let buckets = TokenBuckets::new(RateAllowance::per_minute(1, 1));
        assert_eq!(buckets.take(&1, 1, NOW), Ok(()));
        assert_eq!(buckets.take(&1, 1, NOW.plus_seconds(-86_400)), Ok(()));
        assert_eq!(buckets.take(&1, 1, NOW.plus_seconds(-86_400)), Err(60));
    }

    #[test]
    fn memory_is_bounded() {
        let buckets = TokenBuckets::new(RateAllowance::per_second(1, 1));
        for key in 0..150_000_i64 {
            assert_eq!(buckets.take(&key, 1, NOW.plus_millis(key)), Ok(()));
        }
        assert!(buckets.full_at.lock().unwrap().len() <= 50_000);
    }

    proptest! {
        /// However requests arrive, no stretch of time sees more than the burst and what the rate
        /// gives meanwhile.
        #[test]
        fn no_stretch_sees_more_than_burst_and_rate(gaps in prop::collection::vec(0_i64..400, 1..300)) {
            let buckets = TokenBuckets::new(RateAllowance::per_second(10, 5));
            let (mut now, mut taken) = (NOW, Vec::new());
            for gap in gaps {
                now = now.plus_millis(gap);
                if buckets.take(&1, 1, now).is_ok() {
                    taken.push(now.0);
                }
            }
            for (first, from) in taken.iter().enumerate() {
                for (last, to) in taken.iter().enumerate().skip(first) {
                    prop_assert!((last - first + 1) as i64 <= 5 + (to - from) / 100);
                }
            }
        }
    }
}
