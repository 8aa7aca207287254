//! The question bank: an organization's library of questions.
//!
//! A question is submitted, approved by somebody who may, and then read by tests: at each start as
//! it is at that moment. Its document is kept once, addressed by the SHA-256 of its stored form;
//! its history is a list of digests. Tests never read a question that waits for approval, and new
//! documents name no archived one.

mod change;
mod facets;
mod history;
mod list;
mod rights;
mod stored_bank;
mod submit;
mod trial;
mod uses;

pub use change::QuestionUpdate;
pub use facets::BankFacets;
pub use list::{QuestionFilter, QuestionText};
pub use rights::{BankReach, BankRight};
pub(crate) use stored_bank::{BankPurpose, StoredBank};
pub use submit::{QUESTION_CHANGED, QuestionSubmitOptions, SubmittedQuestion};
pub use uses::{BankUse, BankUseKind};

use crate::caller::{Actor, Caller};
use crate::failure::Failure;
use crate::json::from_json;
use crate::unit_of_work::UnitOfWork;
use domain::document::model::{Question, QuestionBody};
use domain::id::{OrganizationId, QuestionId};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use storage::Sha256Digest;
use storage::bank::BankQuestionRow;

domain::string_enum! {
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

impl QuestionKind {
    #[must_use]
    pub const fn of(question: &Question) -> Self {
        match question.kind {
            QuestionBody::MultipleChoice(_) => Self::MultipleChoice,
            QuestionBody::Match(_) => Self::Match,
            QuestionBody::Input(_) => Self::Input,
        }
    }
}

/// A question as the bank lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankQuestionView {
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
    pub digest: Sha256Digest,
    pub submitted_by: Actor,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    pub archived_at: Option<Timestamp>,
}

impl BankQuestionView {
    /// Whether the caller may write a next version: whoever may only submit, no more once it is
    /// approved.
    #[must_use]
    pub fn may_be_written_by(&self, caller: &Caller) -> bool {
        caller.bank_reach(BankRight::Write).is_ok()
            || caller.bank_reach(BankRight::Submit).is_ok() && self.approved_at.is_none()
    }

    fn of(row: BankQuestionRow) -> Result<Self, Failure> {
        Ok(Self {
            labels: from_json(&row.labels)?,
            tags: from_json(&row.tags)?,
            state: state_of(&row),
            submitted_by: Actor {
                kind: row.submitted_kind,
                id: row.submitted_by.unwrap_or_default(),
            },
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

fn state_of(row: &BankQuestionRow) -> QuestionState {
    match (row.archived_at, row.approved_at) {
        (Some(_), _) => QuestionState::Archived,
        (None, Some(_)) => QuestionState::Approved,
        (None, None) => QuestionState::Submitted,
    }
}

/// A question within the caller's reach; what lies outside does not exist.
fn found(
    work: &mut UnitOfWork<'_>,
    question: &QuestionId,
    reach: BankReach,
) -> Result<BankQuestionRow, Failure> {
    let row = storage::bank::find(work.tx, work.organization, question)?;
    row.filter(|row| reach.includes(row, work.caller)).ok_or(Failure::NotFound)
}
