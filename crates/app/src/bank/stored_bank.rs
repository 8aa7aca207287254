//! The bank as documents and starts see it, read from the database within a transaction.
//!
//! Documents ask for questions one by one and cannot be told of an outage: the first one is kept
//! and must be asked for before anything is made of what was read.

use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use domain::document::model::BankFilter;
use domain::document::{BankQuestion, QuestionBank};
use domain::id::{OrganizationId, QuestionId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use storage::Transaction;
use storage::bank::BankQuestionRow as Row;

/// What the bank is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BankPurpose {
    /// A document is written: archived questions cannot be named any more.
    Authoring,
    /// An instance starts: documents that name a question archived since go on.
    Starting,
}

pub(crate) struct StoredBank<'tx> {
    app: &'tx App,
    tx: RefCell<&'tx mut dyn Transaction>,
    organization: &'tx OrganizationId,
    purpose: BankPurpose,
    /// Who writes the document, where only what lies within that caller's limits may be taken.
    author: Option<&'tx Caller>,
    failure: RefCell<Option<Failure>>,
}

impl<'tx> StoredBank<'tx> {
    pub fn new(
        app: &'tx App,
        tx: &'tx mut dyn Transaction,
        organization: &'tx OrganizationId,
        purpose: BankPurpose,
    ) -> Self {
        Self {
            app,
            tx: RefCell::new(tx),
            organization,
            purpose,
            author: None,
            failure: RefCell::new(None),
        }
    }

    /// The same bank without what lies outside the limits of whoever writes a document: naming a
    /// question is a way to read it.
    pub fn limited_to(self, author: &'tx Caller) -> Self {
        Self { author: Some(author), ..self }
    }

    fn is_within_reach(&self, row: &Row) -> bool {
        self.author.is_none_or(|author| author.can_access_folder(&row.folder))
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The first failure met on the way.
    pub fn finish(self) -> Result<(), Failure> {
        self.failure.into_inner().map_or(Ok(()), Err)
    }

    fn read<T: Default>(&self, act: impl FnOnce(&mut dyn Transaction) -> Result<T, Failure>) -> T {
        let outcome = act(&mut **self.tx.borrow_mut());
        outcome.unwrap_or_else(|failure| {
            self.failure.borrow_mut().get_or_insert(failure);
            T::default()
        })
    }

    fn whole(&self, tx: &mut dyn Transaction, row: Row) -> Result<BankQuestion, Failure> {
        Ok(BankQuestion {
            question: self.app.compiled_cache().question(tx, &row.digest)?,
            labels: from_json(&row.labels)?,
            tags: from_json(&row.tags)?,
            organization_id: row.organization_id,
            question_id: row.id,
            folder: row.folder,
        })
    }

    fn can_be_named(&self, row: &Row) -> bool {
        self.is_within_reach(row)
            && row.approved_at.is_some()
            && (self.purpose == BankPurpose::Starting || row.archived_at.is_none())
    }

    /// Rows a pool may draw from, in creation order.
    fn rows(&self, tx: &mut dyn Transaction, filter: &BankFilter) -> Result<Vec<Row>, Failure> {
        let (mut fitting, mut failed) = (Vec::new(), None);
        storage::bank::each(tx, self.organization, filter.folder.as_deref(), &mut |row| {
            if self.is_within_reach(&row) && row.approved_at.is_some() && row.archived_at.is_none()
            {
                match fits(filter, &row) {
                    Ok(true) => fitting.push(row),
                    Ok(false) => {}
                    Err(failure) => failed = Some(failure),
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(fitting), Err)
    }
}

fn fits(filter: &BankFilter, row: &Row) -> Result<bool, Failure> {
    let (labels, tags): (Vec<String>, BTreeMap<String, String>) =
        (from_json(&row.labels)?, from_json(&row.tags)?);
    Ok(filter.fits(&row.folder, &labels, &tags))
}

impl QuestionBank for StoredBank<'_> {
    fn question(&self, organization: &OrganizationId, id: &QuestionId) -> Option<BankQuestion> {
        if organization != self.organization {
            return None;
        }
        self.read(|tx| {
            let row = storage::bank::find(tx, organization, id)?;
            row.filter(|row| self.can_be_named(row)).map(|row| self.whole(tx, row)).transpose()
        })
    }

    fn matching(&self, filter: &BankFilter) -> Vec<BankQuestion> {
        self.read(|tx| {
            let rows = self.rows(tx, filter)?;
            rows.into_iter().map(|row| self.whole(tx, row)).collect()
        })
    }
}
