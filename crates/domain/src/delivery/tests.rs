//! Delivery by example: one rule of the domain's chapter 5 a test.

use super::fixtures::{TestPlan, part, plan};
use super::page_set::PageSet;
use super::reinstate::{LimitTarget, ReinstatePlan, TimeLeft};
use super::required::RefusalWithSlots;
use super::state::{ClockEnds, Completion, DeliveryState};
use crate::compile::model::CompiledTest;
use crate::document::model::{Enforcement, MandatoryRules, Navigation};
use crate::instance::ClosingReason;
use crate::refusal::Refusal;
use crate::time::Timestamp;
use Navigation::{Back, Free, Linear};

const START: Timestamp = Timestamp(1_767_225_600_000);

fn at(seconds: i64) -> Timestamp {
    START.plus_seconds(seconds)
}

fn nothing(_: usize) -> bool {
    false
}

fn everything(_: usize) -> bool {
    true
}

/// A delivery with its test, so that examples read as a story.
struct DeliveryStory {
    compiled: CompiledTest,
    delivery: DeliveryState,
}

impl DeliveryStory {
    fn of(plan: &TestPlan) -> Self {
        let compiled = plan.compile();
        let delivery = DeliveryState::start(&compiled, START);
        Self { compiled, delivery }
    }

    fn enter(&mut self, page: usize, seconds: i64) -> Result<PageSet, Refusal> {
        let entered = self.delivery.enter(&self.compiled, page, true, &everything, at(seconds));
        entered.map(|entered| entered.locked).map_err(|refused| refused.refusal)
    }

    fn accepts(&self, slot: usize, received_at: Timestamp) -> Result<(), Refusal> {
        self.delivery.accepts(&self.compiled, slot, received_at)
    }

    fn advance(&mut self, now: Timestamp) -> Option<Completion> {
        self.delivery.advance(&self.compiled, now).completed
    }

    fn complete(&mut self, now: Timestamp) -> Result<Completion, RefusalWithSlots> {
        self.delivery.complete(&self.compiled, true, &everything, now)
    }

    fn reinstate(
        &mut self,
        pages: &[usize],
        time: &[(LimitTarget, TimeLeft)],
        seconds: i64,
    ) -> Result<(), Refusal> {
        let start = pages.last().copied().unwrap_or(0);
        let how =
            ReinstatePlan { pages: pages.to_vec(), start, time: time.iter().copied().collect() };
        self.delivery.reinstate(&self.compiled, &how, at(seconds))
    }

    fn enterable(&self, seconds: i64) -> Vec<usize> {
        let pages = self.delivery.pages(&self.compiled, at(seconds));
        pages
            .iter()
            .filter(|stand| stand.can_enter && !stand.is_current)
            .map(|stand| stand.page)
            .collect()
    }
}

fn pages(list: &[usize]) -> PageSet {
    list.iter().copied().collect()
}

#[test]
fn nothing_is_answerable_before_a_page_is_entered() {
    let mut story = DeliveryStory::of(&plan(Free, 60, &[part(Free, 0, &[0, 0])]));
    assert_eq!(story.accepts(0, at(1)), Err(Refusal::PageLocked));
    assert_eq!(story.accepts(9, at(1)), Err(Refusal::NotFound));
    assert_eq!(story.enter(9, 1), Err(Refusal::NotFound));
    story.enter(0, 1).unwrap();
    assert_eq!(story.accepts(0, at(1)), Ok(()));
    assert_eq!(story.accepts(1, at(1)), Err(Refusal::PageLocked));
}

#[test]
fn answers_and_completing_are_accepted_to_the_end_of_the_grace_and_nothing_else_is() {
    let mut story = DeliveryStory::of(&plan(Free, 60, &[part(Free, 0, &[0, 0])]));
    story.enter(0, 0).unwrap();
    assert_eq!(story.enter(1, 60), Err(Refusal::TimeOver));
    assert_eq!(story.accepts(0, at(62)), Ok(()));
    assert_eq!(story.accepts(0, at(62).plus_millis(1)), Err(Refusal::TimeOver));
    assert_eq!(story.complete(at(62).plus_millis(1)).unwrap_err().refusal, Refusal::TimeOver);
    assert!(!story.delivery.pages(&story.compiled, at(61))[1].can_enter);
    let completion = story.complete(at(62)).unwrap();
    assert_eq!(completion, Completion { at: at(60), closing: ClosingReason::Submitted });
    assert_eq!(story.accepts(0, at(1)), Err(Refusal::InstanceComplete));
    assert_eq!(story.complete(at(62)).unwrap_err().refusal, Refusal::InstanceComplete);
    assert_eq!(story.enter(0, 62), Err(Refusal::InstanceComplete));
    assert_eq!(story.delivery.open(&story.compiled, at(62)), Err(Refusal::InstanceComplete));
    assert_eq!(story.delivery.force_close(&story.compiled, at(62)), Err(Refusal::InstanceComplete));
    assert_eq!(story.delivery.terminate(&story.compiled, at(62)), None);
}

#[test]
fn the_test_completes_by_itself_with_the_deadline_as_its_moment() {
    let mut story = DeliveryStory::of(&plan(Free, 60, &[part(Free, 0, &[0])]));
    let due = story.delivery.due_at(&story.compiled).unwrap();
    assert_eq!(due, at(62).plus_millis(1));
    assert_eq!(story.advance(due.plus_millis(-1)), None);
    assert_eq!(
        story.advance(due),
        Some(Completion { at: at(60), closing: ClosingReason::TimeOver })
    );
    assert_eq!(story.advance(due), None);
    assert_eq!(story.delivery.due_at(&story.compiled), None);
}

#[test]
fn a_page_whose_time_is_over_locks_and_the_next_waits_to_be_entered() {
    let mut story = DeliveryStory::of(&plan(Free, 0, &[part(Free, 0, &[10, 10])]));
    story.enter(0, 0).unwrap();
    assert_eq!(story.delivery.due_at(&story.compiled), None);
    assert_eq!(story.accepts(0, at(12)), Ok(()));
    assert_eq!(story.accepts(0, at(12).plus_millis(1)), Err(Refusal::TimeOver));
    assert_eq!(story.advance(at(3600)), None);
    assert_eq!(story.enterable(3600), [1]);
    story.enter(1, 3600).unwrap();
    assert_eq!(story.enter(0, 3601), Err(Refusal::NavigationNotAllowed));
    assert_eq!(story.delivery.deadline(&story.compiled), Some(at(3610)));
}

#[test]
fn a_lock_by_time_that_leaves_nothing_to_do_completes_at_that_moment() {
    let mut story = DeliveryStory::of(&plan(
        Linear,
        600,
        &[part(Linear, 30, &[0]), part(Linear, 30, &[20, 20])],
    ));
    story.enter(0, 0).unwrap();
    story.enter(1, 10).unwrap();
    story.enter(2, 25).unwrap();
    // The section's 30 s, not the page's 20 s, end first: both at 40 and 45.
    assert_eq!(story.delivery.deadline(&story.compiled), Some(at(40)));
    assert_eq!(story.accepts(2, at(42)), Ok(()));
    assert_eq!(story.accepts(1, at(41)), Err(Refusal::PageLocked));
    assert_eq!(
        story.advance(at(5000)),
        Some(Completion { at: at(40), closing: ClosingReason::TimeOver })
    );
}

#[test]
fn force_closing_and_terminating_never_give_a_moment_after_the_deadline() {
    let timed = plan(Free, 60, &[part(Free, 0, &[0])]);
    let mut story = DeliveryStory::of(&timed);
    let completion = story.delivery.force_close(&story.compiled, at(61)).unwrap();
    assert_eq!(completion, Completion { at: at(60), closing: ClosingReason::ForceClosed });
    let mut story = DeliveryStory::of(&timed);
    let completion = story.delivery.force_close(&story.compiled, at(99)).unwrap();
    assert_eq!(completion, Completion { at: at(60), closing: ClosingReason::TimeOver });
    let mut story = DeliveryStory::of(&timed);
    let completion = story.delivery.terminate(&story.compiled, at(31)).unwrap();
    assert_eq!(completion, Completion { at: at(31), closing: ClosingReason::Terminated });
}

#[test]
fn linear_goes_to_the_next_only_and_locks_what_is_left() {
    let mut story =
        DeliveryStory::of(&plan(Linear, 0, &[part(Linear, 0, &[0, 0, 0]), part(Free, 0, &[0, 0])]));
    assert_eq!(story.enter(1, 0), Err(Refusal::NavigationNotAllowed));
    assert_eq!(story.enter(3, 0), Err(Refusal::NavigationNotAllowed));
    story.enter(0, 0).unwrap();
    assert_eq!(story.enter(2, 1), Err(Refusal::NavigationNotAllowed));
    assert_eq!(story.enter(1, 1), Ok(pages(&[0])));
    assert_eq!(story.accepts(0, at(2)), Err(Refusal::PageLocked));
    assert_eq!(story.enter(0, 2), Err(Refusal::NavigationNotAllowed));
    assert_eq!(story.enter(4, 3), Ok(pages(&[1, 2])));
    assert_eq!(story.enterable(4), [3]);
}

#[test]
fn back_goes_to_visited_pages_and_to_the_first_not_yet_visited() {
    let mut story = DeliveryStory::of(&plan(
        Back,
        0,
        &[part(Back, 0, &[0, 0, 0]), part(Back, 0, &[0, 0]), part(Free, 0, &[0])],
    ));
    assert_eq!(story.enterable(0), [0]);
    story.enter(0, 0).unwrap();
    assert_eq!(story.enterable(1), [1, 3]);
    story.enter(1, 1).unwrap();
    story.enter(3, 2).unwrap();
    assert_eq!(story.enterable(3), [0, 1, 2, 4, 5]);
    assert_eq!(story.accepts(0, at(3)), Ok(()));
    assert_eq!(story.enter(2, 3), Ok(PageSet::default()));
}

#[test]
fn free_goes_anywhere_but_back_to_what_had_a_time_limit() {
    let mut story =
        DeliveryStory::of(&plan(Free, 0, &[part(Free, 0, &[0, 9, 0]), part(Free, 90, &[0, 0])]));
    assert_eq!(story.enterable(0), [0, 1, 2, 3, 4]);
    story.enter(1, 0).unwrap();
    assert_eq!(story.enter(4, 5), Ok(pages(&[1])));
    assert_eq!(story.enter(0, 6), Ok(pages(&[3, 4])));
    assert_eq!(story.enterable(7), [2]);
}

#[test]
fn entering_the_current_page_again_changes_nothing() {
    let mut story = DeliveryStory::of(&plan(Linear, 0, &[part(Linear, 30, &[20])]));
    story.enter(0, 0).unwrap();
    let before = story.delivery.clone();
    let entered = story.delivery.enter(&story.compiled, 0, false, &nothing, at(7)).unwrap();
    assert!(!entered.moved);
    assert_eq!(story.delivery, before);
}

#[test]
fn clocks_run_from_entering_and_the_earliest_is_the_deadline_of_the_page() {
    let mut story = DeliveryStory::of(&plan(Free, 100, &[part(Free, 40, &[0, 10])]));
    let remaining = story.delivery.remaining(&story.compiled, at(5));
    assert_eq!(remaining, ClockEnds { test: Some(at(100)), section: None, page: None });
    story.enter(0, 5).unwrap();
    story.enter(1, 20).unwrap();
    let remaining = story.delivery.remaining(&story.compiled, at(20));
    assert_eq!(
        remaining,
        ClockEnds { test: Some(at(100)), section: Some(at(45)), page: Some(at(30)) }
    );
    assert_eq!(remaining.earliest(), Some(at(30)));
    assert_eq!(story.delivery.remaining(&story.compiled, at(46)).earliest(), Some(at(100)));
}

#[test]
fn extending_moves_clocks_that_run_and_limits_that_wait() {
    let mut story =
        DeliveryStory::of(&plan(Free, 100, &[part(Free, 40, &[0]), part(Free, 0, &[10, 5])]));
    let extend = |story: &mut DeliveryStory, target, seconds| {
        story.delivery.extend(&story.compiled, target, 5, at(seconds))
    };
    assert_eq!(extend(&mut story, LimitTarget::Section(1), 0), Err(Refusal::NoTimeLimit));
    assert_eq!(extend(&mut story, LimitTarget::Page(7), 0), Err(Refusal::NotFound));
    story.enter(0, 0).unwrap();
    for target in [LimitTarget::Test, LimitTarget::Section(0), LimitTarget::Page(1)] {
        assert_eq!(extend(&mut story, target, 1), Ok(()), "{target:?}");
    }
    assert_eq!(story.delivery.remaining(&story.compiled, at(1)).section, Some(at(45)));
    story.enter(1, 10).unwrap();
    assert_eq!(extend(&mut story, LimitTarget::Section(0), 10), Err(Refusal::PageLocked));
    let remaining = story.delivery.remaining(&story.compiled, at(10));
    assert_eq!(remaining, ClockEnds { test: Some(at(105)), section: None, page: Some(at(25)) });
    assert_eq!(
        extend(&mut story, LimitTarget::Test, 106),
        Ok(()),
        "in the grace the instance is still open"
    );
    assert_eq!(extend(&mut story, LimitTarget::Test, 113), Err(Refusal::InstanceComplete));
}

#[test]
fn more_time_for_the_test_does_not_unlock_a_page_whose_own_time_ended_with_it() {
    let mut story = DeliveryStory::of(&plan(Free, 10, &[part(Free, 0, &[10])]));
    assert!(story.enter(0, 0).is_ok());
    assert_eq!(
        story.delivery.extend(&story.compiled, LimitTarget::Test, 5, at(12)),
        Ok(()),
        "still in the grace"
    );
    assert_eq!(story.advance(at(12)), None);
    assert!(story.delivery.pages(&story.compiled, at(12))[0].locked);
    let completion = story.advance(at(13)).unwrap();
    assert_eq!(
        (completion.at, completion.closing),
        (at(10), ClosingReason::TimeOver),
        "nothing was left to do from then on"
    );
}

fn strict(page: Enforcement, section: Enforcement, test: Enforcement) -> MandatoryRules {
    MandatoryRules { page, section, test }
}

#[test]
fn required_questions_prevent_or_want_confirming_with_their_slots() {
    let mut demanding = plan(Free, 0, &[part(Free, 0, &[0, 0]), part(Free, 0, &[0])]);
    demanding.mandatory = strict(Enforcement::Warn, Enforcement::Prevent, Enforcement::Off);
    let mut story = DeliveryStory::of(&demanding);
    story.enter(0, 0).unwrap();
    let mut enter = |page, confirm, satisfied: &dyn Fn(usize) -> bool| {
        story.delivery.enter(&story.compiled, page, confirm, satisfied, at(1))
    };
    let refused =
        |refusal, slots: &[usize]| Err(RefusalWithSlots { refusal, slots: slots.to_vec() });
    assert_eq!(enter(1, false, &nothing), refused(Refusal::ConfirmationNeeded, &[0]));
    assert_eq!(enter(2, true, &nothing), refused(Refusal::RequiredUnanswered, &[0, 1]));
    assert_eq!(enter(2, true, &|slot| slot == 0), refused(Refusal::RequiredUnanswered, &[1]));
    assert!(enter(1, true, &nothing).unwrap().moved);
    assert!(enter(2, false, &everything).unwrap().moved);
    let refused = story.delivery.complete(&story.compiled, false, &nothing, at(2)).unwrap_err();
    assert_eq!(refused, RefusalWithSlots { refusal: Refusal::RequiredUnanswered, slots: vec![2] });
}

#[test]
fn submitting_warns_by_default_and_goes_through_when_confirmed_or_when_time_is_over() {
    let mut story = DeliveryStory::of(&plan(Free, 60, &[part(Free, 0, &[0, 0])]));
    story.enter(0, 0).unwrap();
    let refused = story.delivery.complete(&story.compiled, false, &nothing, at(5)).unwrap_err();
    assert_eq!(
        refused,
        RefusalWithSlots { refusal: Refusal::ConfirmationNeeded, slots: vec![0, 1] }
    );
    let mut late = story.delivery.clone();
    assert!(late.complete(&story.compiled, false, &nothing, at(61)).is_ok());
    assert!(story.delivery.complete(&story.compiled, true, &nothing, at(5)).is_ok());
}

#[test]
fn what_can_no_longer_be_answered_never_prevents() {
    let mut demanding = plan(Linear, 0, &[part(Linear, 0, &[0, 10, 0]), part(Free, 0, &[0])]);
    demanding.mandatory = strict(Enforcement::Off, Enforcement::Prevent, Enforcement::Prevent);
    let mut story = DeliveryStory::of(&demanding);
    story.enter(0, 0).unwrap();
    story.enter(1, 1).unwrap();
    let enter =
        |story: &mut DeliveryStory, page, confirm, satisfied: &dyn Fn(usize) -> bool, seconds| {
            let entered =
                story.delivery.enter(&story.compiled, page, confirm, satisfied, at(seconds));
            entered.map(|entered| entered.moved)
        };
    let refused =
        |refusal, slots: &[usize]| Err(RefusalWithSlots { refusal, slots: slots.to_vec() });
    assert_eq!(
        enter(&mut story, 3, true, &nothing, 2),
        refused(Refusal::RequiredUnanswered, &[1, 2])
    );
    assert_eq!(
        enter(&mut story, 3, true, &nothing, 12),
        refused(Refusal::RequiredUnanswered, &[2])
    );
    assert_eq!(
        enter(&mut story, 3, false, &|slot| slot == 2, 12),
        refused(Refusal::ConfirmationNeeded, &[0, 1])
    );
    assert_eq!(enter(&mut story, 3, true, &|slot| slot == 2, 12), Ok(true));
    let refused = story.delivery.complete(&story.compiled, true, &nothing, at(13)).unwrap_err();
    assert_eq!(refused.slots, [3]);
}

#[test]
fn reinstating_needs_a_starting_page_with_time_left() {
    let mut story = DeliveryStory::of(&plan(Free, 60, &[part(Free, 0, &[10, 0])]));
    story.enter(0, 0).unwrap();
    story.advance(at(99)).unwrap();
    assert_eq!(story.reinstate(&[], &[], 100), Err(Refusal::NothingUnlocked));
    assert_eq!(story.reinstate(&[1], &[], 100), Err(Refusal::NothingUnlocked));
    assert_eq!(story.reinstate(&[5], &[], 100), Err(Refusal::NotFound));
    let more = [(LimitTarget::Test, TimeLeft::Seconds(30))];
    assert_eq!(story.reinstate(&[0], &more, 100), Err(Refusal::NothingUnlocked));
    assert!(story.delivery.is_closed());
    assert_eq!(story.reinstate(&[1], &more, 100), Ok(()));
    let unlimited =
        [(LimitTarget::Test, TimeLeft::Unlimited), (LimitTarget::Page(0), TimeLeft::Seconds(5))];
    assert_eq!(story.reinstate(&[0], &unlimited, 101), Ok(()));
}

#[test]
fn clocks_stand_still_from_reinstating_to_the_first_opening() {
    let mut story =
        DeliveryStory::of(&plan(Free, 60, &[part(Free, 30, &[0, 0]), part(Free, 0, &[0])]));
    story.enter(0, 0).unwrap();
    story.complete(at(20)).unwrap();
    story.reinstate(&[0, 1], &[], 500).unwrap();
    assert_eq!(story.delivery.due_at(&story.compiled), None);
    assert_eq!(story.advance(at(1_000_000)), None);
    assert_eq!(story.accepts(0, at(600)), Err(Refusal::PageLocked));
    assert_eq!(story.enter(0, 600), Err(Refusal::NavigationNotAllowed));
    assert_eq!(story.delivery.open(&story.compiled, at(9000)), Ok(true));
    assert_eq!(story.delivery.open(&story.compiled, at(9001)), Ok(false));
    let remaining = story.delivery.remaining(&story.compiled, at(9001));
    assert_eq!(remaining, ClockEnds { test: Some(at(9040)), section: Some(at(9010)), page: None });
    assert_eq!(story.delivery.current(), Some(1));
    assert_eq!(story.accepts(0, at(9001)), Ok(()), "visited before and unlocked");
    assert_eq!(story.accepts(2, at(9001)), Err(Refusal::PageLocked));
    assert_eq!(story.enterable(9001), [0]);
    assert_eq!(story.delivery.deadline(&story.compiled), Some(at(9010)));
}

#[test]
fn reinstating_an_open_instance_keeps_what_was_left_at_that_moment() {
    let mut story = DeliveryStory::of(&plan(Linear, 60, &[part(Linear, 0, &[0, 40])]));
    story.enter(0, 0).unwrap();
    story.enter(1, 10).unwrap();
    story.reinstate(&[0, 1], &[], 15).unwrap();
    assert!(story.delivery.is_paused());
    story.delivery.open(&story.compiled, at(1000)).unwrap();
    let remaining = story.delivery.remaining(&story.compiled, at(1000));
    assert_eq!(remaining, ClockEnds { test: Some(at(1045)), section: None, page: Some(at(1035)) });
}

#[test]
fn a_reinstated_instance_can_be_submitted_or_closed_without_being_opened() {
    let mut story = DeliveryStory::of(&plan(Free, 60, &[part(Free, 0, &[0])]));
    story.enter(0, 0).unwrap();
    story.complete(at(20)).unwrap();
    story.reinstate(&[0], &[], 500).unwrap();
    let completion = story.delivery.clone().force_close(&story.compiled, at(700)).unwrap();
    assert_eq!(completion, Completion { at: at(700), closing: ClosingReason::ForceClosed });
    assert_eq!(story.complete(at(600)).unwrap().at, at(600));
}

#[test]
fn the_stored_text_is_compact_and_unknown_fields_are_refused() {
    let mut story = DeliveryStory::of(&plan(Linear, 60, &[part(Linear, 30, &[0, 10])]));
    story.enter(0, 0).unwrap();
    story.enter(1, 5).unwrap();
    let text = serde_json::to_string(&story.delivery).unwrap();
    let expected = concat!(
        r#"{"phase":"running","current":1,"visited":"0-1","locked":"0","test":{"until":1767225660000},"#,
        r#""sections":{"0":{"until":1767225630000}},"pages":{"1":{"until":1767225615000}}}"#,
    );
    assert_eq!(text, expected);
    assert_eq!(serde_json::from_str::<DeliveryState>(&text).unwrap(), story.delivery);
    assert!(
        serde_json::from_str::<DeliveryState>(&text.replacen('{', "{\"later\":1,", 1)).is_err()
    );
}
