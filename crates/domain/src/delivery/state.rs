//! The state of a running instance: where the candidate is, what is locked, which clocks run.
//!
//! Every operation takes the compiled test the delivery was started with and the moment its request
//! had arrived. A refused operation changes nothing. The caller first lets time pass with
//! [`DeliveryState::advance`] and stores what that did; operations let time pass for themselves
//! too, so that their answer never depends on a sweep having run.
//!
//! Locks by time are applied in the order of their moments, so calling late, as after an outage,
//! comes to the same state as calling in time. Nothing here knows answers: whether a slot is
//! validly answered is an argument.

pub use super::clock::{DeliveryClock, GRACE_MILLIS};
use super::page_set::PageSet;
use crate::compile::model::CompiledTest;
use crate::instance::ClosingReason;
use crate::refusal::Refusal;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Whether clocks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DeliveryPhase {
    Running,
    /// Reinstated and not opened since: clocks stand still.
    #[serde(rename = "standing")]
    Paused,
    Closed,
}

/// Pages that were locked because time ran out, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeLock {
    pub at: Timestamp,
    pub pages: PageSet,
}

/// What an instance's delivery has come to. Kept by storage as one JSON text; pages and sections
/// are indexes from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryState {
    pub(super) phase: DeliveryPhase,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) current: Option<usize>,
    pub(super) visited: PageSet,
    pub(super) locked: PageSet,
    pub(super) test: DeliveryClock,
    /// Clocks that ran or were set; the others stand at the compiled limit. Only the current
    /// section's and the current page's ever run, because whatever has a limit is locked when left.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) sections: BTreeMap<usize, DeliveryClock>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) pages: BTreeMap<usize, DeliveryClock>,
    /// In order of time, since the start or the last reinstating.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) expired: Vec<TimeLock>,
}

/// That and when an instance was completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion {
    /// `completedAt`: never after the deadline.
    pub at: Timestamp,
    pub closing: ClosingReason,
}

/// What the mere passing of time did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdvanceOutcome {
    /// Locks newly applied, in order of time.
    pub locks: Vec<TimeLock>,
    pub completed: Option<Completion>,
}

/// The ends of the running clocks, for the candidate's display. `None` is no limit, or a clock that
/// does not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockEnds {
    pub test: Option<Timestamp>,
    pub section: Option<Timestamp>,
    pub page: Option<Timestamp>,
}

impl ClockEnds {
    /// The deadline of the current page: the earliest end that applies.
    #[must_use]
    pub fn earliest(&self) -> Option<Timestamp> {
        [self.test, self.section, self.page].into_iter().flatten().min()
    }
}

impl DeliveryState {
    /// A fresh start: the test's clock runs, no page is entered yet.
    ///
    /// A section's clock runs from entering its first page and its intro is shown before that, so
    /// the candidate enters the first page in a request of its own; until then nothing can be
    /// answered and no clock but the test's runs.
    #[must_use]
    pub fn start(compiled: &CompiledTest, now: Timestamp) -> Self {
        Self {
            phase: DeliveryPhase::Running,
            current: None,
            visited: PageSet::default(),
            locked: PageSet::default(),
            test: DeliveryClock::of_limit(compiled.time_limit).running(now),
            sections: BTreeMap::new(),
            pages: BTreeMap::new(),
            expired: Vec::new(),
        }
    }

    /// The candidate opens the instance. The first time after reinstating the clocks of test and
    /// starting page run from now and that page is entered; says whether this was such a time.
    ///
    /// # Errors
    /// `instance_complete`, also when it is overdue.
    pub fn open(&mut self, compiled: &CompiledTest, now: Timestamp) -> Result<bool, Refusal> {
        if self.projected_to(compiled, now).phase == DeliveryPhase::Closed {
            return Err(Refusal::InstanceComplete);
        }
        let clocks_start = self.phase == DeliveryPhase::Paused;
        if clocks_start {
            self.phase = DeliveryPhase::Running;
            self.test = self.test.running(now);
            if let Some(page) = self.current {
                self.enter_at(compiled, page, now);
            }
        }
        Ok(clocks_start)
    }

    /// Lets time pass up to `now`: applies every lock by time and completes the instance when it is
    /// due.
    pub fn advance(&mut self, compiled: &CompiledTest, now: Timestamp) -> AdvanceOutcome {
        let mut advanced = AdvanceOutcome::default();
        if self.phase != DeliveryPhase::Running {
            return advanced;
        }
        // Nothing happens any more once time ran out, however late this is called.
        let next = |state: &Self| {
            state
                .next_lock(compiled)
                .filter(|at| *at <= now && state.time_over_at(compiled, *at).is_none())
        };
        while let Some(at) = next(self) {
            advanced.locks.push(self.lock_by_time(compiled, at));
        }
        if let Some(at) =
            self.time_over_at(compiled, now).filter(|end| now > end.plus_millis(GRACE_MILLIS))
        {
            advanced.completed = Some(self.close(at, ClosingReason::TimeOver));
        }
        advanced
    }

    /// The first moment at which the instance is complete if nobody does anything any more: the
    /// millisecond after the grace of its deadline. At it `advance` completes the instance, before
    /// it does not. `None`: never by itself.
    #[must_use]
    pub fn due_at(&self, compiled: &CompiledTest) -> Option<Timestamp> {
        let at = self.deadline(compiled)?;
        Some(at.plus_millis(GRACE_MILLIS + 1))
    }

    /// The `completedAt` the instance gets if nobody does anything any more. Closing it as it
    /// stands never gives a later one.
    #[must_use]
    pub fn deadline(&self, compiled: &CompiledTest) -> Option<Timestamp> {
        let mut alone = self.clone();
        alone.advance(compiled, Timestamp(i64::MAX)).completed.map(|completion| completion.at)
    }

    /// Whether an answer to a slot (index from 0) received at this moment may be kept.
    ///
    /// # Errors
    /// `not_found` for no slot of the test; `instance_complete`; `page_locked` when its page was
    /// not entered or is locked; `time_over` when a deadline and its grace have passed.
    pub fn accepts(
        &self,
        compiled: &CompiledTest,
        slot: usize,
        received_at: Timestamp,
    ) -> Result<(), Refusal> {
        let page = compiled.slots.get(slot).ok_or(Refusal::NotFound)?.page;
        match self.phase {
            DeliveryPhase::Closed => return Err(Refusal::InstanceComplete),
            DeliveryPhase::Paused => return Err(Refusal::PageLocked),
            DeliveryPhase::Running => {}
        }
        let then = self.projected_to(compiled, received_at);
        if then.phase == DeliveryPhase::Closed {
            return Err(Refusal::TimeOver);
        }
        if !then.visited.contains(page) {
            return Err(Refusal::PageLocked);
        }
        if !then.locked.contains(page) {
            return Ok(());
        }
        match then.expired.iter().find(|lock| lock.pages.contains(page)) {
            None => Err(Refusal::PageLocked),
            Some(lock) if received_at <= lock.at.plus_millis(GRACE_MILLIS) => Ok(()),
            Some(_) => Err(Refusal::TimeOver),
        }
    }

    /// The ends of the clocks that run at this moment.
    #[must_use]
    pub fn remaining(&self, compiled: &CompiledTest, now: Timestamp) -> ClockEnds {
        let then = self.projected_to(compiled, now);
        let of_page = |page: usize| {
            (
                then.section_clock(compiled, compiled.pages[page].section),
                then.page_clock(compiled, page),
            )
        };
        let (section, page) =
            then.current.map_or((DeliveryClock::None, DeliveryClock::None), of_page);
        ClockEnds { test: then.test.end(), section: section.end(), page: page.end() }
    }

    /// The page the candidate is on, index from 0. It may have been locked by time.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    /// Whether the instance was reinstated and not opened since.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.phase == DeliveryPhase::Paused
    }

    /// Whether the instance is complete and takes no more answers.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.phase == DeliveryPhase::Closed
    }

    /// This state at a later moment if nothing happens until then.
    pub(super) fn projected_to(&self, compiled: &CompiledTest, now: Timestamp) -> Cow<'_, Self> {
        let is_quiet = self.expired.is_empty()
            && self.next_lock(compiled).is_none_or(|at| at > now)
            && self.test.end().is_none_or(|at| at > now);
        if self.phase != DeliveryPhase::Running || is_quiet {
            return Cow::Borrowed(self);
        }
        let mut then = self.clone();
        then.advance(compiled, now);
        Cow::Owned(then)
    }

    /// When time ran out, if it did by `now`: at the test's end, or at the lock that left nothing
    /// to do.
    pub(super) fn time_over_at(
        &self,
        compiled: &CompiledTest,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let test = self.test.end().filter(|end| *end <= now);
        let exhausted = self
            .expired
            .last()
            .filter(|_| !self.leaves_something_to_do(compiled))
            .map(|lock| lock.at);
        [test, exhausted].into_iter().flatten().min()
    }

    fn leaves_something_to_do(&self, compiled: &CompiledTest) -> bool {
        let is_open = |page: usize| self.visited.contains(page) || self.may_enter(compiled, page);
        (0..compiled.pages.len()).any(|page| !self.locked.contains(page) && is_open(page))
    }

    fn next_lock(&self, compiled: &CompiledTest) -> Option<Timestamp> {
        let page = self.current?;
        let section = self.section_clock(compiled, compiled.pages[page].section).end();
        [section, self.page_clock(compiled, page).end()].into_iter().flatten().min()
    }

    fn lock_by_time(&mut self, compiled: &CompiledTest, at: Timestamp) -> TimeLock {
        let page = self.current.expect("only the clocks of a current page and its section run");
        let section = compiled.pages[page].section;
        let whole_section = self.section_clock(compiled, section).end() == Some(at);
        let pages =
            if whole_section { compiled.sections[section].pages.clone() } else { page..page + 1 };
        self.stop_page(compiled, page, at);
        if whole_section {
            self.stop_section(compiled, section, at);
        }
        let lock = TimeLock { at, pages: self.lock(pages) };
        self.expired.push(lock.clone());
        lock
    }

    /// Locks pages and says which were not locked before.
    pub(super) fn lock(&mut self, pages: impl Iterator<Item = usize>) -> PageSet {
        let newly: PageSet = pages.filter(|page| !self.locked.contains(*page)).collect();
        newly.iter().for_each(|page| self.locked.insert(page));
        newly
    }

    /// Enters a page: it is current and visited, its clock and its section's run.
    pub(super) fn enter_at(&mut self, compiled: &CompiledTest, page: usize, now: Timestamp) {
        let section = compiled.pages[page].section;
        self.current = Some(page);
        self.visited.insert(page);
        let (of_section, of_page) =
            (self.section_clock(compiled, section), self.page_clock(compiled, page));
        if of_section.is_limited() {
            self.sections.insert(section, of_section.running(now));
        }
        if of_page.is_limited() {
            self.pages.insert(page, of_page.running(now));
        }
    }

    pub(super) fn section_clock(&self, compiled: &CompiledTest, section: usize) -> DeliveryClock {
        let untouched = || DeliveryClock::of_limit(compiled.sections[section].time_limit);
        self.sections.get(&section).copied().unwrap_or_else(untouched)
    }

    pub(super) fn page_clock(&self, compiled: &CompiledTest, page: usize) -> DeliveryClock {
        self.pages
            .get(&page)
            .copied()
            .unwrap_or_else(|| DeliveryClock::of_limit(compiled.pages[page].time_limit))
    }

    pub(super) fn stop_page(&mut self, compiled: &CompiledTest, page: usize, at: Timestamp) {
        if self.page_clock(compiled, page).end().is_some() {
            self.pages.entry(page).and_modify(|clock| *clock = clock.stopped(at));
        }
    }

    pub(super) fn stop_section(&mut self, compiled: &CompiledTest, section: usize, at: Timestamp) {
        if self.section_clock(compiled, section).end().is_some() {
            self.sections.entry(section).and_modify(|clock| *clock = clock.stopped(at));
        }
    }

    pub(super) fn stop_all(&mut self, at: Timestamp) {
        self.test = self.test.stopped(at);
        for clock in self.sections.values_mut().chain(self.pages.values_mut()) {
            *clock = clock.stopped(at);
        }
    }

    pub(super) fn close(&mut self, at: Timestamp, closing: ClosingReason) -> Completion {
        self.stop_all(at);
        self.phase = DeliveryPhase::Closed;
        self.expired.clear();
        Completion { at, closing }
    }
}
