//! What a document may refer to outside itself. Looking it up is the caller's work.

use super::model::{BankFilter, Question};
use crate::id::{OrganizationId, QuestionId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A question of an organization's bank with the marks it is filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankQuestion {
    pub organization_id: OrganizationId,
    pub question_id: QuestionId,
    pub folder: String,
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
    pub question: Arc<Question>,
}

/// The banks one organization can read.
pub trait QuestionBank {
    /// The question, if it exists and can be read by the bank's reader.
    fn question(&self, organization: &OrganizationId, id: &QuestionId) -> Option<BankQuestion>;

    /// The own questions that fit, in creation order.
    fn matching(&self, filter: &BankFilter) -> Vec<BankQuestion>;
}

/// A bank without questions.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmptyBank;

impl QuestionBank for EmptyBank {
    fn question(&self, _: &OrganizationId, _: &QuestionId) -> Option<BankQuestion> {
        None
    }

    fn matching(&self, _: &BankFilter) -> Vec<BankQuestion> {
        Vec::new()
    }
}

/// Everything outside the document that decides whether it is valid.
#[derive(Clone)]
pub struct ValidationContext<'s> {
    pub bank: &'s dyn QuestionBank,
    /// Whether a file with this lower-case SHA-256 has been uploaded.
    pub has_asset: &'s dyn Fn(&str) -> bool,
    /// The organization the document belongs to; references without one mean it.
    pub organization: OrganizationId,
}

impl BankQuestion {
    /// Whether the question fits all criteria of a filter.
    #[must_use]
    pub fn fits(&self, filter: &BankFilter) -> bool {
        filter.fits(&self.folder, &self.labels, &self.tags)
    }
}

impl BankFilter {
    /// Whether a question with these marks fits all criteria.
    #[must_use]
    pub fn fits(&self, folder: &str, labels: &[String], tags: &BTreeMap<String, String>) -> bool {
        self.folder.as_ref().is_none_or(|wanted| wanted == folder)
            && self.labels.iter().all(|label| labels.contains(label))
            && self.tags.iter().all(|(name, value)| tags.get(name) == Some(value))
    }
}
