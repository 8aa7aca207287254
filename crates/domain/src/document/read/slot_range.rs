//! How many slots an element will hold.

use crate::document::model::{Page, PageEntry, Pool, PoolSource, QuestionEntry, Section};

/// The fewest and the most slots, over all draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotRange {
    pub fewest: u64,
    pub most: u64,
}

impl std::iter::Sum for SlotRange {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, slots| Self {
            fewest: sum.fewest.saturating_add(slots.fewest),
            most: sum.most.saturating_add(slots.most),
        })
    }
}

/// The fewest and the most slots that a section can come to.
pub fn of_section(section: &Section) -> SlotRange {
    section.pages.iter().map(of_page_entry).sum()
}

/// The fewest and the most slots of a page, or of a pool of pages.
pub fn of_page_entry(entry: &PageEntry) -> SlotRange {
    match entry {
        PageEntry::Page(page) => of_page(page),
        PageEntry::Pool { pool } => of_pool(pool),
    }
}

/// The fewest and the most slots of a page's questions and pools.
pub fn of_page(page: &Page) -> SlotRange {
    page.questions.iter().map(of_question_entry).sum()
}

fn of_question_entry(entry: &QuestionEntry) -> SlotRange {
    match entry {
        QuestionEntry::Pool { pool } => of_pool(pool),
        QuestionEntry::Ref { .. } | QuestionEntry::Question(_) => SlotRange { fewest: 1, most: 1 },
    }
}

/// What a pool draws: its draw, or for pages the smallest and the largest of them.
fn of_pool(pool: &Pool) -> SlotRange {
    let PoolSource::Pages(pages) = &pool.source else {
        return SlotRange { fewest: u64::from(pool.draw), most: u64::from(pool.draw) };
    };
    let draw = pool.draw as usize;
    let sizes: Vec<_> = pages.iter().map(of_page).collect();
    let mut fewest: Vec<_> = sizes.iter().map(|size| size.fewest).collect();
    fewest.sort_unstable();
    let mut most: Vec<_> = sizes.iter().map(|size| size.most).collect();
    most.sort_unstable();
    SlotRange { fewest: fewest.iter().take(draw).sum(), most: most.iter().rev().take(draw).sum() }
}
