//! What staff do to time and locks: extending and reinstating (domain rules, 5.7 and 5.8).

use super::page_set::PageSet;
use super::state::{DeliveryClock, DeliveryPhase, DeliveryState};
use crate::compile::model::CompiledTest;
use crate::refusal::Refusal;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What a limit belongs to; indexes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitTarget {
    Test,
    Section(usize),
    Page(usize),
}

/// Time given at reinstating, counted from opening (test, starting page) or entering (the others).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLeft {
    Unlimited,
    Seconds(u32),
}

/// How an instance is reinstated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReinstatePlan {
    /// Pages to unlock, with their sections; all others are locked.
    pub pages: Vec<usize>,
    /// The starting page, among them.
    pub start: usize,
    /// What is not named keeps what was left.
    pub time: BTreeMap<LimitTarget, TimeLeft>,
}

impl From<TimeLeft> for DeliveryClock {
    fn from(left: TimeLeft) -> Self {
        match left {
            TimeLeft::Unlimited => Self::None,
            TimeLeft::Seconds(seconds) => Self::of_seconds(seconds),
        }
    }
}

impl DeliveryState {
    /// Gives seconds more to the test, a section or a page, entered or not.
    ///
    /// # Errors
    /// `instance_complete`, also when overdue; `not_found` for no section or page of the test;
    /// `no_time_limit`; `page_locked` when the section or page is locked, since only reinstating
    /// unlocks.
    pub fn extend(
        &mut self,
        compiled: &CompiledTest,
        target: LimitTarget,
        seconds: u32,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let mut next = self.projected_to(compiled, now).into_owned();
        if next.phase == DeliveryPhase::Closed {
            return Err(Refusal::InstanceComplete);
        }
        let clock = next.clock(compiled, target).ok_or(Refusal::NotFound)?;
        if next.is_locked(compiled, target) {
            return Err(Refusal::PageLocked);
        }
        if !clock.is_limited() {
            return Err(Refusal::NoTimeLimit);
        }
        next.set_clock(target, clock.longer(seconds));
        *self = next;
        Ok(())
    }

    /// Opens the instance again, or anew. Clocks stand still until the candidate opens it; what was
    /// visited stays so.
    ///
    /// # Errors
    /// `not_found` for no section or page of the test; `nothing_unlocked` when no page, or not the
    /// starting page, is unlocked with time left.
    pub fn reinstate(
        &mut self,
        compiled: &CompiledTest,
        how: &ReinstatePlan,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let mut next = self.projected_to(compiled, now).into_owned();
        next.stop_all(now);
        for (target, left) in &how.time {
            next.clock(compiled, *target).ok_or(Refusal::NotFound)?;
            next.set_clock(*target, (*left).into());
        }
        if how.pages.iter().any(|page| *page >= compiled.pages.len()) {
            return Err(Refusal::NotFound);
        }
        let unlocked: PageSet =
            how.pages.iter().copied().filter(|page| next.has_time(compiled, *page)).collect();
        if !unlocked.contains(how.start) {
            return Err(Refusal::NothingUnlocked);
        }
        next.locked = (0..compiled.pages.len()).filter(|page| !unlocked.contains(*page)).collect();
        next.current = Some(how.start);
        next.phase = DeliveryPhase::Paused;
        next.expired.clear();
        *self = next;
        Ok(())
    }

    fn has_time(&self, compiled: &CompiledTest, page: usize) -> bool {
        let section = self.section_clock(compiled, compiled.pages[page].section);
        ![self.test, section, self.page_clock(compiled, page)]
            .into_iter()
            .any(DeliveryClock::is_used_up)
    }

    fn clock(&self, compiled: &CompiledTest, target: LimitTarget) -> Option<DeliveryClock> {
        match target {
            LimitTarget::Test => Some(self.test),
            LimitTarget::Section(index) => {
                (index < compiled.sections.len()).then(|| self.section_clock(compiled, index))
            }
            LimitTarget::Page(index) => {
                (index < compiled.pages.len()).then(|| self.page_clock(compiled, index))
            }
        }
    }

    fn set_clock(&mut self, target: LimitTarget, clock: DeliveryClock) {
        match target {
            LimitTarget::Test => self.test = clock,
            LimitTarget::Section(index) => drop(self.sections.insert(index, clock)),
            LimitTarget::Page(index) => drop(self.pages.insert(index, clock)),
        }
    }

    fn is_locked(&self, compiled: &CompiledTest, target: LimitTarget) -> bool {
        let mut pages = match target {
            LimitTarget::Test => return false,
            LimitTarget::Section(index) => compiled.sections[index].pages.clone(),
            LimitTarget::Page(index) => index..index + 1,
        };
        pages.all(|page| self.locked.contains(page))
    }
}
