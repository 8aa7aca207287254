//! The question bank as documents see it: what can be referred to and drawn from.

use super::model::{BankFilter, Question};
use crate::id::{OrganizationId, QuestionId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A question of a bank with what filters look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankQuestion {
    pub organization_id: OrganizationId,
    pub question_id: QuestionId,
    pub folder: String,
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
    pub question: Arc<Question>,
}

/// The bank at one moment.
pub trait Bank {
    /// The question, if it can be read.
    fn question(&self, organization: &OrganizationId, question: &QuestionId) -> Option<BankQuestion>;

    /// What fits a filter, in creation order.
    fn matching(&self, organization: &OrganizationId, filter: &BankFilter) -> Vec<BankQuestion>;
}

/// A bank without questions.
pub struct EmptyBank;

impl Bank for EmptyBank {
    fn question(&self, _: &OrganizationId, _: &QuestionId) -> Option<BankQuestion> {
        None
    }

    fn matching(&self, _: &OrganizationId, _: &BankFilter) -> Vec<BankQuestion> {
        Vec::new()
    }
}
