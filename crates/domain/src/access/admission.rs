//! Whether a candidate may start a step, and whether anybody may work in it at all (domain rules,
//! 5.3).
//!
//! Pure: the caller gathers the facts in the transaction in which it starts the instance, so that
//! nothing changes between asking and starting. The order of the checks is part of the contract;
//! the first failure is the answer.

use super::prerequisite::{CandidateRecord, Prerequisite};
use super::settings::{AccessSwitch, StepRules};
use crate::id::InstanceId;
use crate::refusal::Refusal;
use crate::time::{Timestamp, WindowPhase};

/// What is known when a candidate asks to start a step.
#[derive(Clone, Debug)]
pub struct AdmissionFacts<'known> {
    pub is_authenticated: bool,
    pub task: AccessSwitch,
    pub candidate: AccessSwitch,
    /// The step's rules with the candidate's override applied.
    pub step: StepRules,
    /// The candidate's open instance of this step.
    pub open_instance: Option<InstanceId>,
    /// The task asks a form that this candidate has not filled in.
    pub lacks_access_form: bool,
    /// Instances of this candidate and step that are not ignored.
    pub attempts: u64,
    pub prerequisites: &'known [Prerequisite],
    pub record: &'known CandidateRecord,
    /// The step demands an identity photo or documents that are not stored.
    pub lacks_evidence: bool,
}

/// What a start comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is opened instead of starting another.
    OpenExisting(InstanceId),
    StartNew,
}

/// The nine checks in their order. The test is compiled only when the first eight have passed.
///
/// # Errors
/// The code of the first check that fails.
pub fn admit(
    facts: &AdmissionFacts<'_>,
    now: Timestamp,
    compiles: impl FnOnce() -> bool,
) -> Result<Admission, Refusal> {
    demand(facts.is_authenticated, Refusal::NotAuthenticated)?;
    check_switches(&facts.task, &facts.candidate, &facts.step.switch)?;
    if let Some(instance) = &facts.open_instance {
        return Ok(Admission::OpenExisting(instance.clone()));
    }
    windows(facts, now)?;
    demand(!facts.lacks_access_form, Refusal::AccessFormRequired)?;
    demand(facts.step.attempt_limit.allows_another(facts.attempts), Refusal::AttemptLimit)?;
    facts.prerequisites.iter().try_for_each(|prerequisite| prerequisite.check(facts.record))?;
    demand(!facts.lacks_evidence, Refusal::EvidenceRequired)?;
    demand(compiles(), Refusal::TestNotCompilable)?;
    Ok(Admission::StartNew)
}

/// The switches alone, which opening, answering and entering pages obey too. `step` has the
/// override applied.
///
/// # Errors
/// `task_inactive`, `candidate_inactive`, `step_inactive`, in this order.
pub fn check_switches(
    task: &AccessSwitch,
    candidate: &AccessSwitch,
    step: &AccessSwitch,
) -> Result<(), Refusal> {
    demand(task.active, Refusal::TaskInactive)?;
    demand(candidate.active, Refusal::CandidateInactive)?;
    demand(step.active, Refusal::StepInactive)
}

fn windows(facts: &AdmissionFacts<'_>, now: Timestamp) -> Result<(), Refusal> {
    let checks = [
        (&facts.task, Refusal::TaskNotOpen, Refusal::TaskClosed),
        (&facts.candidate, Refusal::CandidateNotOpen, Refusal::CandidateClosed),
        (&facts.step.switch, Refusal::StepNotOpen, Refusal::StepClosed),
    ];
    checks.into_iter().try_for_each(|(switch, not_open, closed)| match switch.window.phase(now) {
        WindowPhase::NotOpen => Err(not_open),
        WindowPhase::Open => Ok(()),
        WindowPhase::Closed => Err(closed),
    })
}

fn demand(holds: bool, otherwise: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(otherwise) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::settings::{AttemptLimit, Overridable, StepOverride};
    use crate::time::TimeWindow;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);
    const LATER: TimeWindow = TimeWindow { after: Some(NOW.plus_millis(1)), before: None };
    const OVER: TimeWindow = TimeWindow { after: None, before: Some(NOW) };

    fn facts<'known>(
        prerequisites: &'known [Prerequisite],
        record: &'known CandidateRecord,
    ) -> AdmissionFacts<'known> {
        AdmissionFacts {
            is_authenticated: true,
            task: AccessSwitch::default(),
            candidate: AccessSwitch::default(),
            step: StepRules::default(),
            open_instance: None,
            lacks_access_form: false,
            attempts: 0,
            prerequisites,
            record,
            lacks_evidence: false,
        }
    }

    /// Each check that can fail, in the order of the specification.
    type FactSpoiler = fn(&mut AdmissionFacts<'_>);
    const SPOILS: [(Refusal, FactSpoiler); 10] = [
        (Refusal::NotAuthenticated, |facts| facts.is_authenticated = false),
        (Refusal::TaskInactive, |facts| facts.task.active = false),
        (Refusal::CandidateInactive, |facts| facts.candidate.active = false),
        (Refusal::StepInactive, |facts| facts.step.switch.active = false),
        (Refusal::TaskNotOpen, |facts| facts.task.window = LATER),
        (Refusal::CandidateClosed, |facts| facts.candidate.window = OVER),
        (Refusal::StepClosed, |facts| facts.step.switch.window = OVER),
        (Refusal::AccessFormRequired, |facts| facts.lacks_access_form = true),
        (Refusal::AttemptLimit, |facts| facts.attempts = 1),
        (Refusal::EvidenceRequired, |facts| facts.lacks_evidence = true),
    ];

    #[test]
    fn the_first_failing_check_is_the_answer() {
        let record = CandidateRecord::default();
        for first in 0..SPOILS.len() {
            let mut facts = facts(&[], &record);
            SPOILS[first..].iter().for_each(|(_, spoil)| spoil(&mut facts));
            assert_eq!(admit(&facts, NOW, || false), Err(SPOILS[first].0));
        }
        assert_eq!(admit(&facts(&[], &record), NOW, || false), Err(Refusal::TestNotCompilable));
        assert_eq!(admit(&facts(&[], &record), NOW, || true), Ok(Admission::StartNew));
    }

    #[test]
    fn each_window_says_whether_it_opens_later_or_has_closed() {
        let record = CandidateRecord::default();
        let check = |spoil: &dyn Fn(&mut AdmissionFacts<'_>)| {
            let mut facts = facts(&[], &record);
            spoil(&mut facts);
            admit(&facts, NOW, || true)
        };
        assert_eq!(check(&|facts| facts.task.window = OVER), Err(Refusal::TaskClosed));
        assert_eq!(check(&|facts| facts.candidate.window = LATER), Err(Refusal::CandidateNotOpen));
        assert_eq!(check(&|facts| facts.step.switch.window = LATER), Err(Refusal::StepNotOpen));
    }

    #[test]
    fn prerequisites_come_after_the_limit_and_before_evidence() {
        let record = CandidateRecord::default();
        let needs = [
            Prerequisite::Stage { stages: BTreeSet::new() },
            Prerequisite::Program { programs: BTreeSet::new() },
        ];
        let mut facts = facts(&needs, &record);
        facts.lacks_evidence = true;
        assert_eq!(admit(&facts, NOW, || true), Err(Refusal::PrerequisiteStage));
        facts.attempts = 1;
        assert_eq!(admit(&facts, NOW, || true), Err(Refusal::AttemptLimit));
    }

    #[test]
    fn an_open_instance_is_opened_whatever_else_fails_but_the_switches() {
        let record = CandidateRecord::default();
        let mut facts = facts(&[], &record);
        SPOILS[4..].iter().for_each(|(_, spoil)| spoil(&mut facts));
        facts.open_instance = Some(InstanceId::from("Ti1"));
        assert_eq!(
            admit(&facts, NOW, || false),
            Ok(Admission::OpenExisting(InstanceId::from("Ti1")))
        );
        facts.step.switch.active = false;
        assert_eq!(admit(&facts, NOW, || false), Err(Refusal::StepInactive));
    }

    /// One candidate, one step: what of its instances the rules depend on.
    #[derive(Clone, Debug)]
    enum AttemptAction {
        Start,
        Complete,
        Ignore,
        Reacknowledge,
        Reinstate,
        Limit(AttemptLimit),
    }

    fn acts() -> impl Strategy<Value = AttemptAction> {
        prop_oneof![
            4 => Just(AttemptAction::Start),
            4 => Just(AttemptAction::Complete),
            1 => Just(AttemptAction::Ignore),
            1 => Just(AttemptAction::Reacknowledge),
            1 => Just(AttemptAction::Reinstate),
            1 => prop_oneof![Just(-1i64), 1i64..4].prop_map(|limit| AttemptAction::Limit(AttemptLimit::try_from(limit).unwrap())),
        ]
    }

    proptest! {
        /// Invariants 21 and 22.
        #[test]
        fn no_history_leads_to_two_open_instances_or_a_start_beyond_the_limit(acts in proptest::collection::vec(acts(), 0..40)) {
            // (is open, is ignored) of each instance.
            let mut instances: Vec<(bool, bool)> = Vec::new();
            let mut own = StepOverride::default();
            let record = CandidateRecord::default();
            for act in acts {
                let mut facts = facts(&[], &record);
                facts.step = own.applied_to(StepRules::default());
                facts.attempts = instances.iter().filter(|(_, ignored)| !ignored).count() as u64;
                let open = instances.iter().position(|(open, _)| *open);
                facts.open_instance = open.map(|index| InstanceId::from(index.to_string()));
                match act {
                    AttemptAction::Start => match admit(&facts, NOW, || true) {
                        Ok(Admission::StartNew) => {
                            prop_assert!(facts.step.attempt_limit.allows_another(facts.attempts));
                            instances.push((true, false));
                        }
                        Ok(Admission::OpenExisting(_)) => prop_assert!(open.is_some()),
                        Err(refusal) => prop_assert_eq!(refusal, Refusal::AttemptLimit),
                    },
                    AttemptAction::Complete => instances.iter_mut().for_each(|(open, _)| *open = false),
                    AttemptAction::Ignore => instances.iter_mut().filter(|(open, _)| !open).for_each(|(_, ignored)| *ignored = true),
                    AttemptAction::Reacknowledge => instances.iter_mut().for_each(|(_, ignored)| *ignored = false),
                    AttemptAction::Reinstate => {
                        if let (Some(first), None) = (instances.iter_mut().find(|(_, ignored)| !ignored), open) {
                            first.0 = true;
                        }
                    }
                    AttemptAction::Limit(limit) => own.attempt_limit = Overridable::Value(limit),
                }
                prop_assert!(instances.iter().filter(|(open, _)| *open).count() <= 1);
            }
        }
    }
}
