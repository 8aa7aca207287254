//! Which of several writes of a slot is kept (domain rules, 5.5).
//!
//! The client numbers its writes, rising per slot, so that a delayed retry never overwrites newer work.

use crate::refusal::Refusal;

/// What is kept for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptWrite<'kept> {
    pub seq: u64,
    /// The response in its canonical form (RFC 8785, sets sorted).
    pub canonical: &'kept str,
}

/// What becomes of a write that may be made at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is kept and gets the next receipt number.
    Keep,
    /// It is the kept one: the first acknowledgement is given again.
    Repeat,
    /// Newer work is kept; acknowledged as superseded, with that work's `seq`.
    Superseded { kept: u64 },
    /// Its number was used for another response: `seq_conflict`.
    Conflict,
}

impl Verdict {
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
/// A repeat and a superseded write change nothing, so they are answered whether or not the page is still open.
#[must_use]
pub fn judge(kept: Option<KeptWrite<'_>>, seq: u64, canonical: &str) -> Verdict {
    match kept {
        Some(kept) if seq < kept.seq => Verdict::Superseded { kept: kept.seq },
        Some(kept) if seq == kept.seq && canonical == kept.canonical => Verdict::Repeat,
        Some(kept) if seq == kept.seq => Verdict::Conflict,
        _ => Verdict::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_number_with_another_response_is_a_conflict() {
        let kept = KeptWrite { seq: 3, canonical: "\"a\"" };
        assert_eq!(judge(Some(kept), 3, "\"b\""), Verdict::Conflict);
        assert_eq!(judge(Some(kept), 3, "\"b\"").refusal(), Some(Refusal::SeqConflict));
        assert_eq!(judge(Some(kept), 2, "\"b\""), Verdict::Superseded { kept: 3 });
        assert_eq!(judge(Some(kept), 3, "\"a\""), Verdict::Repeat);
        assert_eq!(judge(Some(kept), 4, "\"a\""), Verdict::Keep);
        assert_eq!(judge(None, 1, "\"a\""), Verdict::Keep);
    }

    fn keep_all(writes: &[(u64, String)]) -> Option<(u64, String)> {
        let mut kept: Option<(u64, String)> = None;
        for (seq, response) in writes {
            let before = kept.as_ref().map(|(seq, canonical)| KeptWrite { seq: *seq, canonical });
            if judge(before, *seq, response) == Verdict::Keep {
                kept = Some((*seq, response.clone()));
            }
        }
        kept
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
