//! Required questions without a valid answer (domain rules, 5.6).
//!
//! Slots are collected on leaving a page, on leaving a section and on submitting, which leaves
//! both. A part whose time is over is not asked about. What can no longer be answered, because its
//! page is locked or cannot be reached any more, is still shown as a warning but never prevents
//! anything: nobody could lift such a refusal.

use super::state::DeliveryState;
use crate::compile::model::CompiledTest;
use crate::document::model::{Enforcement, Navigation};
use crate::refusal::Refusal;
use std::collections::BTreeSet;
use std::ops::Range;

/// A refusal, with the slots it is about if it is about required ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct RefusalWithSlots {
    pub refusal: Refusal,
    /// Indexes from 0, rising; the published slot number is one more.
    pub slots: Vec<usize>,
}

impl From<Refusal> for RefusalWithSlots {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, slots: Vec::new() }
    }
}

impl DeliveryState {
    pub(super) fn check_leaving(
        &self,
        compiled: &CompiledTest,
        next: usize,
        confirm: bool,
        satisfied: &dyn Fn(usize) -> bool,
    ) -> Result<(), RefusalWithSlots> {
        let leaves_section =
            |page: usize| compiled.pages[page].section != compiled.pages[next].section;
        let parts = self.parts_left(compiled, leaves_section);
        self.check(compiled, &parts, confirm, satisfied)
    }

    pub(super) fn check_submitting(
        &self,
        compiled: &CompiledTest,
        confirm: bool,
        satisfied: &dyn Fn(usize) -> bool,
    ) -> Result<(), RefusalWithSlots> {
        let mut parts = self.parts_left(compiled, |_| true);
        parts.push((compiled.test.mandatory.test, 0..compiled.slots.len()));
        self.check(compiled, &parts, confirm, satisfied)
    }

    fn parts_left(
        &self,
        compiled: &CompiledTest,
        leaves_section: impl Fn(usize) -> bool,
    ) -> Vec<(Enforcement, Range<usize>)> {
        let Some(page) = self.current else { return Vec::new() };
        let section = compiled.pages[page].section;
        let mut parts = Vec::new();
        if !self.locked.contains(page) {
            parts.push((compiled.test.mandatory.page, compiled.pages[page].slots.clone()));
        }
        if leaves_section(page) && !self.section_clock(compiled, section).is_used_up() {
            parts.push((compiled.test.mandatory.section, compiled.sections[section].slots.clone()));
        }
        parts
    }

    fn check(
        &self,
        compiled: &CompiledTest,
        parts: &[(Enforcement, Range<usize>)],
        confirm: bool,
        satisfied: &dyn Fn(usize) -> bool,
    ) -> Result<(), RefusalWithSlots> {
        let (mut warned, mut prevented) = (BTreeSet::new(), BTreeSet::new());
        for (enforcement, slots) in
            parts.iter().filter(|(enforcement, _)| *enforcement != Enforcement::Off)
        {
            for slot in
                slots.clone().filter(|slot| compiled.slots[*slot].required && !satisfied(*slot))
            {
                let prevents =
                    *enforcement == Enforcement::Prevent && self.is_answerable(compiled, slot);
                if prevents {
                    prevented.insert(slot)
                } else {
                    warned.insert(slot)
                };
            }
        }
        let refused = |refusal, slots: BTreeSet<usize>| RefusalWithSlots {
            refusal,
            slots: slots.into_iter().collect(),
        };
        if !prevented.is_empty() {
            Err(refused(Refusal::RequiredUnanswered, prevented))
        } else if !confirm && !warned.is_empty() {
            Err(refused(Refusal::ConfirmationNeeded, warned))
        } else {
            Ok(())
        }
    }

    fn is_answerable(&self, compiled: &CompiledTest, slot: usize) -> bool {
        let page = compiled.slots[slot].page;
        !self.locked.contains(page)
            && (self.visited.contains(page) || self.is_ahead(compiled, page))
    }

    /// Whether some way of allowed moves leads to a page that is not locked.
    fn is_ahead(&self, compiled: &CompiledTest, page: usize) -> bool {
        let Some(current) = self.current else { return true };
        let (here, there) = (compiled.pages[current].section, compiled.pages[page].section);
        if here == there {
            compiled.section(there).navigation != Navigation::Linear || page >= current
        } else {
            compiled.test.navigation != Navigation::Linear || there > here
        }
    }
}
