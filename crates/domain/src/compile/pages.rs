//! The pages of a section and the questions of a page, after drawing.

use super::random::{Seed, draw, shuffled};
use super::{CompileError, order};
use crate::document::key::ElementKey;
use crate::document::model::{Page, PageEntry, Pool, PoolSource, Question, QuestionEntry, Section};
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// A question drawn or standing in its list, with what its pool says about it.
#[derive(Clone, Copy)]
pub(super) struct DrawnQuestion<'test> {
    pub question: &'test Arc<Question>,
    pub required: bool,
    pub effective: bool,
}

/// A page as authored, or one that a pool generates.
pub(super) enum PageSource<'test> {
    Authored(&'test Page),
    Generated {
        pool: &'test Pool,
        key: ElementKey,
        uuid: Uuid,
        questions: Vec<DrawnQuestion<'test>>,
    },
}

impl<'test> PageSource<'test> {
    /// The page's key; of a generated page it is made from the pool's.
    pub fn key(&self) -> ElementKey {
        match self {
            Self::Authored(page) => page.key.clone(),
            Self::Generated { key, .. } => key.clone(),
        }
    }

    /// The page's identity, the same in every compiling.
    pub const fn uuid(&self) -> Uuid {
        match self {
            Self::Authored(page) => page.uuid,
            Self::Generated { uuid, .. } => *uuid,
        }
    }

    /// The author's title; a generated page has none.
    pub fn title(&self) -> Option<Arc<str>> {
        match self {
            Self::Authored(page) => page.title.as_deref().map(Arc::from),
            Self::Generated { .. } => None,
        }
    }

    /// The author's text before the questions; empty for a generated page.
    pub fn text(&self) -> Arc<str> {
        match self {
            Self::Authored(page) => page.text.as_str().into(),
            Self::Generated { .. } => "".into(),
        }
    }

    /// Whether the page keeps its place when pages are shuffled.
    pub const fn pinned(&self) -> bool {
        matches!(self, Self::Authored(page) if page.pinned)
    }

    /// The limit in seconds before the time factor; 0 is none.
    pub fn seconds(&self, questions: usize) -> u32 {
        match self {
            Self::Authored(page) => page.time_limit,
            Self::Generated { pool, .. } => pool.seconds_per_question.saturating_mul(
                u32::try_from(questions).expect("a page has a few thousand questions at most"),
            ),
        }
    }

    /// The questions in the order shown.
    pub fn questions(&self, seed: &Seed) -> Result<Cow<'_, [DrawnQuestion<'test>]>, CompileError> {
        match self {
            Self::Generated { questions, .. } => Ok(Cow::Borrowed(questions)),
            Self::Authored(page) => of_page(seed, page).map(Cow::Owned),
        }
    }
}

/// The pages of a section in authored order, pools replaced by what they give.
pub(super) fn of_section<'test>(
    seed: &Seed,
    section: &'test Section,
) -> Result<Vec<PageSource<'test>>, CompileError> {
    let mut pages = Vec::with_capacity(section.pages.len());
    for entry in &section.pages {
        match entry {
            PageEntry::Page(page) => pages.push(PageSource::Authored(page)),
            PageEntry::Pool { pool } => match &pool.source {
                PoolSource::Pages(source) => {
                    pages.extend(
                        drawn(seed, pool, source.len())?
                            .into_iter()
                            .map(|i| PageSource::Authored(&source[i])),
                    );
                }
                PoolSource::Questions(_) | PoolSource::Bank(_) => spread(seed, pool, &mut pages)?,
            },
        }
    }
    Ok(pages)
}

fn of_page<'test>(
    seed: &Seed,
    page: &'test Page,
) -> Result<Vec<DrawnQuestion<'test>>, CompileError> {
    let mut questions = Vec::with_capacity(page.questions.len());
    for entry in &page.questions {
        match entry {
            QuestionEntry::Pool { pool } => questions.extend(of_pool(seed, pool)?),
            other => questions.push(taken(other, None)?),
        }
    }
    let label = || format!("page/{}/questions", page.key);
    let pinned = |index: usize| questions[index].question.pinned;
    let order = order::arrange(seed, page.shuffle_questions, label, questions.len(), pinned);
    Ok(order.into_iter().map(|index| questions[index]).collect())
}

fn of_pool<'test>(
    seed: &Seed,
    pool: &'test Pool,
) -> Result<Vec<DrawnQuestion<'test>>, CompileError> {
    let PoolSource::Questions(source) = &pool.source else {
        return Err(CompileError::NotFrozen { key: pool.key.clone() });
    };
    drawn(seed, pool, source.len())?
        .into_iter()
        .map(|index| taken(&source[index], Some(pool)))
        .collect()
}

fn taken<'test>(
    entry: &'test QuestionEntry,
    pool: Option<&Pool>,
) -> Result<DrawnQuestion<'test>, CompileError> {
    match entry {
        QuestionEntry::Question(question) => Ok(DrawnQuestion {
            question,
            required: pool.and_then(|pool| pool.required).unwrap_or(question.required),
            effective: pool.and_then(|pool| pool.effective).unwrap_or(question.effective),
        }),
        QuestionEntry::Ref { overrides, .. } => {
            Err(CompileError::NotFrozen { key: overrides.key.clone() })
        }
        QuestionEntry::Pool { pool } => Err(CompileError::NotFrozen { key: pool.key.clone() }),
    }
}

fn drawn(seed: &Seed, pool: &Pool, size: usize) -> Result<Vec<usize>, CompileError> {
    let count = pool.draw as usize;
    if count > size {
        return Err(CompileError::PoolTooSmall {
            pool: pool.key.clone(),
            draw: pool.draw,
            left: size,
        });
    }
    Ok(draw(seed, &format!("pool/{}", pool.key), count, size))
}

/// Deals the drawn questions to generated pages; the first ones take the remainder.
fn spread<'test>(
    seed: &Seed,
    pool: &'test Pool,
    pages: &mut Vec<PageSource<'test>>,
) -> Result<(), CompileError> {
    let mut questions = of_pool(seed, pool)?;
    if pool.shuffle {
        let label = format!("pool/{}/questions", pool.key);
        let order =
            shuffled(seed, &label, questions.len(), |index| questions[index].question.pinned);
        questions = order.into_iter().map(|index| questions[index]).collect();
    }
    let unspreadable = || CompileError::NotSpreadable { pool: pool.key.clone() };
    let count = pool.spread.filter(|count| *count > 0).ok_or_else(unspreadable)? as usize;
    let (each, remainder) = (questions.len() / count, questions.len() % count);
    let mut rest = questions.into_iter();
    for index in 0..count.min(rest.len()) {
        let number = index + 1;
        pages.push(PageSource::Generated {
            pool,
            key: ElementKey::parse(&format!("{}-{number}", pool.key)).ok_or_else(unspreadable)?,
            uuid: Uuid::new_v5(&pool.uuid, format!("page/{number}").as_bytes()),
            questions: rest.by_ref().take(each + usize::from(index < remainder)).collect(),
        });
    }
    Ok(())
}
