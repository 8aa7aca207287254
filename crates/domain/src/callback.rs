//! Callbacks: which changes are told to receivers, when a message that failed is tried again, and
//! when it is given up (REST specification, 9). Sending is somebody else's matter.

use crate::instance::InstanceChange;
use crate::time::Timestamp;

string_enum! {
    /// How much of an instance a message carries.
    pub enum CallbackResource {
        Basic = "basic",
        Detailed = "detailed",
    }

    /// What is told to receivers.
    pub enum EventType {
        Completed = "test-instance.completed",
        Rescored = "test-instance.rescored",
        Reinstated = "test-instance.reinstated",
        Ignored = "test-instance.ignored",
        Reacknowledged = "test-instance.reacknowledged",
    }

    /// Where a message stands.
    pub enum MessageState {
        /// It will be tried, or is being tried.
        Pending = "pending",
        Delivered = "delivered",
        /// Given up after the last try, or because the receiver is gone.
        Failed = "failed",
        /// Not to be sent any more: the person was erased, or the receiver switched off.
        Dropped = "dropped",
    }

    /// How one try ended.
    pub enum CallbackOutcome {
        /// An answer of 2xx in time.
        Delivered = "delivered",
        /// Any other answer, a redirection too.
        Refused = "refused",
        /// 410: the receiver wants nothing any more.
        Gone = "gone",
        /// No answer in time.
        TimedOut = "timed-out",
        /// No connection, or one that broke.
        Unreachable = "unreachable",
        /// The name leads to an address that is not dialled.
        Forbidden = "forbidden",
    }
}

impl EventType {
    /// The event of a change; starts and erasures are told by the feed only.
    #[must_use]
    pub const fn of(change: InstanceChange) -> Option<Self> {
        match change {
            InstanceChange::Completed => Some(Self::Completed),
            InstanceChange::Rescored => Some(Self::Rescored),
            InstanceChange::Reinstated => Some(Self::Reinstated),
            InstanceChange::Ignored => Some(Self::Ignored),
            InstanceChange::Reacknowledged => Some(Self::Reacknowledged),
            InstanceChange::Started | InstanceChange::Erased => None,
        }
    }

    /// The change of the instance that the event tells of.
    #[must_use]
    pub const fn change(self) -> InstanceChange {
        match self {
            Self::Completed => InstanceChange::Completed,
            Self::Rescored => InstanceChange::Rescored,
            Self::Reinstated => InstanceChange::Reinstated,
            Self::Ignored => InstanceChange::Ignored,
            Self::Reacknowledged => InstanceChange::Reacknowledged,
        }
    }
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Waits after the first to the ninth failure, in milliseconds; after the tenth a message is given
/// up.
const WAITS: [i64; 9] = [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];
/// A receiver cannot put a try off for longer than this.
const LONGEST_WAIT: i64 = 24 * HOUR;
/// A wait is longer by up to a tenth, so that what failed together does not come together again.
const JITTER: i64 = 10;

/// When a receiver wants to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    Seconds(u32),
    At(Timestamp),
}

impl RetryAfter {
    /// The moment it stands for, at most a day from now.
    #[must_use]
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        let at = match self {
            Self::Seconds(seconds) => now.plus_seconds(seconds.into()),
            Self::At(at) => at,
        };
        at.clamp(now, now.plus_millis(LONGEST_WAIT))
    }
}

/// When the try after the `failures`-th failure is made: the planned wait, and not before the
/// receiver wants it. None when the message is given up.
#[must_use]
pub fn next_attempt_at(
    failures: u32,
    now: Timestamp,
    wanted: Option<RetryAfter>,
    random: u64,
) -> Option<Timestamp> {
    let wait = *WAITS.get(usize::try_from(failures.checked_sub(1)?).ok()?)?;
    let share = i64::try_from(random >> 32).expect("32 bits fit into 63");
    let planned = now.plus_millis(wait + (((wait / JITTER) * share) >> 32));
    Some(wanted.map_or(planned, |wanted| wanted.resolve(now).max(planned)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    #[test]
    fn the_tenth_failure_is_the_last() {
        assert_eq!(next_attempt_at(10, NOW, None, 0), None);
        assert_eq!(next_attempt_at(10, NOW, Some(RetryAfter::Seconds(1)), 0), None);
        assert_eq!(next_attempt_at(0, NOW, None, 0), None);
        assert_eq!(next_attempt_at(9, NOW, None, 0), Some(NOW.plus_seconds(86_400)));
    }

    #[test]
    fn a_receiver_puts_a_try_off_but_never_draws_it_nearer_nor_beyond_a_day() {
        let after = |wanted| next_attempt_at(1, NOW, Some(wanted), 0);
        assert_eq!(after(RetryAfter::Seconds(120)), Some(NOW.plus_seconds(120)));
        assert_eq!(after(RetryAfter::Seconds(1)), Some(NOW.plus_seconds(5)));
        assert_eq!(after(RetryAfter::Seconds(u32::MAX)), Some(NOW.plus_seconds(86_400)));
        assert_eq!(after(RetryAfter::At(NOW.plus_seconds(-9))), Some(NOW.plus_seconds(5)));
        assert_eq!(after(RetryAfter::At(NOW.plus_seconds(60))), Some(NOW.plus_seconds(60)));
    }

    #[test]
    fn ten_tries_take_about_three_days() {
        let mut at = NOW;
        for failures in 1..=9 {
            at = next_attempt_at(failures, at, None, u64::MAX).unwrap();
        }
        let hours = (at.0 - NOW.0) / HOUR;
        assert!((75..=84).contains(&hours), "{hours}");
    }

    proptest! {
        #[test]
        fn a_wait_is_the_planned_one_or_up_to_a_tenth_longer(failures in 1_u32..=9, random: u64) {
            let wait = WAITS[usize::try_from(failures).unwrap() - 1];
            let waited = next_attempt_at(failures, NOW, None, random).unwrap().0 - NOW.0;
            prop_assert!((wait..=wait + wait / 10).contains(&waited));
        }

        #[test]
        fn an_event_is_of_its_change(index in 0..EventType::ALL.len()) {
            let event = EventType::ALL[index];
            prop_assert_eq!(EventType::of(event.change()), Some(event));
            prop_assert_eq!(format!("test-instance.{}", event.change()), event.as_str());
        }
    }
}
