//! Mail: what it is for, what an invitation says, how sending one may end, and when it is tried again. Sending is
//! somebody else's matter.

pub mod html;
pub mod template;

use crate::time::Timestamp;

string_enum! {
    /// What a mail is for.
    pub enum MailKind {
        Invitation = "invitation",
        /// Of what a candidate submitted.
        Confirmation = "confirmation",
    }

    /// Where a mail stands.
    pub enum MailState {
        /// It will be tried when it is due, or is being tried.
        Waiting = "waiting",
        /// A mail server took it.
        Sent = "sent",
        /// There was no mail server to give it to; it can be read here.
        Kept = "kept",
        /// Given up after the last try, or because it was refused for good.
        Failed = "failed",
        /// Not to be sent any more.
        Cancelled = "cancelled",
    }

    /// How one try ended.
    pub enum MailOutcome {
        Sent = "sent",
        Kept = "kept",
        /// Refused for good: the address does not exist, or the server takes nothing from us to it.
        Refused = "refused",
        /// The server asked to come again.
        Deferred = "deferred",
        /// The server does not take our log-in.
        Denied = "denied",
        TimedOut = "timed-out",
        /// No connection, or one that broke, or no trust in it.
        Unreachable = "unreachable",
        /// There is nothing that could be sent: the template is gone, or the address cannot be
        /// written into a mail.
        Unsendable = "unsendable",
    }
}

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;

/// Waits after the first to the ninth failure, in milliseconds; after the tenth a mail is given up.
const WAITS: [i64; 9] =
    [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 20 * HOUR];
/// A wait is longer by up to a tenth, so that what failed together does not come together again.
const JITTER: i64 = 10;

/// Where a mail stands after a try, and when the next one is made. `failures` counts this try, if
/// it was one.
#[must_use]
pub fn next_mail_state(
    outcome: MailOutcome,
    failures: u32,
    now: Timestamp,
    random: u64,
) -> (MailState, Option<Timestamp>) {
    match outcome {
        MailOutcome::Sent => (MailState::Sent, None),
        MailOutcome::Kept => (MailState::Kept, None),
        MailOutcome::Refused | MailOutcome::Unsendable => (MailState::Failed, None),
        MailOutcome::Deferred
        | MailOutcome::Denied
        | MailOutcome::TimedOut
        | MailOutcome::Unreachable => {
            let next = next_try(failures, now, random);
            (if next.is_some() { MailState::Waiting } else { MailState::Failed }, next)
        }
    }
}

fn next_try(failures: u32, now: Timestamp, random: u64) -> Option<Timestamp> {
    let wait = *WAITS.get(usize::try_from(failures.checked_sub(1)?).ok()?)?;
    let share = i64::try_from(random >> 32).expect("32 bits fit into 63");
    Some(now.plus_millis(wait + (((wait / JITTER) * share) >> 32)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    #[test]
    fn what_is_refused_for_good_is_never_tried_again() {
        for outcome in [MailOutcome::Refused, MailOutcome::Unsendable] {
            assert_eq!(next_mail_state(outcome, 1, NOW, 0), (MailState::Failed, None));
        }
    }

    #[test]
    fn a_wrong_log_in_is_the_operators_fault_and_is_waited_for() {
        let (state, next) = next_mail_state(MailOutcome::Denied, 1, NOW, 0);
        assert_eq!((state, next), (MailState::Waiting, Some(NOW.plus_seconds(60))));
    }

    #[test]
    fn ten_tries_take_about_two_days_and_then_it_is_over() {
        let mut at = NOW;
        for failures in 1..=9 {
            at = next_try(failures, at, u64::MAX).unwrap();
        }
        let hours = (at.0 - NOW.0) / HOUR;
        assert!((47..=53).contains(&hours), "{hours}");
        assert_eq!(next_mail_state(MailOutcome::Unreachable, 10, at, 0), (MailState::Failed, None));
    }

    proptest! {
        #[test]
        fn a_wait_is_the_planned_one_or_up_to_a_tenth_longer(failures in 1_u32..=9, random: u64) {
            let wait = WAITS[usize::try_from(failures).unwrap() - 1];
            let waited = next_try(failures, NOW, random).unwrap().0 - NOW.0;
            prop_assert!((wait..=wait + wait / 10).contains(&waited));
        }
    }
}
