//! Delivery under any sequence of events with a moving clock, on any shape of test.
//!
//! The same events happen to two deliveries: a *timely* one, which is advanced at many moments, and
//! a *lazy* one, which is only ever touched by requests, as in an outage of the sweep. They must
//! come to the same state.

use super::fixtures::{SectionPlan, TestPlan};
use super::reinstate::{LimitTarget, ReinstatePlan, TimeLeft};
use super::state::{Completion, DeliveryState, GRACE_MILLIS};
use crate::compile::model::CompiledTest;
use crate::document::model::{Enforcement, MandatoryRules, Navigation};
use crate::instance::ClosingReason;
use crate::lifecycle::{LifecycleEvent, LifecycleState, LifecycleTransition as Cell, transition};
use crate::refusal::Refusal;
use crate::time::Timestamp;
use crate::time_factor::TimeFactor;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use std::collections::BTreeMap;

const START: Timestamp = Timestamp(1_767_225_600_000);

/// What happens at one moment. Pages are indexes into whatever the test has.
#[derive(Clone, Debug)]
enum DeliveryAction {
    Wait(i64),
    Open,
    Answer(Index),
    Enter(Index, bool),
    Complete(bool),
    ForceClose,
    Terminate,
    Extend(Index, u32),
    Reinstate { pages: Vec<Index>, start: Index, test: Option<u32>, page: Option<u32> },
}

fn navigation() -> impl Strategy<Value = Navigation> {
    select(vec![Navigation::Free, Navigation::Back, Navigation::Linear])
}

fn limit(longest: u32) -> impl Strategy<Value = u32> {
    prop_oneof![2 => Just(0), 3 => 1..longest]
}

fn mandatory() -> impl Strategy<Value = MandatoryRules> {
    let word = || select(vec![Enforcement::Off, Enforcement::Warn, Enforcement::Prevent]);
    (word(), word(), word()).prop_map(|(page, section, test)| MandatoryRules {
        page,
        section,
        test,
    })
}

fn plans() -> impl Strategy<Value = TestPlan> {
    let part = (navigation(), limit(40), proptest::collection::vec(limit(20), 1..4))
        .prop_map(|(navigation, seconds, pages)| SectionPlan { navigation, seconds, pages });
    (navigation(), limit(120), mandatory(), proptest::collection::vec(part, 1..4)).prop_map(
        |(navigation, seconds, mandatory, parts)| TestPlan {
            navigation,
            seconds,
            mandatory,
            parts,
        },
    )
}

fn steps() -> impl Strategy<Value = DeliveryAction> {
    let times = || proptest::option::of(0u32..60);
    let reinstate =
        (proptest::collection::vec(any::<Index>(), 0..4), any::<Index>(), times(), times());
    prop_oneof![
        8 => prop_oneof![0i64..3_000, 0i64..30_000, Just(1_000), Just(2_000)].prop_map(DeliveryAction::Wait),
        2 => Just(DeliveryAction::Open),
        6 => any::<Index>().prop_map(DeliveryAction::Answer),
        9 => (any::<Index>(), any::<bool>()).prop_map(|(page, satisfied)| DeliveryAction::Enter(page, satisfied)),
        1 => any::<bool>().prop_map(DeliveryAction::Complete),
        1 => prop_oneof![Just(DeliveryAction::ForceClose), Just(DeliveryAction::Terminate)],
        2 => (any::<Index>(), 1u32..20).prop_map(|(target, seconds)| DeliveryAction::Extend(target, seconds)),
        2 => reinstate.prop_map(|(pages, start, test, page)| DeliveryAction::Reinstate { pages, start, test, page }),
    ]
}

#[derive(Clone, Debug)]
struct DeliveryModel;

impl ReferenceStateMachine for DeliveryModel {
    type State = TestPlan;
    type Transition = DeliveryAction;

    fn init_state() -> BoxedStrategy<TestPlan> {
        plans().boxed()
    }

    fn transitions(_: &TestPlan) -> BoxedStrategy<DeliveryAction> {
        steps().boxed()
    }

    fn apply(plan: TestPlan, _: &DeliveryAction) -> TestPlan {
        plan
    }
}

/// What a request came to, for comparing the two deliveries.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ActionOutcome {
    Done,
    Completed(Completion),
    Refused(Refusal),
}

impl<T> From<Result<T, Refusal>> for ActionOutcome {
    fn from(result: Result<T, Refusal>) -> Self {
        result.map_or_else(Self::Refused, |_| Self::Done)
    }
}

struct DeliveryComparison {
    compiled: CompiledTest,
    timely: DeliveryState,
    lazy: DeliveryState,
    now: Timestamp,
    stand: LifecycleState,
    /// The deadline last published for each page.
    published: BTreeMap<usize, Option<Timestamp>>,
    /// The pages chosen at the last reinstating.
    unlocked: Option<Vec<usize>>,
}

fn later(deadline: Option<Timestamp>) -> i64 {
    deadline.map_or(i64::MAX, |end| end.0)
}

impl DeliveryComparison {
    fn page(&self, index: &Index) -> usize {
        index.index(self.compiled.pages.len())
    }

    fn target(&self, index: &Index) -> LimitTarget {
        let sections = self.compiled.sections.len();
        match index.index(1 + sections + self.compiled.pages.len()) {
            0 => LimitTarget::Test,
            section if section <= sections => LimitTarget::Section(section - 1),
            page => LimitTarget::Page(page - 1 - sections),
        }
    }

    fn event(step: &DeliveryAction) -> LifecycleEvent {
        match step {
            DeliveryAction::Wait(_) => LifecycleEvent::DeadlinePasses,
            DeliveryAction::Open => LifecycleEvent::Open,
            DeliveryAction::Answer(_) | DeliveryAction::Enter(..) => LifecycleEvent::Work,
            DeliveryAction::Complete(_) | DeliveryAction::ForceClose => LifecycleEvent::Complete,
            DeliveryAction::Terminate => LifecycleEvent::Terminate,
            DeliveryAction::Extend(..) => LifecycleEvent::ExtendTime,
            DeliveryAction::Reinstate { .. } => LifecycleEvent::Reinstate,
        }
    }

    fn reinstating(
        &self,
        pages: &[Index],
        start: &Index,
        test: Option<u32>,
        page: Option<u32>,
    ) -> ReinstatePlan {
        let start = self.page(start);
        let pages: Vec<usize> = pages.iter().map(|page| self.page(page)).chain([start]).collect();
        let left = |seconds: u32| {
            if seconds > 55 { TimeLeft::Unlimited } else { TimeLeft::Seconds(seconds) }
        };
        let times = [(LimitTarget::Test, test), (LimitTarget::Page(start), page)];
        let time = times
            .into_iter()
            .filter_map(|(target, seconds)| Some((target, left(seconds?))))
            .collect();
        ReinstatePlan { pages, start, time }
    }

    /// One request on one of the two deliveries.
    fn request(&self, delivery: &mut DeliveryState, step: &DeliveryAction) -> ActionOutcome {
        let (compiled, now) = (&self.compiled, self.now);
        let plain = |refused: super::required::RefusalWithSlots| refused.refusal;
        match step {
            DeliveryAction::Wait(_) => ActionOutcome::Done,
            DeliveryAction::Open => delivery.open(compiled, now).into(),
            DeliveryAction::Answer(slot) => delivery.accepts(compiled, self.page(slot), now).into(),
            DeliveryAction::Enter(page, satisfied) => delivery
                .enter(compiled, self.page(page), *satisfied, &|_| *satisfied, now)
                .map_err(plain)
                .into(),
            DeliveryAction::Complete(satisfied) => {
                delivery.complete(compiled, *satisfied, &|_| *satisfied, now).map_or_else(
                    |refused| ActionOutcome::Refused(refused.refusal),
                    ActionOutcome::Completed,
                )
            }
            DeliveryAction::ForceClose => delivery
                .force_close(compiled, now)
                .map_or_else(ActionOutcome::Refused, ActionOutcome::Completed),
            DeliveryAction::Terminate => delivery
                .terminate(compiled, now)
                .map_or(ActionOutcome::Done, ActionOutcome::Completed),
            DeliveryAction::Extend(target, seconds) => {
                delivery.extend(compiled, self.target(target), *seconds, now).into()
            }
            DeliveryAction::Reinstate { pages, start, test, page } => delivery
                .reinstate(compiled, &self.reinstating(pages, start, *test, *page), now)
                .into(),
        }
    }

    /// Lets time pass; the timely delivery is advanced at ten moments on the way.
    fn wait(&mut self, millis: i64) {
        let before = self.timely.clone();
        let deadline = before.deadline(&self.compiled);
        let mut completed = None;
        for tenth in 1..=10 {
            let moment = self.now.plus_millis(millis * tenth / 10);
            completed = completed.or(self.timely.advance(&self.compiled, moment).completed);
        }
        self.now = self.now.plus_millis(millis);
        // Invariants 25 and 27.
        let is_overdue = deadline.is_some_and(|at| self.now > at.plus_millis(GRACE_MILLIS));
        let expected = deadline
            .filter(|_| is_overdue)
            .map(|at| Completion { at, closing: ClosingReason::TimeOver });
        assert_eq!(completed, expected);
        if completed.is_some() {
            assert_eq!(
                transition(self.stand, LifecycleEvent::DeadlinePasses),
                Ok(Cell::Becomes(LifecycleState::Complete))
            );
            self.stand = LifecycleState::Complete;
        }
    }

    /// The lazy delivery catches up, refusing what comes too late and changing nothing by that.
    fn catch_up(&mut self, step: &DeliveryAction) {
        let mut late = self.lazy.clone();
        if late.advance(&self.compiled, self.now).completed.is_none() {
            return;
        }
        let mut lazy = self.lazy.clone();
        if matches!(
            step,
            DeliveryAction::Open
                | DeliveryAction::Answer(_)
                | DeliveryAction::Enter(..)
                | DeliveryAction::Complete(_)
                | DeliveryAction::Extend(..)
        ) {
            let outcome = self.request(&mut lazy, step);
            assert!(
                matches!(
                    outcome,
                    ActionOutcome::Refused(Refusal::TimeOver | Refusal::InstanceComplete)
                ),
                "{step:?} came to {outcome:?}"
            );
            assert_eq!(lazy, self.lazy);
        }
        self.lazy = late;
    }

    /// Invariants 18 and 25 for one request.
    fn check(&mut self, step: &DeliveryAction, before: &DeliveryState, outcome: &ActionOutcome) {
        match (transition(self.stand, Self::event(step)), outcome) {
            (Err(expected), outcome) => assert_eq!(outcome, &ActionOutcome::Refused(expected)),
            (Ok(Cell::Becomes(after)), ActionOutcome::Done | ActionOutcome::Completed(_)) => {
                self.stand = after
            }
            (Ok(_), _) => {}
        }
        if let ActionOutcome::Refused(_) = outcome {
            assert_eq!(&self.timely, before, "a refused request changed something");
        }
        if let ActionOutcome::Completed(completion) = outcome {
            assert!(
                completion.at.0 <= later(before.deadline(&self.compiled))
                    && completion.at <= self.now
            );
        }
        if let (DeliveryAction::Reinstate { pages, start, test, page }, ActionOutcome::Done) =
            (step, outcome)
        {
            self.unlocked = Some(self.reinstating(pages, start, *test, *page).pages);
            self.published.clear();
        }
        if let (DeliveryAction::Enter(..), ActionOutcome::Done, Some(left)) =
            (step, outcome, before.current())
        {
            self.check_left(left, before);
        }
        if let DeliveryAction::Answer(slot) = step {
            self.check_answer(self.page(slot), outcome);
        }
    }

    /// What was left under `linear` or with a time limit is locked.
    fn check_left(&self, left: usize, before: &DeliveryState) {
        let compiled = &self.compiled;
        let section = compiled.pages[left].section;
        let pages = self.timely.pages(compiled, self.now);
        let ends = before.remaining(compiled, self.now);
        let moved = self.timely.current() != Some(left);
        let left_section =
            self.timely.current().is_some_and(|page| compiled.pages[page].section != section);
        if moved
            && (compiled.section(section).navigation == Navigation::Linear || ends.page.is_some())
        {
            assert!(pages[left].locked);
        }
        if left_section
            && (compiled.test.navigation == Navigation::Linear || ends.section.is_some())
        {
            assert!(compiled.sections[section].pages.clone().all(|page| pages[page].locked));
        }
    }

    /// Invariants 26 and 32.
    fn check_answer(&self, page: usize, outcome: &ActionOutcome) {
        let stand = self.timely.pages(&self.compiled, self.now)[page];
        if *outcome == ActionOutcome::Done {
            let deadline = later(self.published.get(&page).copied().flatten());
            assert!(self.now.0 <= deadline.saturating_add(GRACE_MILLIS), "kept after the deadline");
            assert!(!stand.locked || self.now.0 >= deadline, "kept on a locked page");
            assert!(stand.visited);
            assert!(self.unlocked.as_ref().is_none_or(|unlocked| unlocked.contains(&page)));
        } else if self.stand.is_open() && !self.timely.is_paused() {
            assert!(stand.locked || !stand.visited, "an open page refused: {outcome:?}");
        }
    }

    fn publish(&mut self) {
        let Some(current) = self.timely.current().filter(|_| !self.timely.is_paused()) else {
            return;
        };
        let remaining = self.timely.remaining(&self.compiled, self.now);
        for stand in self
            .timely
            .pages(&self.compiled, self.now)
            .iter()
            .filter(|stand| stand.visited && !stand.locked)
        {
            let in_section = stand.section == self.compiled.pages[current].section;
            let ends = [
                remaining.test,
                remaining.section.filter(|_| in_section),
                remaining.page.filter(|_| stand.is_current),
            ];
            self.published.insert(stand.page, ends.into_iter().flatten().min());
        }
    }

    fn check_due(&self) {
        let alone =
            |moment: Timestamp| self.timely.clone().advance(&self.compiled, moment).completed;
        match self.timely.due_at(&self.compiled) {
            Some(due) => {
                assert_eq!(alone(due.plus_millis(-1)), None);
                assert_eq!(
                    alone(due).map(|completion| completion.at),
                    self.timely.deadline(&self.compiled)
                );
            }
            None => assert_eq!(alone(self.now.plus_seconds(1_000_000)), None),
        }
    }

    fn check_overview(&self) {
        for stand in self.timely.pages(&self.compiled, self.now) {
            let mut there = self.timely.clone();
            let entered = there.enter(&self.compiled, stand.page, true, &|_| true, self.now);
            if !stand.is_current {
                assert_eq!(entered.is_ok(), stand.can_enter, "{stand:?} {entered:?}");
            }
        }
    }
}

impl StateMachineTest for DeliveryComparison {
    type SystemUnderTest = Self;
    type Reference = DeliveryModel;

    fn init_test(plan: &TestPlan) -> Self {
        let compiled = plan.compile();
        let timely = DeliveryState::start(&compiled, START);
        let lazy = timely.clone();
        let published = BTreeMap::new();
        Self {
            compiled,
            timely,
            lazy,
            now: START,
            stand: LifecycleState::Started,
            published,
            unlocked: None,
        }
    }

    fn apply(mut run: Self, _: &TestPlan, step: DeliveryAction) -> Self {
        if let DeliveryAction::Wait(millis) = step {
            run.wait(millis);
            return run;
        }
        run.catch_up(&step);
        let (mut timely, mut lazy) = (run.timely.clone(), run.lazy.clone());
        let before = run.timely.clone();
        let outcome = run.request(&mut timely, &step);
        assert_eq!(run.request(&mut lazy, &step), outcome);
        (run.timely, run.lazy) = (timely, lazy);
        run.check(&step, &before, &outcome);
        // More time for the test can leave a page whose own time ended with it: that lock is
        // applied now.
        assert_eq!(run.timely.advance(&run.compiled, run.now).completed, None);
        run.publish();
        run
    }

    fn check_invariants(run: &Self, _: &TestPlan) {
        assert_eq!(run.stand.is_open(), !run.timely.is_closed());
        let mut caught_up = run.lazy.clone();
        caught_up.advance(&run.compiled, run.now);
        assert_eq!(caught_up, run.timely, "late is not the same as timely");
        let text = serde_json::to_string(&run.timely).unwrap();
        assert_eq!(serde_json::from_str::<DeliveryState>(&text).unwrap(), run.timely);
        run.check_due();
        run.check_overview();
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_breaks_a_rule_of_delivery(sequential 1..40 => DeliveryComparison);
}

proptest! {
    /// Invariant 33, as far as both candidates' moves are allowed alike.
    #[test]
    fn a_larger_time_factor_never_makes_a_deadline_earlier(
        plan in plans(),
        factors in (100u16..=300, 100u16..=300),
        moves in proptest::collection::vec((any::<Index>(), 0i64..15_000), 0..12),
    ) {
        let factor = |hundredths| TimeFactor::from_hundredths(hundredths).unwrap();
        let short = plan.compile_with(factor(factors.0.min(factors.1)));
        let long = plan.compile_with(factor(factors.0.max(factors.1)));
        let (mut now, mut hurried, mut calm) = (START, DeliveryState::start(&short, START), DeliveryState::start(&long, START));
        for (page, millis) in moves {
            prop_assert!(later(calm.deadline(&long)) >= later(hurried.deadline(&short)));
            let (ends, longer) = (hurried.remaining(&short, now), calm.remaining(&long, now));
            for (end, longer) in [(ends.test, longer.test), (ends.section, longer.section), (ends.page, longer.page)] {
                prop_assert!(end.is_none() || later(longer) >= later(end));
            }
            now = now.plus_millis(millis);
            let page = page.index(short.pages.len());
            let went = hurried.enter(&short, page, true, &|_| true, now).is_ok();
            if calm.enter(&long, page, true, &|_| true, now).is_ok() != went {
                break;
            }
        }
    }

    /// Under linear navigation nobody ever sees a page again.
    #[test]
    fn linear_only_ever_goes_forward(mut plan in plans(), tries in proptest::collection::vec(any::<Index>(), 0..30)) {
        plan.navigation = Navigation::Linear;
        plan.parts.iter_mut().for_each(|part| part.navigation = Navigation::Linear);
        let compiled = plan.compile();
        let mut delivery = DeliveryState::start(&compiled, START);
        let mut seen = Vec::new();
        for page in tries.iter().map(|page| page.index(compiled.pages.len())) {
            if delivery.enter(&compiled, page, true, &|_| true, START).is_ok_and(|entered| entered.moved) {
                seen.push(page);
            }
        }
        prop_assert!(seen.is_sorted_by(|earlier, later| earlier < later), "{seen:?}");
    }
}
