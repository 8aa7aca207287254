//! Compiling: the frozen form of a test inside one instance, a pure function of (frozen document,
//! seed, time factor).
//!
//! First [`freeze::freeze`] takes what the bank holds at this moment, then [`compile`] draws,
//! orders and numbers. Neither may read a clock, a random source or anything that later edits could
//! change.

pub mod freeze;
pub mod media;
pub mod model;
mod order;
mod pages;
pub mod random;
pub mod view;

use crate::document::key::ElementKey;
use crate::document::model::{Section, Test};
use crate::id::QuestionId;
use crate::time_factor::TimeFactor;
use model::{CompiledPage, CompiledSection, CompiledTest, Slot};
use pages::{DrawnQuestion, PageSource};
pub use random::Seed;
use std::sync::Arc;

/// Which rules compiled and scored an instance; kept with it. A new version re-scores nothing by
/// itself.
pub const ENGINE_VERSION: u32 = 1;

/// The most slots one instance may have.
pub const MAX_SLOTS: usize = 1000;

/// Why a test cannot be started now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    #[error("pool {pool} draws {draw}, but only {left} are left to draw from")]
    PoolTooSmall { pool: ElementKey, draw: u32, left: usize },
    #[error("bank question {question} cannot be read")]
    BankQuestionUnknown { question: QuestionId },
    #[error("bank question {question} is referred to twice")]
    BankQuestionRepeated { question: QuestionId },
    #[error("{key} still refers to the bank: the document is not frozen")]
    NotFrozen { key: ElementKey },
    #[error("pool {pool} cannot be spread over pages")]
    NotSpreadable { pool: ElementKey },
    #[error("the test has no question")]
    NoSlots,
    #[error("the test has {0} questions, more than an instance may hold")]
    TooManySlots(usize),
}

impl CompileError {
    /// The one code of every such refusal.
    pub const CODE: &'static str = "test_not_compilable";
}

/// Draws, orders and numbers a frozen document (domain rules, 4). Limits get the time factor.
///
/// # Errors
/// When a pool holds less than it draws, the document still refers to the bank, or not 1 to 1000
/// slots come out.
pub fn compile(
    frozen: &Arc<Test>,
    seed: &Seed,
    factor: TimeFactor,
) -> Result<CompiledTest, CompileError> {
    let mut builder = CompiledTestBuilder {
        seed,
        factor,
        sections: Vec::new(),
        pages: Vec::new(),
        slots: Vec::new(),
    };
    let pinned = |index: usize| frozen.sections[index].pinned;
    let sections = || "test/sections".to_owned();
    for source in
        order::arrange(seed, frozen.shuffle_sections, sections, frozen.sections.len(), pinned)
    {
        builder.section(source, &frozen.sections[source])?;
    }
    match builder.slots.len() {
        0 => Err(CompileError::NoSlots),
        1..=MAX_SLOTS => Ok(builder.finish(frozen)),
        many => Err(CompileError::TooManySlots(many)),
    }
}

struct CompiledTestBuilder<'run> {
    seed: &'run Seed,
    factor: TimeFactor,
    sections: Vec<CompiledSection>,
    pages: Vec<CompiledPage>,
    slots: Vec<Slot>,
}

impl CompiledTestBuilder<'_> {
    fn finish(self, frozen: &Arc<Test>) -> CompiledTest {
        CompiledTest {
            test: Arc::clone(frozen),
            time_limit: self.factor.scale(frozen.time_limit),
            sections: self.sections,
            pages: self.pages,
            slots: self.slots,
        }
    }

    fn section(&mut self, source: usize, section: &Section) -> Result<(), CompileError> {
        let (first_page, first_slot) = (self.pages.len(), self.slots.len());
        let pages = pages::of_section(self.seed, section)?;
        let label = || format!("section/{}/pages", section.key);
        let pinned = |index: usize| pages[index].pinned();
        for index in order::arrange(self.seed, section.shuffle_pages, label, pages.len(), pinned) {
            self.page(&pages[index])?;
        }
        self.sections.push(CompiledSection {
            source,
            time_limit: self.factor.scale(section.time_limit),
            pages: first_page..self.pages.len(),
            slots: first_slot..self.slots.len(),
        });
        Ok(())
    }

    fn page(&mut self, page: &PageSource<'_>) -> Result<(), CompileError> {
        let first_slot = self.slots.len();
        let taken = page.questions(self.seed)?;
        for question in taken.iter() {
            self.slot(question);
        }
        let slots = first_slot..self.slots.len();
        self.pages.push(CompiledPage {
            key: page.key(),
            uuid: page.uuid(),
            title: page.title(),
            text: page.text(),
            section: self.sections.len(),
            time_limit: self.factor.scale(page.seconds(slots.len())),
            slots,
        });
        Ok(())
    }

    fn slot(&mut self, taken: &DrawnQuestion<'_>) {
        self.slots.push(Slot {
            question: Arc::clone(taken.question),
            section: self.sections.len(),
            page: self.pages.len(),
            required: taken.required,
            effective: taken.effective,
            order: order::of_question(self.seed, taken.question),
        });
    }
}

#[cfg(test)]
mod tests;
