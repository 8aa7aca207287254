//! How often entering may fail (domain rules, 7.2), as a pure function of what happened: the clock
//! is the caller's.
//!
//! A try is counted before its work begins, so that tries sent at once cannot pass the limit
//! together; it is given back when it was right. While the tries under way would reach the limit if
//! all of them failed, further ones wait for them: sixty right codes from one room must not be
//! taken for guesses.

use super::ClientNetwork;
use domain::id::TaskId;
use domain::time::Timestamp;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

const WINDOW_MILLIS: i64 = 600_000;
/// A success counts as recent for so long.
const SUCCESS_MILLIS: i64 = 7 * 24 * 3_600_000;
/// The longest wait for a paced turn: shorter than the time a request may take.
pub(super) const LONGEST_QUEUE_MILLIS: i64 = 45_000;
/// Beyond so many networks or doors the oldest are forgotten: memory stays bounded whoever knocks.
const MOST_ENTRIES: usize = 50_000;
/// Tries of one network that may wait for those under way.
const MOST_WAITING: usize = 512;

/// What somebody wants to get into.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ThrottleKey {
    Task(TaskId),
    /// A user's name in an organization, as a digest. Names that nobody has are counted alike, so
    /// that a limit does not tell which there are.
    User([u8; 32]),
}

/// How many failures are allowed in the window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThrottleLimits {
    pub per_network: usize,
    /// Per task, or per user.
    pub per_door: usize,
}

impl ThrottleLimits {
    /// Failures of one network that count towards a door's total: less than half, so that no single
    /// network shuts a door for others whatever the limits are.
    fn share(self) -> usize {
        (self.per_door / 10).max(1)
    }
}

/// Whether a try may be judged now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThrottleDecision {
    /// It is counted; its outcome has to be told.
    Now,
    /// Others under way come first.
    Later,
    /// The limit is reached; seconds until a try is possible.
    Never { seconds: u32, by: LimitReached },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitReached {
    Network,
    Door,
    /// Too many wait already.
    Queue,
}

#[derive(Default)]
struct NetworkAttempts {
    failures: VecDeque<Timestamp>,
    under_way: usize,
    waiting: usize,
    /// When the next paced try may be judged.
    next_turn: Option<Timestamp>,
}

#[derive(Default)]
struct KeyAttempts {
    failures: VecDeque<(Timestamp, ClientNetwork)>,
    under_way: usize,
}

/// The tries of the last ten minutes.
#[derive(Default)]
pub(super) struct AttemptLog {
    networks: HashMap<ClientNetwork, NetworkAttempts>,
    doors: HashMap<ThrottleKey, KeyAttempts>,
    /// Networks that got in at a door; the door's total does not stop them.
    successes: HashMap<(ThrottleKey, ClientNetwork), Timestamp>,
    /// One try at a time for each network and door.
    judging: HashSet<(ThrottleKey, ClientNetwork)>,
}

impl AttemptLog {
    /// Counts a try, if it may be judged now.
    pub(super) fn begin_attempt(
        &mut self,
        limits: ThrottleLimits,
        network: ClientNetwork,
        door: Option<&ThrottleKey>,
        now: Timestamp,
    ) -> ThrottleDecision {
        evict_oldest(
            &mut self.networks,
            |tries| tries.is_idle(),
            |tries| tries.failures.back().copied(),
        );
        let tries = self.networks.entry(network).or_default();
        forget_old(&mut tries.failures, now, |at| *at);
        if let Some(seconds) = seconds_left(&tries.failures, limits.per_network, now, |at| *at) {
            return ThrottleDecision::Never { seconds, by: LimitReached::Network };
        }
        let is_full = tries.failures.len() + tries.under_way >= limits.per_network.max(1);
        let at_door =
            door.map_or(ThrottleDecision::Now, |door| self.at_door(limits, network, door, now));
        if at_door != ThrottleDecision::Now {
            return at_door;
        }
        if is_full {
            return ThrottleDecision::Later;
        }
        self.count(network, door);
        ThrottleDecision::Now
    }

    fn at_door(
        &mut self,
        limits: ThrottleLimits,
        network: ClientNetwork,
        door: &ThrottleKey,
        now: Timestamp,
    ) -> ThrottleDecision {
        evict_oldest(
            &mut self.doors,
            |tries| tries.under_way == 0,
            |tries| tries.failures.back().map(|(at, _)| *at),
        );
        let key = (door.clone(), network);
        if self.judging.contains(&key) {
            return ThrottleDecision::Later;
        }
        let got_in =
            self.successes.get(&key).is_some_and(|at| at.plus_millis(SUCCESS_MILLIS) > now);
        let tries = self.doors.entry(door.clone()).or_default();
        forget_old(&mut tries.failures, now, |(at, _)| *at);
        if got_in {
            return ThrottleDecision::Now;
        }
        match seconds_left(&tries.failures, limits.per_door, now, |(at, _)| *at) {
            Some(seconds) => ThrottleDecision::Never { seconds, by: LimitReached::Door },
            None if tries.failures.len() + tries.under_way >= limits.per_door.max(1) => {
                ThrottleDecision::Later
            }
            None => ThrottleDecision::Now,
        }
    }

    fn count(&mut self, network: ClientNetwork, door: Option<&ThrottleKey>) {
        self.networks.entry(network).or_default().under_way += 1;
        if let Some(door) = door {
            self.doors.entry(door.clone()).or_default().under_way += 1;
            self.judging.insert((door.clone(), network));
        }
    }

    fn uncount(&mut self, network: ClientNetwork, door: Option<&ThrottleKey>) {
        if let Some(tries) = self.networks.get_mut(&network) {
            tries.under_way = tries.under_way.saturating_sub(1);
            if tries.is_idle() && tries.failures.is_empty() {
                self.networks.remove(&network);
            }
        }
        let Some(door) = door else { return };
        self.judging.remove(&(door.clone(), network));
        if let Some(tries) = self.doors.get_mut(door) {
            tries.under_way = tries.under_way.saturating_sub(1);
            if tries.under_way == 0 && tries.failures.is_empty() {
                self.doors.remove(door);
            }
        }
    }

    /// A counted try was wrong, or nobody knows how it ended.
    pub(super) fn failed(
        &mut self,
        limits: ThrottleLimits,
        network: ClientNetwork,
        door: Option<&ThrottleKey>,
        now: Timestamp,
    ) {
        let tries = self.networks.entry(network).or_default();
        tries.failures.push_back(now);
        if let Some(door) = door {
            let tries = self.doors.entry(door.clone()).or_default();
            forget_old(&mut tries.failures, now, |(at, _)| *at);
            if tries.failures.iter().filter(|(_, from)| *from == network).count() < limits.share() {
                tries.failures.push_back((now, network));
            }
        }
        self.uncount(network, door);
    }

    /// A counted try was right, or the server could not judge it: it is given back.
    pub(super) fn release(&mut self, network: ClientNetwork, door: Option<&ThrottleKey>) {
        self.uncount(network, door);
    }

    /// Somebody of this network got in here.
    pub(super) fn remember_success(
        &mut self,
        network: ClientNetwork,
        door: ThrottleKey,
        now: Timestamp,
    ) {
        evict_oldest(&mut self.successes, |_| true, |at| Some(*at));
        self.successes.insert((door, network), now);
    }

    /// A turn of a network that is over its limit, one each `pace`: the moment to wait for.
    pub(super) fn next_paced_turn(
        &mut self,
        network: ClientNetwork,
        pace_millis: i64,
        now: Timestamp,
    ) -> Result<Timestamp, u32> {
        let tries = self.networks.entry(network).or_default();
        let last = now.plus_millis(LONGEST_QUEUE_MILLIS);
        // A clock that was set back must not leave the queue full for as long as it jumped.
        let next = tries
            .next_turn
            .filter(|next| *next <= last.plus_millis(pace_millis))
            .unwrap_or(now)
            .max(now);
        if next > last {
            return Err(seconds_until(next, last));
        }
        tries.next_turn = Some(next.plus_millis(pace_millis));
        Ok(next)
    }

    /// One more try waits for those under way; false when too many do.
    pub(super) fn enqueue(&mut self, network: ClientNetwork) -> bool {
        let tries = self.networks.entry(network).or_default();
        let has_room = tries.waiting < MOST_WAITING;
        tries.waiting += usize::from(has_room);
        has_room
    }

    pub(super) fn dequeue(&mut self, network: ClientNetwork) {
        if let Some(tries) = self.networks.get_mut(&network) {
            tries.waiting = tries.waiting.saturating_sub(1);
        }
    }

    #[cfg(test)]
    pub(super) fn entries(&self) -> usize {
        self.networks.len().max(self.doors.len()).max(self.successes.len())
    }
}

impl NetworkAttempts {
    fn is_idle(&self) -> bool {
        self.under_way == 0 && self.waiting == 0
    }
}

/// A failure at a later moment than now was written before the clock was set back: one that far
/// ahead is forgotten.
fn forget_old<T>(failures: &mut VecDeque<T>, now: Timestamp, at: impl Fn(&T) -> Timestamp) {
    let is_recent = |when: Timestamp| {
        when.plus_millis(WINDOW_MILLIS) > now && when.plus_millis(-WINDOW_MILLIS) < now
    };
    failures.retain(|failure| is_recent(at(failure)));
}

/// Seconds until there are fewer failures than the limit again; `None` when there are.
fn seconds_left<T>(
    failures: &VecDeque<T>,
    limit: usize,
    now: Timestamp,
    at: impl Fn(&T) -> Timestamp,
) -> Option<u32> {
    let decisive =
        failures.len().checked_sub(limit.max(1)).and_then(|index| failures.get(index))?;
    Some(seconds_until(at(decisive).plus_millis(WINDOW_MILLIS), now))
}

fn seconds_until(goal: Timestamp, now: Timestamp) -> u32 {
    let millis = goal.0.saturating_sub(now.0).max(1).unsigned_abs();
    u32::try_from(millis.div_ceil(1000)).unwrap_or(u32::MAX)
}

/// Forgets the older half of what nobody is using, once there is too much. Half at once, so that
/// each insertion costs next to nothing on the average.
pub(crate) fn evict_oldest<K: Eq + Hash + Clone, V, T: Ord + Copy>(
    map: &mut HashMap<K, V>,
    is_free: impl Fn(&V) -> bool,
    last: impl Fn(&V) -> T,
) {
    if map.len() < MOST_ENTRIES {
        return;
    }
    let mut moments: Vec<_> = map.values().map(&last).collect();
    let middle = moments.len() / 2;
    let (_, median, _) = moments.select_nth_unstable(middle);
    let median = *median;
    let mut left = middle;
    map.retain(|_, value| {
        let goes = left > 0 && is_free(value) && last(value) <= median;
        left -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests;
