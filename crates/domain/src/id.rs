//! Identities: opaque, unique in the server across all kinds, never reused.
//!
//! An id is a two-letter prefix and 18 base-62 digits of (milliseconds, 59 random bits), so ids
//! made later sort later and land at the end of an index. Nothing may rely on that: secrets (codes,
//! keys, tokens) are random throughout.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS_PER_ID: usize = 18;
const RANDOM_BITS: u32 = 59;
const PREFIX_LENGTH: usize = 2;
/// As many numbers as half of the digits can write.
const HALF: u128 = 62_u128.pow(9);

fn generate_id(prefix: &str, now: Timestamp, random: u64) -> Arc<str> {
    let millis = u128::from(now.0.max(0).unsigned_abs()) & ((1 << 48) - 1);
    let number = (millis << RANDOM_BITS) | u128::from(random >> (64 - RANDOM_BITS));
    // Two halves of nine digits: divisions of 128 bits are dear, and every request has an id.
    let (upper, lower) = (number / HALF % HALF, number % HALF);
    let mut text = [b'0'; PREFIX_LENGTH + DIGITS_PER_ID];
    let (head, digits) = text.split_at_mut(PREFIX_LENGTH);
    head.copy_from_slice(prefix.as_bytes());
    for (half, digits) in [upper, lower].into_iter().zip(digits.chunks_mut(DIGITS_PER_ID / 2)) {
        let mut rest = u64::try_from(half).expect("nine digits of base 62 have 54 bits");
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[usize::try_from(rest % 62).expect("a remainder of 62 fits")];
            rest /= 62;
        }
    }
    std::str::from_utf8(&text).expect("prefix and digits are ASCII").into()
}

/// Whether a text has the form every id has: 1 to 64 of `A-Za-z0-9_-`.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// A new id from the moment and 64 random bits.
            #[must_use]
            pub fn generate(now: Timestamp, random: u64) -> Self {
                Self(generate_id($prefix, now, random))
            }

            /// The id as it is stored and sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// The tenant.
    OrganizationId = "Og";
    /// A person with a log-in.
    UserId = "Us";
    /// The name of an API key, not its secret.
    KeyId = "Ky";
    /// One assessment process.
    TaskId = "Tk";
    /// One test placed in a task.
    StepId = "St";
    /// A test in the library.
    TestId = "Te";
    /// A question of the organization's bank.
    QuestionId = "Qu";
    /// One person's registration in one task; `ticketId` on the wire.
    CandidateId = "Ca";
    /// One attempt of one candidate at one step.
    InstanceId = "Ti";
    /// A later change of how a frozen question is scored.
    CorrectionId = "Co";
    /// One recorded event.
    EventId = "Ev";
    /// Where an organization has events sent to.
    WebhookId = "Wh";
    /// A browser in which a user is signed in.
    StaffSessionId = "Ss";
    /// One file that a candidate sent.
    MediaId = "Me";
    /// One e-mail to one address.
    MailId = "Ma";
    /// One request, for logs and events.
    RequestId = "Rq";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_published_form_and_sort_by_time() {
        let earlier = TaskId::generate(Timestamp(1_764_590_400_000), u64::MAX);
        let later = TaskId::generate(Timestamp(1_764_590_400_001), 0);
        assert_eq!(earlier.as_str().len(), 20);
        assert!(is_well_formed(earlier.as_str()));
        assert!(earlier < later);
    }

    #[test]
    fn an_id_is_its_number_in_base_62() {
        for (millis, random) in
            [(0, 0), (1, u64::MAX), (1_764_590_400_000, 0x0123_4567_89AB_CDEF), (i64::MAX, 1 << 40)]
        {
            let millis_kept = u128::from(millis.unsigned_abs()) & ((1 << 48) - 1);
            let mut rest = (millis_kept << 59) | u128::from(random >> 5);
            let mut digits = Vec::new();
            for _ in 0..18 {
                digits.push(char::from(DIGITS[usize::try_from(rest % 62).unwrap()]));
                rest /= 62;
            }
            assert_eq!(rest, 0);
            let expected: String = "Tk".chars().chain(digits.into_iter().rev()).collect();
            assert_eq!(TaskId::generate(Timestamp(millis), random).as_str(), expected);
        }
    }

    #[test]
    fn the_form_of_an_id_refuses_empty_long_and_foreign_text() {
        assert!(!is_well_formed(""));
        assert!(!is_well_formed(&"a".repeat(65)));
        assert!(!is_well_formed("a b"));
        assert!(is_well_formed("a-_9"));
    }
}
