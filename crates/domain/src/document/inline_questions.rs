//! The questions that are written in a test itself; what the bank fills in is known at a start only.

use super::model::{Page, PageEntry, PoolSource, Question, QuestionEntry, Test};

/// Every question that stands in the test, those of its pools included, in document order.
#[must_use]
pub fn inline_questions(test: &Test) -> Vec<&Question> {
    let mut found = Vec::new();
    for entry in test.sections.iter().flat_map(|section| &section.pages) {
        match entry {
            PageEntry::Page(page) => of_page(page, &mut found),
            PageEntry::Pool { pool } => of_source(&pool.source, &mut found),
        }
    }
    found
}

fn of_page<'test>(page: &'test Page, found: &mut Vec<&'test Question>) {
    of_entries(&page.questions, found);
}

fn of_entries<'test>(entries: &'test [QuestionEntry], found: &mut Vec<&'test Question>) {
    for entry in entries {
        match entry {
            QuestionEntry::Question(question) => found.push(question),
            QuestionEntry::Ref { .. } => {}
            QuestionEntry::Pool { pool } => of_source(&pool.source, found),
        }
    }
}

fn of_source<'test>(source: &'test PoolSource, found: &mut Vec<&'test Question>) {
    match source {
        PoolSource::Pages(pages) => pages.iter().for_each(|page| of_page(page, found)),
        PoolSource::Questions(entries) => of_entries(entries, found),
        PoolSource::Bank(_) => {}
    }
}
