//! How often entering may fail (domain rules, 7.2): 10 times per client address and 100 times per task, or per user who
//! signs in, in 10 minutes.
//!
//! Kept in memory and forgotten with the process: it slows guessing down, it is no record. The clock is the caller's.

use crate::failure::{Failure, Refused};
use domain::id::{TaskId, UserId};
use domain::refusal::Refusal;
use domain::time::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

const WINDOW_MILLIS: i64 = 600_000;
/// Beyond so many addresses or doors, those without a recent failure are forgotten.
const CROWD: usize = 10_000;

/// The failures of the last ten minutes.
#[derive(Default)]
pub(crate) struct Tries(Mutex<Ledger>);

#[derive(Default)]
struct Ledger {
    by_address: HashMap<Address, VecDeque<Timestamp>>,
    by_door: HashMap<Door, VecDeque<Timestamp>>,
    /// Addresses that got in at a door; the door's limit does not stop them.
    welcome: HashMap<(Door, Address), Timestamp>,
}

/// What somebody wants to get into.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Door {
    Task(TaskId),
    /// The organization, as this user.
    User(UserId),
}

/// Where somebody comes from; all whose address is not known count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Address(Option<IpAddr>);

impl Address {
    /// A subscriber has a whole /64 of IPv6.
    fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX))),
            four => four,
        }))
    }
}

/// How many failures are allowed in the window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub per_address: usize,
    /// Per task, or per user.
    pub per_door: usize,
}

impl Tries {
    /// Whether another try may be made now.
    ///
    /// # Errors
    /// `too_many_tries` with the seconds until one may.
    pub(crate) fn demand(
        &self,
        limits: Limits,
        address: Option<IpAddr>,
        door: Option<&Door>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let (mut ledger, address) = (self.ledger(), Address::of(address));
        let by_address = wait(&mut ledger.by_address, &address, limits.per_address, now);
        let by_door = match door {
            Some(door) if !ledger.welcome.contains_key(&(door.clone(), address)) => {
                wait(&mut ledger.by_door, door, limits.per_door, now)
            }
            _ => None,
        };
        match by_address.max(by_door) {
            None => Ok(()),
            Some(seconds) => Err(Failure::Refused(Refused {
                code: Refusal::TooManyTries,
                slots: Vec::new(),
                retry_after: Some(seconds),
            })),
        }
    }

    pub(crate) fn failed(&self, address: Option<IpAddr>, door: Option<&Door>, now: Timestamp) {
        let mut ledger = self.ledger();
        note(&mut ledger.by_address, Address::of(address), now);
        if let Some(door) = door {
            note(&mut ledger.by_door, door.clone(), now);
        }
    }

    pub(crate) fn succeeded(&self, address: Option<IpAddr>, door: &Door, now: Timestamp) {
        let mut ledger = self.ledger();
        if ledger.welcome.len() >= CROWD {
            ledger.welcome.retain(|_, at| is_recent(*at, now));
        }
        ledger.welcome.insert((door.clone(), Address::of(address)), now);
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    at.plus_millis(WINDOW_MILLIS) > now
}

fn note<K: Eq + Hash>(failures: &mut HashMap<K, VecDeque<Timestamp>>, key: K, now: Timestamp) {
    if failures.len() >= CROWD {
        failures.retain(|_, times| times.back().is_some_and(|last| is_recent(*last, now)));
    }
    failures.entry(key).or_default().push_back(now);
}

/// Seconds until there are fewer failures than the limit again; `None` when there are.
fn wait<K: Eq + Hash>(
    failures: &mut HashMap<K, VecDeque<Timestamp>>,
    key: &K,
    limit: usize,
    now: Timestamp,
) -> Option<u32> {
    let times = failures.get_mut(key)?;
    while times.front().is_some_and(|first| !is_recent(*first, now)) {
        times.pop_front();
    }
    let decisive = times.len().checked_sub(limit.max(1)).and_then(|index| times.get(index))?;
    let millis = decisive.plus_millis(WINDOW_MILLIS).0.saturating_sub(now.0).max(1);
    Some(u32::try_from(millis.unsigned_abs().div_ceil(1000)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { per_address: 10, per_door: 100 };
    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    fn seconds(result: Result<(), Failure>) -> Option<u32> {
        match result {
            Err(Failure::Refused(refused)) => refused.retry_after,
            Err(other) => panic!("{other}"),
            Ok(()) => None,
        }
    }

    #[test]
    fn the_eleventh_try_of_an_address_waits_until_the_first_failure_is_ten_minutes_old() {
        let tries = Tries::default();
        for try_no in 0..10 {
            assert_eq!(seconds(tries.demand(LIMITS, address(1), None, NOW)), None);
            tries.failed(address(1), None, NOW.plus_seconds(try_no));
        }
        let later = NOW.plus_seconds(9);
        assert_eq!(seconds(tries.demand(LIMITS, address(1), None, later)), Some(591));
        assert_eq!(seconds(tries.demand(LIMITS, address(2), None, later)), None);
        assert_eq!(seconds(tries.demand(LIMITS, address(1), None, NOW.plus_seconds(599))), Some(1));
        assert_eq!(seconds(tries.demand(LIMITS, address(1), None, NOW.plus_seconds(600))), None);
    }

    #[test]
    fn a_task_under_attack_stays_open_to_addresses_that_got_in() {
        let (tries, task) = (Tries::default(), Door::Task("Tk1".into()));
        tries.succeeded(address(250), &task, NOW);
        for index in 0..100 {
            tries.failed(address(index), Some(&task), NOW);
        }
        assert_eq!(seconds(tries.demand(LIMITS, address(200), Some(&task), NOW)), Some(600));
        assert_eq!(seconds(tries.demand(LIMITS, address(250), Some(&task), NOW)), None);
        assert_eq!(seconds(tries.demand(LIMITS, address(200), Some(&Door::Task("Tk2".into())), NOW)), None);
    }

    #[test]
    fn a_subscriber_of_ipv6_counts_as_one_and_so_do_unknown_addresses() {
        let tries = Tries::default();
        for index in 0..10u128 {
            tries.failed(Some(IpAddr::V6(Ipv6Addr::from_bits((1 << 100) | index))), None, NOW);
            tries.failed(None, None, NOW);
        }
        let neighbour = Some(IpAddr::V6(Ipv6Addr::from_bits((1 << 100) | 77)));
        assert!(seconds(tries.demand(LIMITS, neighbour, None, NOW)).is_some());
        assert!(seconds(tries.demand(LIMITS, None, None, NOW)).is_some());
        assert_eq!(seconds(tries.demand(LIMITS, address(1), None, NOW)), None);
    }
}
