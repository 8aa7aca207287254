//! Which event may happen to an instance in which state, and what comes of it (domain rules, 5.4).
//!
//! The table here is the only place that decides this. It knows nothing of clocks or pages: whether a deadline has
//! passed is `delivery`'s word, whether a further attempt is allowed is `access`'s.

use crate::instance::State;
use crate::refusal::Refusal;

/// Where a candidate's instance of a step stands, absence and being ignored included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stand {
    /// There is no instance.
    None,
    Started,
    Complete,
    CompleteIgnored,
    Resetup,
}

/// What can happen to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
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
pub enum Transition {
    /// A further instance in state STARTED; the attempt limit still has its say.
    New,
    /// The event takes effect and this is the state after it, possibly the same as before.
    Becomes(Stand),
    /// Success without any change.
    Unchanged,
}

impl Stand {
    pub const ALL: [Self; 5] = [Self::None, Self::Started, Self::Complete, Self::CompleteIgnored, Self::Resetup];

    /// The stand of an existing instance.
    #[must_use]
    pub const fn of(state: State, ignored: bool) -> Self {
        match (state, ignored) {
            (State::Started, _) => Self::Started,
            (State::Resetup, _) => Self::Resetup,
            (State::Complete, false) => Self::Complete,
            (State::Complete, true) => Self::CompleteIgnored,
        }
    }

    /// The state kept with the instance; none without one.
    #[must_use]
    pub const fn state(self) -> Option<State> {
        match self {
            Self::None => None,
            Self::Started => Some(State::Started),
            Self::Complete | Self::CompleteIgnored => Some(State::Complete),
            Self::Resetup => Some(State::Resetup),
        }
    }

    /// STARTED or RESETUP.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Started | Self::Resetup)
    }
}

impl Event {
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

/// One cell of the table. Clock, termination and erasure find nothing to do where the table is empty: unchanged.
///
/// # Errors
/// The refusal that stands in the cell.
pub const fn transition(stand: Stand, event: Event) -> Result<Transition, Refusal> {
    match stand {
        Stand::None => without_instance(event),
        Stand::Started | Stand::Resetup => of_an_open_one(stand, event),
        Stand::Complete | Stand::CompleteIgnored => of_a_complete_one(stand, event),
    }
}

/// As [`transition`], for an instance whose person was erased.
///
/// # Errors
/// `instance_erased` for what needs the person's answers; else the refusal that stands in the cell.
pub const fn transition_of_erased(stand: Stand, event: Event) -> Result<Transition, Refusal> {
    if event.needs_the_person() { Err(Refusal::InstanceErased) } else { transition(stand, event) }
}

const fn without_instance(event: Event) -> Result<Transition, Refusal> {
    match event {
        Event::Start => Ok(Transition::New),
        Event::DeadlinePasses | Event::Terminate | Event::ErasePerson => Ok(Transition::Unchanged),
        _ => Err(Refusal::NotFound),
    }
}

const fn of_an_open_one(stand: Stand, event: Event) -> Result<Transition, Refusal> {
    match event {
        Event::Start if matches!(stand, Stand::Resetup) => Ok(Transition::Becomes(Stand::Resetup)),
        Event::Start | Event::Open | Event::Reacknowledge => Ok(Transition::Unchanged),
        Event::Work | Event::ExtendTime | Event::Correct => Ok(Transition::Becomes(stand)),
        Event::Complete | Event::DeadlinePasses | Event::Terminate | Event::ErasePerson => {
            Ok(Transition::Becomes(Stand::Complete))
        }
        Event::Reinstate => Ok(Transition::Becomes(Stand::Resetup)),
        Event::Ignore | Event::Evaluate => Err(Refusal::InstanceOpen),
    }
}

const fn of_a_complete_one(stand: Stand, event: Event) -> Result<Transition, Refusal> {
    let ignored = matches!(stand, Stand::CompleteIgnored);
    match event {
        Event::Start => Ok(Transition::New),
        Event::Open | Event::Work | Event::Complete | Event::ExtendTime => Err(Refusal::InstanceComplete),
        Event::DeadlinePasses | Event::Terminate => Ok(Transition::Unchanged),
        Event::Ignore if ignored => Ok(Transition::Unchanged),
        Event::Ignore => Ok(Transition::Becomes(Stand::CompleteIgnored)),
        Event::Reacknowledge if ignored => Ok(Transition::Becomes(Stand::Complete)),
        Event::Reacknowledge => Ok(Transition::Unchanged),
        Event::Reinstate if ignored => Err(Refusal::InstanceIgnored),
        Event::Reinstate => Ok(Transition::Becomes(Stand::Resetup)),
        Event::Evaluate | Event::Correct | Event::ErasePerson => Ok(Transition::Becomes(stand)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(stand: Stand, event: Event) -> String {
        match transition(stand, event) {
            Ok(Transition::New) => "new".into(),
            Ok(Transition::Becomes(after)) => format!("{after:?}"),
            Ok(Transition::Unchanged) => "=".into(),
            Err(refusal) => refusal.to_string(),
        }
    }

    #[test]
    fn an_erased_instance_refuses_what_needs_the_person() {
        for event in [Event::Reinstate, Event::Evaluate, Event::Correct] {
            assert_eq!(transition_of_erased(Stand::Complete, event), Err(Refusal::InstanceErased));
        }
        assert_eq!(
            transition_of_erased(Stand::Complete, Event::Ignore),
            Ok(Transition::Becomes(Stand::CompleteIgnored))
        );
    }

    #[test]
    fn the_whole_table_reads_as_specified() {
        let table: String = Event::ALL
            .iter()
            .map(|event| {
                let row: Vec<_> = Stand::ALL.iter().map(|stand| cell(*stand, *event)).collect();
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
        for stand in Stand::ALL {
            for event in Event::ALL {
                if let Ok(Transition::Becomes(after)) = transition(stand, event) {
                    assert_ne!(after, Stand::None, "{stand:?} {event:?}");
                    assert!(after != Stand::CompleteIgnored || !stand.is_open(), "{stand:?} {event:?}");
                }
            }
        }
        for (state, ignored) in [(State::Started, false), (State::Complete, true), (State::Resetup, false)] {
            assert_eq!(Stand::of(state, ignored).state(), Some(state));
        }
    }
}
