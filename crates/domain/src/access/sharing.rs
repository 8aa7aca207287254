//! Result release: whether a candidate may read the result of an own instance now (domain rules,
//! 5.1), and if not, why.

use super::settings::{AnswerReview, ResultSharing, ShareWhen};
use crate::time::Timestamp;

crate::string_enum! {
    /// Why nothing of a result is shown.
    pub enum WithheldBecause {
        /// The step shares nothing.
        NotShared = "result_not_shared",
        /// The instance is open: not handed in yet, or reinstated.
        InstanceOpen = "instance_open",
        /// Staff put the instance aside.
        Excluded = "result_excluded",
        /// Staff took the result back.
        Withdrawn = "result_withdrawn",
        /// Answers wait for an evaluation.
        NotSettled = "result_not_settled",
        /// The step's window has not ended.
        NotClosed = "result_not_closed",
        /// Staff have not released it.
        NotReleased = "result_not_released",
    }
}

impl WithheldBecause {
    /// The sentence for programs and for whoever reads what they are answered.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotShared => "The results of this step are not shown to candidates.",
            Self::InstanceOpen => "The result is shown after the test has been submitted.",
            Self::Excluded => "This attempt does not count, so it has no result.",
            Self::Withdrawn => "The result has been withdrawn.",
            Self::NotSettled => "The result is shown when all answers have been graded.",
            Self::NotClosed => "The result is shown when the step has closed for everybody.",
            Self::NotReleased => "The result is shown when it is released.",
        }
    }
}

/// Why nothing is shown, and when that changes by itself, if it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    pub because: WithheldBecause,
    pub until: Option<Timestamp>,
}

/// What a step shares of its results, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharingRules {
    pub sharing: ResultSharing,
    pub review: AnswerReview,
    pub share_when: ShareWhen,
}

/// What staff have decided about a result, of the step or of the one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleaseMarks {
    pub released: bool,
    /// Wins over everything else.
    pub withdrawn: bool,
}

/// What is known of an instance when its candidate wants to read the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharingFacts {
    pub rules: SharingRules,
    pub is_open: bool,
    pub is_ignored: bool,
    /// Whether answers wait for an evaluation.
    pub is_waiting: bool,
    /// From when on nobody may start the step; none when that is not decided.
    pub closes: Option<Timestamp>,
    pub marks: ReleaseMarks,
}

/// What may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared {
    pub figures: ResultSharing,
    pub review: AnswerReview,
}

/// What a candidate may read now.
///
/// # Errors
/// The first reason that keeps everything back.
pub fn share(facts: &SharingFacts, now: Timestamp) -> Result<Shared, Withheld> {
    let SharingRules { sharing, review, share_when } = facts.rules;
    let withheld = |because| Err(Withheld { because, until: None });
    if sharing == ResultSharing::Nothing && review == AnswerReview::None {
        return withheld(WithheldBecause::NotShared);
    }
    if facts.is_open {
        return withheld(WithheldBecause::InstanceOpen);
    }
    if facts.is_ignored {
        return withheld(WithheldBecause::Excluded);
    }
    if facts.marks.withdrawn {
        return withheld(WithheldBecause::Withdrawn);
    }
    match share_when {
        ShareWhen::Settled if facts.is_waiting => withheld(WithheldBecause::NotSettled),
        ShareWhen::Closed if facts.closes.is_none_or(|closes| now < closes) => {
            Err(Withheld { because: WithheldBecause::NotClosed, until: facts.closes })
        }
        ShareWhen::Released if !facts.marks.released => withheld(WithheldBecause::NotReleased),
        ShareWhen::Completed | ShareWhen::Settled | ShareWhen::Closed | ShareWhen::Released => {
            Ok(Shared { figures: sharing, review })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn facts(share_when: ShareWhen) -> SharingFacts {
        let rules = SharingRules {
            sharing: ResultSharing::Basic,
            review: AnswerReview::Answers,
            share_when,
        };
        SharingFacts {
            rules,
            is_open: false,
            is_ignored: false,
            is_waiting: false,
            closes: None,
            marks: ReleaseMarks::default(),
        }
    }

    fn because(facts: &SharingFacts) -> Option<WithheldBecause> {
        share(facts, NOW).err().map(|withheld| withheld.because)
    }

    #[test]
    fn a_step_that_shares_neither_figures_nor_answers_shows_nothing_at_any_time() {
        for share_when in ShareWhen::ALL {
            let mut facts = facts(*share_when);
            facts.rules.sharing = ResultSharing::Nothing;
            facts.rules.review = AnswerReview::None;
            facts.marks.released = true;
            facts.closes = Some(NOW);
            assert_eq!(because(&facts), Some(WithheldBecause::NotShared));
        }
    }

    #[test]
    fn an_open_an_ignored_and_a_withdrawn_instance_show_nothing_whatever_else_holds() {
        for share_when in ShareWhen::ALL {
            let due = SharingFacts {
                closes: Some(NOW),
                marks: ReleaseMarks { released: true, withdrawn: false },
                ..facts(*share_when)
            };
            assert_eq!(because(&due), None, "{share_when}");
            let open = SharingFacts { is_open: true, ..due };
            assert_eq!(because(&open), Some(WithheldBecause::InstanceOpen));
            let ignored = SharingFacts { is_ignored: true, ..due };
            assert_eq!(because(&ignored), Some(WithheldBecause::Excluded));
            let marks = ReleaseMarks { released: true, withdrawn: true };
            let withdrawn = SharingFacts { marks, ..due };
            assert_eq!(because(&withdrawn), Some(WithheldBecause::Withdrawn));
        }
    }

    #[test]
    fn each_moment_waits_for_what_it_names_and_for_nothing_else() {
        let waiting = |share_when| SharingFacts { is_waiting: true, ..facts(share_when) };
        assert_eq!(because(&waiting(ShareWhen::Completed)), None);
        assert_eq!(because(&waiting(ShareWhen::Settled)), Some(WithheldBecause::NotSettled));
        assert_eq!(because(&facts(ShareWhen::Settled)), None);
        assert_eq!(because(&facts(ShareWhen::Released)), Some(WithheldBecause::NotReleased));
        let marks = ReleaseMarks { released: true, withdrawn: false };
        assert_eq!(because(&SharingFacts { marks, ..waiting(ShareWhen::Released) }), None);
    }

    #[test]
    fn a_window_that_ends_later_is_named_and_one_without_an_end_never_ends() {
        let later = NOW.plus_seconds(1);
        let closing = |closes| SharingFacts { closes, ..facts(ShareWhen::Closed) };
        let withheld = share(&closing(Some(later)), NOW).unwrap_err();
        assert_eq!(withheld, Withheld { because: WithheldBecause::NotClosed, until: Some(later) });
        assert_eq!(because(&closing(None)), Some(WithheldBecause::NotClosed));
        assert_eq!(because(&closing(Some(NOW))), None, "at the end itself");
    }
}
