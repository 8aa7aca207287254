//! The question bank: an organization's library of questions.
//!
//! A question is submitted, approved by somebody who may, and then read by tests: at each start as it is at that moment.
//! Its document is kept once, addressed by the SHA-256 of its stored form; its history is a list of digests. Tests never
//! read a question that waits for approval, and new documents name no archived one.

mod change;
mod history;
mod list;
mod marks;
mod reading;
mod rights;
mod submit;
mod trial;
mod uses;

pub use change::QuestionUpdate;
pub use list::{QuestionFilter, QuestionText};
pub use marks::Marks;
pub(crate) use reading::{Purpose, StoredBank};
pub use rights::{Reach, Right};
pub use submit::{QUESTION_CHANGED, SubmitOptions, SubmittedQuestion};
pub use uses::{BankUse, TakenBy};

use crate::caller::{Actor, Caller};
use crate::failure::Failure;
use crate::json::from_json;
use domain::id::{OrganizationId, QuestionId};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use storage::bank::BankQuestion;
use storage::{Digest, Transaction};

domain::words! {
    /// Where a question of the bank stands.
    pub enum QuestionState {
        /// It waits for somebody to approve it.
        Submitted = "submitted",
        Approved = "approved",
        Archived = "archived",
    }

    /// What is asked for.
    pub enum QuestionKind {
        MultipleChoice = "multiplechoice",
        Match = "match",
        Input = "input",
    }
}

/// A question as the bank lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionView {
    pub id: QuestionId,
    pub organization: OrganizationId,
    pub uuid: String,
    pub key: String,
    /// A word of [`QuestionKind`].
    pub kind: String,
    /// The latest version's, Markdown.
    pub text: String,
    pub folder: String,
    pub labels: Vec<String>,
    /// The latest version's own.
    pub tags: BTreeMap<String, String>,
    pub state: QuestionState,
    /// The latest version's number, from 1.
    pub version: i64,
    /// SHA-256 of the latest version's stored form.
    pub digest: Digest,
    pub submitted_by: Actor,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    pub archived_at: Option<Timestamp>,
}

impl QuestionView {
    /// Whether the caller may write a next version: whoever may only submit, no more once it is approved.
    #[must_use]
    pub fn may_be_written_by(&self, caller: &Caller) -> bool {
        caller.bank(Right::Write).is_ok() || caller.bank(Right::Submit).is_ok() && self.approved_at.is_none()
    }

    fn of(row: BankQuestion) -> Result<Self, Failure> {
        Ok(Self {
            labels: from_json(&row.labels)?,
            tags: from_json(&row.tags)?,
            state: state_of(&row),
            submitted_by: Actor { kind: row.submitted_kind, id: row.submitted_by.unwrap_or_default() },
            id: row.id,
            organization: row.organization_id,
            uuid: row.uuid,
            key: row.key,
            kind: row.kind,
            text: row.text,
            folder: row.folder,
            version: row.version,
            digest: row.digest,
            created_at: row.created_at,
            updated_at: row.updated_at,
            approved_at: row.approved_at,
            archived_at: row.archived_at,
        })
    }
}

fn state_of(row: &BankQuestion) -> QuestionState {
    match (row.archived_at, row.approved_at) {
        (Some(_), _) => QuestionState::Archived,
        (None, Some(_)) => QuestionState::Approved,
        (None, None) => QuestionState::Submitted,
    }
}

/// A question within the caller's reach; what lies outside does not exist.
fn found(
    tx: &mut dyn Transaction,
    caller: &Caller,
    question: &QuestionId,
    reach: Reach,
) -> Result<BankQuestion, Failure> {
    let row = storage::bank::find(tx, &caller.organization, question)?;
    row.filter(|row| reach.includes(row, caller)).ok_or(Failure::NotFound)
}
