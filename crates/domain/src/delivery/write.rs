//! Which of several writes of a slot is kept (domain rules, 5.5).
//!
//! The client numbers its writes, rising per slot, so that a delayed retry never overwrites newer
//! work.

use crate::refusal::Refusal;

/// What is kept for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredWrite<'kept> {
    pub seq: u64,
    /// The response in its canonical form (RFC 8785, sets sorted).
    pub canonical: &'kept str,
}

/// What becomes of a write that may be made at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteVerdict {
    /// It is kept and gets the next receipt number.
    Keep,
    /// It is the kept one: the first acknowledgement is given again.
    Repeat,
    /// Newer work is kept; acknowledged as superseded, with that work's `seq`.
    Superseded { newest_seq: u64 },
    /// Its number was used for another response: `seq_conflict`.
    Conflict,
}

impl WriteVerdict {
    /// The code with which the write is refused, if it is.
    #[must_use]
    pub const fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Conflict => Some(Refusal::SeqConflict),
            Self::Keep | Self::Repeat | Self::Superseded { .. } => None,
        }
    }
}

/// Judges a write against what is kept for its slot.
///
/// A repeat and a superseded write change nothing, so they are answered whether or not the page is
/// still open.
#[must_use]
pub fn judge_write(stored: Option<StoredWrite<'_>>, seq: u64, canonical: &str) -> WriteVerdict {
    match stored {
        Some(stored) if seq < stored.seq => WriteVerdict::Superseded { newest_seq: stored.seq },
        Some(stored) if seq == stored.seq && canonical == stored.canonical => WriteVerdict::Repeat,
        Some(stored) if seq == stored.seq => WriteVerdict::Conflict,
        Some(_) | None => WriteVerdict::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_number_with_another_response_is_a_conflict() {
        let stored = StoredWrite { seq: 3, canonical: "\"a\"" };
        assert_eq!(judge_write(Some(stored), 3, "\"b\""), WriteVerdict::Conflict);
        assert_eq!(judge_write(Some(stored), 3, "\"b\"").refusal(), Some(Refusal::SeqConflict));
        assert_eq!(
            judge_write(Some(stored), 2, "\"b\""),
            WriteVerdict::Superseded { newest_seq: 3 }
        );
        assert_eq!(judge_write(Some(stored), 3, "\"a\""), WriteVerdict::Repeat);
        assert_eq!(judge_write(Some(stored), 4, "\"a\""), WriteVerdict::Keep);
        assert_eq!(judge_write(None, 1, "\"a\""), WriteVerdict::Keep);
    }

    fn keep_all(writes: &[(u64, String)]) -> Option<(u64, String)> {
        let mut stored: Option<(u64, String)> = None;
        for (seq, response) in writes {
            let before =
                stored.as_ref().map(|(seq, canonical)| StoredWrite { seq: *seq, canonical });
            if judge_write(before, *seq, response) == WriteVerdict::Keep {
                stored = Some((*seq, response.clone()));
            }
        }
        stored
    }

    proptest! {
        /// Invariants 28 and 29: one response per number, in any order and any often.
        #[test]
        fn order_and_repetition_of_writes_do_not_matter(
            order in Just((1..8u64).flat_map(|seq| [seq, seq]).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let writes: Vec<_> = order.into_iter().map(|seq| (seq, format!("\"{seq}\""))).collect();
            prop_assert_eq!(keep_all(&writes), Some((7, "\"7\"".to_owned())));
        }
    }
}
