//! How many slots an element will hold.

use crate::document::model::{Page, PageEntry, Pool, PoolSource, QuestionEntry, Section};

/// The fewest and the most slots, over all draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    pub fewest: u64,
    pub most: u64,
}

impl std::iter::Sum for Slots {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, slots| Self {
            fewest: sum.fewest.saturating_add(slots.fewest),
            most: sum.most.saturating_add(slots.most),
        })
    }
}

pub fn of_section(section: &Section) -> Slots {
    section.pages.iter().map(of_page_entry).sum()
}

pub fn of_page_entry(entry: &PageEntry) -> Slots {
    match entry {
        PageEntry::Page(page) => of_page(page),
        PageEntry::Pool { pool } => of_pool(pool),
    }
}

pub fn of_page(page: &Page) -> Slots {
    page.questions.iter().map(of_question_entry).sum()
}

fn of_question_entry(entry: &QuestionEntry) -> Slots {
    match entry {
        QuestionEntry::Pool { pool } => of_pool(pool),
        QuestionEntry::Ref { .. } | QuestionEntry::Question(_) => Slots { fewest: 1, most: 1 },
    }
}

/// What a pool draws: its draw, or for pages the smallest and the largest of them.
fn of_pool(pool: &Pool) -> Slots {
    let PoolSource::Pages(pages) = &pool.source else {
        return Slots { fewest: u64::from(pool.draw), most: u64::from(pool.draw) };
    };
    let draw = pool.draw as usize;
    let sizes: Vec<_> = pages.iter().map(of_page).collect();
    let mut fewest: Vec<_> = sizes.iter().map(|size| size.fewest).collect();
    fewest.sort_unstable();
    let mut most: Vec<_> = sizes.iter().map(|size| size.most).collect();
    most.sort_unstable();
    Slots { fewest: fewest.iter().take(draw).sum(), most: most.iter().rev().take(draw).sum() }
}
