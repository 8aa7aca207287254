//! Freezing: a document with what the bank holds at this moment put in its place (domain rules, 2.3
//! and 4).
//!
//! Every pool that reaches into the bank is drawn here and left holding exactly what was drawn, so
//! that compiling draws the same again and no later edit of the bank can be seen. A document
//! without bank use is its own frozen form.

use super::CompileError;
use super::random::{Seed, draw};
use crate::document::key::ElementKey;
use crate::document::model::{
    BankOrigin, BankOverrides, BankReference, Page, PageEntry, Pool, PoolSource, Question,
    QuestionEntry, Section, Test,
};
use crate::document::{BankQuestion, QuestionBank};
use crate::id::{OrganizationId, QuestionId};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Resolves references with their overrides and draws bank pools. `own` is the bank meant without
/// an organization.
///
/// # Errors
/// When a reference cannot be read, one stands twice outside pools, or a pool finds too few
/// questions not yet used.
pub fn freeze(
    test: &Arc<Test>,
    bank: &dyn QuestionBank,
    own: &OrganizationId,
    seed: &Seed,
) -> Result<Arc<Test>, CompileError> {
    if !test.sections.iter().flat_map(|section| &section.pages).any(page_entry_uses_bank) {
        return Ok(Arc::clone(test));
    }
    let mut freezer = Freezer { bank, own, seed, test: test.uuid, used: HashSet::new() };
    freezer.mark_fixed(test)?;
    let sections =
        test.sections.iter().map(|section| freezer.section(section)).collect::<Result<_, _>>()?;
    Ok(Arc::new(Test { sections, ..Test::clone(test) }))
}

fn page_entry_uses_bank(entry: &PageEntry) -> bool {
    match entry {
        PageEntry::Page(page) => page_uses_bank(page),
        PageEntry::Pool { pool } => pool_uses_bank(pool),
    }
}

fn page_uses_bank(page: &Page) -> bool {
    page.questions.iter().any(entry_uses_bank)
}

fn entry_uses_bank(entry: &QuestionEntry) -> bool {
    match entry {
        QuestionEntry::Question(_) => false,
        QuestionEntry::Ref { .. } => true,
        QuestionEntry::Pool { pool } => pool_uses_bank(pool),
    }
}

fn pool_uses_bank(pool: &Pool) -> bool {
    match &pool.source {
        PoolSource::Bank(_) => true,
        PoolSource::Pages(pages) => pages.iter().any(page_uses_bank),
        PoolSource::Questions(entries) => entries.iter().any(entry_uses_bank),
    }
}

type BankQuestionIdentity = (OrganizationId, QuestionId);

struct Freezer<'run> {
    bank: &'run dyn QuestionBank,
    own: &'run OrganizationId,
    seed: &'run Seed,
    test: Uuid,
    /// Bank questions that already have a place in the instance.
    used: HashSet<BankQuestionIdentity>,
}

impl Freezer<'_> {
    /// Fixed references go first: pools draw from what they leave.
    fn mark_fixed(&mut self, test: &Test) -> Result<(), CompileError> {
        for entry in test.sections.iter().flat_map(|section| &section.pages) {
            let PageEntry::Page(page) = entry else { continue };
            for identity in self.references(&page.questions) {
                let question = identity.1.clone();
                if !self.used.insert(identity) {
                    return Err(CompileError::BankQuestionRepeated { question });
                }
            }
        }
        Ok(())
    }

    fn identity(&self, reference: &BankReference) -> BankQuestionIdentity {
        let organization = reference.organization_id.as_ref().unwrap_or(self.own);
        (organization.clone(), reference.question_id.clone())
    }

    /// The bank questions that stand directly in a list.
    fn references(&self, entries: &[QuestionEntry]) -> Vec<BankQuestionIdentity> {
        let reference = |entry: &QuestionEntry| match entry {
            QuestionEntry::Ref { reference, .. } => Some(self.identity(reference)),
            QuestionEntry::Question(_) | QuestionEntry::Pool { .. } => None,
        };
        entries.iter().filter_map(reference).collect()
    }

    fn section(&mut self, section: &Section) -> Result<Section, CompileError> {
        let mut pages = Vec::with_capacity(section.pages.len());
        for entry in &section.pages {
            pages.push(match entry {
                PageEntry::Page(page) => PageEntry::Page(self.page(page)?),
                PageEntry::Pool { pool } => PageEntry::Pool { pool: self.pool(pool)? },
            });
        }
        Ok(Section { pages, ..section.clone() })
    }

    fn page(&mut self, page: &Page) -> Result<Page, CompileError> {
        let mut questions = Vec::with_capacity(page.questions.len());
        for entry in &page.questions {
            questions.push(match entry {
                QuestionEntry::Pool { pool } => QuestionEntry::Pool { pool: self.pool(pool)? },
                other => self.resolved(other)?,
            });
        }
        Ok(Page { questions, ..page.clone() })
    }

    fn pool(&mut self, pool: &Pool) -> Result<Pool, CompileError> {
        if !pool_uses_bank(pool) {
            return Ok(pool.clone());
        }
        let source = match &pool.source {
            PoolSource::Pages(pages) => PoolSource::Pages(self.page_pool(pool, pages)?),
            PoolSource::Questions(entries) => {
                PoolSource::Questions(self.listed_pool(pool, entries)?)
            }
            PoolSource::Bank(filter) => {
                let found = self.bank.matching(filter);
                PoolSource::Questions(self.bank_pool(pool, found)?)
            }
        };
        Ok(Pool { source, ..pool.clone() })
    }

    fn page_pool(&mut self, pool: &Pool, pages: &[Page]) -> Result<Vec<Page>, CompileError> {
        let identities = pages.iter().map(|page| self.references(&page.questions)).collect();
        self.drawn(pool, identities)?.into_iter().map(|index| self.page(&pages[index])).collect()
    }

    fn listed_pool(
        &mut self,
        pool: &Pool,
        entries: &[QuestionEntry],
    ) -> Result<Vec<QuestionEntry>, CompileError> {
        let identities =
            entries.iter().map(|entry| self.references(std::slice::from_ref(entry))).collect();
        self.drawn(pool, identities)?
            .into_iter()
            .map(|index| self.resolved(&entries[index]))
            .collect()
    }

    fn bank_pool(
        &mut self,
        pool: &Pool,
        found: Vec<BankQuestion>,
    ) -> Result<Vec<QuestionEntry>, CompileError> {
        let identity =
            |found: &BankQuestion| vec![(found.organization_id.clone(), found.question_id.clone())];
        let drawn = self.drawn(pool, found.iter().map(identity).collect())?;
        Ok(drawn.into_iter().map(|index| self.placed(&found[index], None)).collect())
    }

    /// Draws from the elements none of whose bank questions is used, and marks those of the drawn.
    /// Of two elements of one source with the same bank question only the first can be drawn.
    fn drawn(
        &mut self,
        pool: &Pool,
        elements: Vec<Vec<BankQuestionIdentity>>,
    ) -> Result<Vec<usize>, CompileError> {
        let mut met = HashSet::new();
        let mut left = Vec::with_capacity(elements.len());
        for (index, identities) in elements.iter().enumerate() {
            let mut here = HashSet::new();
            let free = |identity| {
                !self.used.contains(identity) && !met.contains(identity) && here.insert(identity)
            };
            if identities.iter().all(free) {
                met.extend(identities);
                left.push(index);
            }
        }
        let count = pool.draw as usize;
        if count > left.len() {
            return Err(CompileError::PoolTooSmall {
                pool: pool.key.clone(),
                draw: pool.draw,
                left: left.len(),
            });
        }
        // Places are drawn, not questions: the same seed gives the same questions only because a
        // bank lists what fits in creation order.
        let places = draw(self.seed, &format!("pool/{}", pool.key), count, left.len());
        let drawn: Vec<usize> = places.into_iter().map(|place| left[place]).collect();
        self.used.extend(drawn.iter().flat_map(|index| elements[*index].iter().cloned()));
        Ok(drawn)
    }

    fn resolved(&self, entry: &QuestionEntry) -> Result<QuestionEntry, CompileError> {
        let QuestionEntry::Ref { reference, overrides } = entry else { return Ok(entry.clone()) };
        let (organization, question) = self.identity(reference);
        let found = self.bank.question(&organization, &question);
        let found = found.ok_or(CompileError::BankQuestionUnknown { question })?;
        Ok(self.placed(&found, Some(overrides)))
    }

    /// The bank question as a question of this test. Without overrides its key is the question's
    /// id, as for references.
    fn placed(&self, found: &BankQuestion, overrides: Option<&BankOverrides>) -> QuestionEntry {
        let source = &found.question;
        let own_key =
            || ElementKey::parse(found.question_id.as_str()).unwrap_or_else(|| source.key.clone());
        let key = overrides.map_or_else(own_key, |overrides| overrides.key.clone());
        QuestionEntry::Question(Arc::new(Question {
            uuid: Uuid::new_v5(&self.test, format!("question/{key}").as_bytes()),
            key,
            points: overrides.and_then(|o| o.points).unwrap_or(source.points),
            negative_points: overrides
                .and_then(|o| o.negative_points)
                .unwrap_or(source.negative_points),
            effective: overrides.and_then(|o| o.effective).unwrap_or(source.effective),
            required: overrides.and_then(|o| o.required).unwrap_or(source.required),
            pinned: overrides.and_then(|o| o.pinned).unwrap_or(source.pinned),
            origin: Some(BankOrigin {
                organization_id: found.organization_id.clone(),
                question_id: found.question_id.clone(),
            }),
            ..Question::clone(source)
        }))
    }
}

#[cfg(test)]
mod tests;
