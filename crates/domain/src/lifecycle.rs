//! Which event may happen to an instance in which state, and what comes of it (domain rules, 5.4).
//!
//! The table here is the only place that decides this. It knows nothing of clocks or pages: whether
//! a deadline has passed is `delivery`'s word, whether a further attempt is allowed is `access`'s.

use crate::instance::InstanceState;
use crate::refusal::Refusal;

/// Where a candidate's instance of a step stands, absence and being ignored included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifecycleState {
    /// There is no instance.
    None,
    Started,
    Complete,
    CompleteIgnored,
    Resetup,
}

/// What can happen to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifecycleEvent {
    Start,
    Open,
    /// Answering, clearing an answer, entering a page.
    Work,
    /// Submitting, and force-closing by staff.
    Complete,
    /// Happens to a RESETUP instance only once it was opened: before, its clocks stand still.
    DeadlinePasses,
    Terminate,
    Ignore,
    Reacknowledge,
    Reinstate,
    ExtendTime,
    Evaluate,
    /// Making or withdrawing a correction, and re-scoring.
    Correct,
    ErasePerson,
}

/// What comes of an allowed event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleTransition {
    /// A further instance in state STARTED; the attempt limit still has its say.
    New,
    /// The event takes effect and this is the state after it, possibly the same as before.
    Becomes(LifecycleState),
    /// Success without any change.
    Unchanged,
}

impl LifecycleState {
    /// Every stand, for the table of transitions.
    pub const ALL: [Self; 5] =
        [Self::None, Self::Started, Self::Complete, Self::CompleteIgnored, Self::Resetup];

    /// The stand of an existing instance.
    #[must_use]
    pub const fn of(state: InstanceState, ignored: bool) -> Self {
        match (state, ignored) {
            (InstanceState::Started, _) => Self::Started,
            (InstanceState::Resetup, _) => Self::Resetup,
            (InstanceState::Complete, false) => Self::Complete,
            (InstanceState::Complete, true) => Self::CompleteIgnored,
        }
    }

    /// The state kept with the instance; none without one.
    #[must_use]
    pub const fn state(self) -> Option<InstanceState> {
        match self {
            Self::None => None,
            Self::Started => Some(InstanceState::Started),
            Self::Complete | Self::CompleteIgnored => Some(InstanceState::Complete),
            Self::Resetup => Some(InstanceState::Resetup),
        }
    }

    /// STARTED or RESETUP.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Started | Self::Resetup)
    }
}

impl LifecycleEvent {
    /// Every event, for the table of transitions.
    pub const ALL: [Self; 13] = [
        Self::Start,
        Self::Open,
        Self::Work,
        Self::Complete,
        Self::DeadlinePasses,
        Self::Terminate,
        Self::Ignore,
        Self::Reacknowledge,
        Self::Reinstate,
        Self::ExtendTime,
        Self::Evaluate,
        Self::Correct,
        Self::ErasePerson,
    ];

    const fn needs_the_person(self) -> bool {
        matches!(self, Self::Reinstate | Self::Evaluate | Self::Correct)
    }
}

/// One cell of the table. Clock, termination and erasure find nothing to do where the table is
/// empty: unchanged.
///
/// # Errors
/// The refusal that stands in the cell.
pub const fn transition(
    stand: LifecycleState,
    event: LifecycleEvent,
) -> Result<LifecycleTransition, Refusal> {
    match stand {
        LifecycleState::None => without_instance(event),
        LifecycleState::Started | LifecycleState::Resetup => of_an_open_one(stand, event),
        LifecycleState::Complete | LifecycleState::CompleteIgnored => {
            of_a_complete_one(stand, event)
        }
    }
}

/// As [`transition`], for an instance whose person was erased.
///
/// # Errors
/// `instance_erased` for what needs the person's answers; else the refusal that stands in the cell.
pub const fn transition_of_erased(
    stand: LifecycleState,
    event: LifecycleEvent,
) -> Result<LifecycleTransition, Refusal> {
    if event.needs_the_person() { Err(Refusal::InstanceErased) } else { transition(stand, event) }
}

const fn without_instance(event: LifecycleEvent) -> Result<LifecycleTransition, Refusal> {
    match event {
        LifecycleEvent::Start => Ok(LifecycleTransition::New),
        LifecycleEvent::DeadlinePasses
        | LifecycleEvent::Terminate
        | LifecycleEvent::ErasePerson => Ok(LifecycleTransition::Unchanged),
        LifecycleEvent::Open
        | LifecycleEvent::Work
        | LifecycleEvent::Complete
        | LifecycleEvent::Ignore
        | LifecycleEvent::Reacknowledge
        | LifecycleEvent::Reinstate
        | LifecycleEvent::ExtendTime
        | LifecycleEvent::Evaluate
        | LifecycleEvent::Correct => Err(Refusal::NotFound),
    }
}

const fn of_an_open_one(
    stand: LifecycleState,
    event: LifecycleEvent,
) -> Result<LifecycleTransition, Refusal> {
    match event {
        LifecycleEvent::Start if matches!(stand, LifecycleState::Resetup) => {
            Ok(LifecycleTransition::Becomes(LifecycleState::Resetup))
        }
        LifecycleEvent::Start | LifecycleEvent::Open | LifecycleEvent::Reacknowledge => {
            Ok(LifecycleTransition::Unchanged)
        }
        LifecycleEvent::Work | LifecycleEvent::ExtendTime | LifecycleEvent::Correct => {
            Ok(LifecycleTransition::Becomes(stand))
        }
        LifecycleEvent::Complete
        | LifecycleEvent::DeadlinePasses
        | LifecycleEvent::Terminate
        | LifecycleEvent::ErasePerson => Ok(LifecycleTransition::Becomes(LifecycleState::Complete)),
        LifecycleEvent::Reinstate => Ok(LifecycleTransition::Becomes(LifecycleState::Resetup)),
        LifecycleEvent::Ignore | LifecycleEvent::Evaluate => Err(Refusal::InstanceOpen),
    }
}

const fn of_a_complete_one(
    stand: LifecycleState,
    event: LifecycleEvent,
) -> Result<LifecycleTransition, Refusal> {
    let ignored = matches!(stand, LifecycleState::CompleteIgnored);
    match event {
        LifecycleEvent::Start => Ok(LifecycleTransition::New),
        LifecycleEvent::Open
        | LifecycleEvent::Work
        | LifecycleEvent::Complete
        | LifecycleEvent::ExtendTime => Err(Refusal::InstanceComplete),
        LifecycleEvent::DeadlinePasses | LifecycleEvent::Terminate => {
            Ok(LifecycleTransition::Unchanged)
        }
        LifecycleEvent::Ignore if ignored => Ok(LifecycleTransition::Unchanged),
        LifecycleEvent::Ignore => Ok(LifecycleTransition::Becomes(LifecycleState::CompleteIgnored)),
        LifecycleEvent::Reacknowledge if ignored => {
            Ok(LifecycleTransition::Becomes(LifecycleState::Complete))
        }
        LifecycleEvent::Reacknowledge => Ok(LifecycleTransition::Unchanged),
        LifecycleEvent::Reinstate if ignored => Err(Refusal::InstanceIgnored),
        LifecycleEvent::Reinstate => Ok(LifecycleTransition::Becomes(LifecycleState::Resetup)),
        LifecycleEvent::Evaluate | LifecycleEvent::Correct | LifecycleEvent::ErasePerson => {
            Ok(LifecycleTransition::Becomes(stand))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(stand: LifecycleState, event: LifecycleEvent) -> String {
        match transition(stand, event) {
            Ok(LifecycleTransition::New) => "new".into(),
            Ok(LifecycleTransition::Becomes(after)) => format!("{after:?}"),
            Ok(LifecycleTransition::Unchanged) => "=".into(),
            Err(refusal) => refusal.to_string(),
        }
    }

    #[test]
    fn an_erased_instance_refuses_what_needs_the_person() {
        for event in [LifecycleEvent::Reinstate, LifecycleEvent::Evaluate, LifecycleEvent::Correct]
        {
            assert_eq!(
                transition_of_erased(LifecycleState::Complete, event),
                Err(Refusal::InstanceErased)
            );
        }
        assert_eq!(
            transition_of_erased(LifecycleState::Complete, LifecycleEvent::Ignore),
            Ok(LifecycleTransition::Becomes(LifecycleState::CompleteIgnored))
        );
    }

    #[test]
    fn the_whole_table_reads_as_specified() {
        let table: String = LifecycleEvent::ALL
            .iter()
            .map(|event| {
                let row: Vec<_> =
                    LifecycleState::ALL.iter().map(|stand| cell(*stand, *event)).collect();
                format!("{event:?} | {}\n", row.join(" | "))
            })
            .collect();
        let expected = "\
Start | new | = | new | new | Resetup
Open | not_found | = | instance_complete | instance_complete | =
Work | not_found | Started | instance_complete | instance_complete | Resetup
Complete | not_found | Complete | instance_complete | instance_complete | Complete
DeadlinePasses | = | Complete | = | = | Complete
Terminate | = | Complete | = | = | Complete
Ignore | not_found | instance_open | CompleteIgnored | = | instance_open
Reacknowledge | not_found | = | = | Complete | =
Reinstate | not_found | Resetup | Resetup | instance_ignored | Resetup
ExtendTime | not_found | Started | instance_complete | instance_complete | Resetup
Evaluate | not_found | instance_open | Complete | CompleteIgnored | instance_open
Correct | not_found | Started | Complete | CompleteIgnored | Resetup
ErasePerson | = | Complete | Complete | CompleteIgnored | Complete
";
        assert_eq!(table, expected);
    }

    #[test]
    fn a_refusal_or_an_equals_sign_never_moves_and_only_complete_is_ever_ignored() {
        for stand in LifecycleState::ALL {
            for event in LifecycleEvent::ALL {
                if let Ok(LifecycleTransition::Becomes(after)) = transition(stand, event) {
                    assert_ne!(after, LifecycleState::None, "{stand:?} {event:?}");
                    assert!(
                        after != LifecycleState::CompleteIgnored || !stand.is_open(),
                        "{stand:?} {event:?}"
                    );
                }
            }
        }
        for (state, ignored) in [
            (InstanceState::Started, false),
            (InstanceState::Complete, true),
            (InstanceState::Resetup, false),
        ] {
            assert_eq!(LifecycleState::of(state, ignored).state(), Some(state));
        }
    }
}
