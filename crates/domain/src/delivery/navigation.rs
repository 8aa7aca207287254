//! Moving between pages (domain rules, 5.6).

use super::page_set::PageSet;
use super::required::RefusalWithSlots;
use super::state::{DeliveryPhase, DeliveryState};
use crate::compile::model::CompiledTest;
use crate::document::model::Navigation;
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// What entering a page did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageEntryOutcome {
    /// Whether the candidate was elsewhere before.
    pub moved: bool,
    /// Pages locked by leaving.
    pub locked: PageSet,
}

/// What leaving the current page ends for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeavingLocks {
    /// The page takes no more answers once it is left.
    pub page: bool,
    /// Its section takes none once a page of another is entered.
    pub section: bool,
}

/// A page as the candidate sees it in the overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageStatus {
    pub page: usize,
    pub section: usize,
    pub is_current: bool,
    pub visited: bool,
    pub locked: bool,
    pub can_enter: bool,
}

impl DeliveryState {
    /// The candidate goes to a page (index from 0). Entering the current page again is harmless.
    ///
    /// # Errors
    /// `not_found`; `instance_complete`; `time_over`; `navigation_not_allowed`;
    /// `confirmation_needed` and `required_unanswered` with their slots.
    pub fn enter(
        &mut self,
        compiled: &CompiledTest,
        page: usize,
        confirm: bool,
        satisfied: &dyn Fn(usize) -> bool,
        now: Timestamp,
    ) -> Result<PageEntryOutcome, RefusalWithSlots> {
        match self.phase {
            DeliveryPhase::Closed => return Err(Refusal::InstanceComplete.into()),
            DeliveryPhase::Paused => return Err(Refusal::NavigationNotAllowed.into()),
            DeliveryPhase::Running => {}
        }
        let mut next = self.projected_to(compiled, now).into_owned();
        if next.phase == DeliveryPhase::Closed || next.time_over_at(compiled, now).is_some() {
            return Err(Refusal::TimeOver.into());
        }
        if page >= compiled.pages.len() {
            return Err(Refusal::NotFound.into());
        }
        if next.current == Some(page) {
            return Ok(PageEntryOutcome::default());
        }
        if !next.may_enter(compiled, page) {
            return Err(Refusal::NavigationNotAllowed.into());
        }
        next.check_leaving(compiled, page, confirm, satisfied)?;
        let locked = next.leave(compiled, page, now);
        next.enter_at(compiled, page, now);
        *self = next;
        Ok(PageEntryOutcome { moved: true, locked })
    }

    /// Every page in compiled order with its state at this moment.
    #[must_use]
    pub fn pages(&self, compiled: &CompiledTest, now: Timestamp) -> Vec<PageStatus> {
        let then = self.projected_to(compiled, now);
        let is_over =
            then.phase != DeliveryPhase::Running || then.time_over_at(compiled, now).is_some();
        let stand = |page: usize| PageStatus {
            page,
            section: compiled.pages[page].section,
            is_current: then.current == Some(page),
            visited: then.visited.contains(page),
            locked: then.phase == DeliveryPhase::Closed || then.locked.contains(page),
            can_enter: !is_over && then.may_enter(compiled, page),
        };
        (0..compiled.pages.len()).map(stand).collect()
    }

    /// Whether the modes of navigation let the candidate go to a page from where they are. Clocks
    /// are not asked.
    pub(super) fn may_enter(&self, compiled: &CompiledTest, page: usize) -> bool {
        let to = compiled.pages[page].section;
        if self.locked.contains(page) {
            return false;
        }
        match self.current {
            Some(current) if current == page => true,
            Some(current) if compiled.pages[current].section == to => {
                self.allows_page(compiled, page, Some(current))
            }
            from => {
                let from = from.map(|current| compiled.pages[current].section);
                self.allows_section(compiled, from, to) && self.allows_page(compiled, page, None)
            }
        }
    }

    fn allows_page(&self, compiled: &CompiledTest, page: usize, from: Option<usize>) -> bool {
        let section = compiled.pages[page].section;
        let mut pages = compiled.sections[section].pages.clone();
        match compiled.section(section).navigation {
            Navigation::Free => true,
            Navigation::Back => {
                let is_new =
                    |page: &usize| !self.visited.contains(*page) && !self.locked.contains(*page);
                self.visited.contains(page) || pages.find(is_new) == Some(page)
            }
            Navigation::Linear => {
                let is_next = |page: &usize| {
                    from.is_none_or(|from| *page > from) && !self.locked.contains(*page)
                };
                pages.find(is_next) == Some(page)
            }
        }
    }

    fn allows_section(&self, compiled: &CompiledTest, from: Option<usize>, to: usize) -> bool {
        let mut sections = 0..compiled.sections.len();
        let pages = |section: usize| compiled.sections[section].pages.clone();
        let is_open = |section: usize| pages(section).any(|page| !self.locked.contains(page));
        let is_visited = |section: usize| pages(section).any(|page| self.visited.contains(page));
        match compiled.test.navigation {
            Navigation::Free => true,
            Navigation::Back => {
                is_visited(to)
                    || sections.find(|section| !is_visited(*section) && is_open(*section))
                        == Some(to)
            }
            Navigation::Linear => {
                sections
                    .find(|section| from.is_none_or(|from| *section > from) && is_open(*section))
                    == Some(to)
            }
        }
    }

    /// What leaving the current page would lock.
    #[must_use]
    pub fn leaving_locks(&self, compiled: &CompiledTest) -> LeavingLocks {
        let Some(page) = self.current else { return LeavingLocks::default() };
        let section = compiled.pages[page].section;
        let is_linear = |navigation| navigation == Navigation::Linear;
        LeavingLocks {
            page: is_linear(compiled.section(section).navigation)
                || self.page_clock(compiled, page).is_limited(),
            section: is_linear(compiled.test.navigation)
                || self.section_clock(compiled, section).is_limited(),
        }
    }

    /// Leaves the current page, and its section if the next page is in another; says what that
    /// locked.
    fn leave(&mut self, compiled: &CompiledTest, next: usize, now: Timestamp) -> PageSet {
        let Some(page) = self.current else { return PageSet::default() };
        let section = compiled.pages[page].section;
        let locks = self.leaving_locks(compiled);
        let leaves_section = compiled.pages[next].section != section;
        self.stop_page(compiled, page, now);
        if leaves_section {
            self.stop_section(compiled, section, now);
        }
        match (leaves_section && locks.section, locks.page) {
            (true, _) => self.lock(compiled.sections[section].pages.clone()),
            (false, true) => self.lock(page..page + 1),
            (false, false) => PageSet::default(),
        }
    }
}
