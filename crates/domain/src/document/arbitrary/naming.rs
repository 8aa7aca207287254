//! Unique keys and derived uuids for a generated test.

use crate::document::key::ElementKey;
use crate::document::model::{Page, PageEntry, Pool, PoolSource, QuestionEntry, Test};
use std::sync::Arc;
use uuid::Uuid;

/// Counts up keys per kind of element in document order and derives every uuid from the test's.
pub(super) fn number_keys(test: &mut Test) {
    let mut numbers =
        KeyNumbers { namespace: test.uuid, sections: 0, pages: 0, pools: 0, questions: 0 };
    test.key = key("test", 0);
    for section in &mut test.sections {
        numbers.sections += 1;
        section.key = key("s", numbers.sections);
        section.uuid = numbers.derived("section", &section.key);
        for entry in &mut section.pages {
            match entry {
                PageEntry::Page(page) => numbers.page(page),
                PageEntry::Pool { pool } => numbers.pool(pool),
            }
        }
    }
}

struct KeyNumbers {
    namespace: Uuid,
    sections: usize,
    pages: usize,
    pools: usize,
    questions: usize,
}

impl KeyNumbers {
    fn derived(&self, element: &str, key: &ElementKey) -> Uuid {
        Uuid::new_v5(&self.namespace, format!("{element}/{key}").as_bytes())
    }

    fn page(&mut self, page: &mut Page) {
        self.pages += 1;
        page.key = key("p", self.pages);
        page.uuid = self.derived("page", &page.key);
        self.entries(&mut page.questions);
    }

    fn pool(&mut self, pool: &mut Pool) {
        self.pools += 1;
        pool.key = key("pool", self.pools);
        pool.uuid = self.derived("pool", &pool.key);
        match &mut pool.source {
            PoolSource::Pages(pages) => pages.iter_mut().for_each(|page| self.page(page)),
            PoolSource::Questions(entries) => self.entries(entries),
            PoolSource::Bank(_) => {}
        }
    }

    fn entries(&mut self, entries: &mut [QuestionEntry]) {
        for entry in entries {
            match entry {
                QuestionEntry::Pool { pool } => self.pool(pool),
                QuestionEntry::Ref { .. } => {}
                QuestionEntry::Question(question) => {
                    self.questions += 1;
                    let question = Arc::make_mut(question);
                    question.key = key("q", self.questions);
                    question.uuid = self.derived("question", &question.key);
                }
            }
        }
    }
}

/// The key of a letter and a number.
pub(super) fn key(letter: &str, number: usize) -> ElementKey {
    ElementKey::parse(&format!("{letter}{number}")).expect("letters and digits make a key")
}
