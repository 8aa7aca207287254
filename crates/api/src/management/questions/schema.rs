//! Questions of the bank as they are sent.

use crate::openapi::EnumWord;
use crate::pagination::Pagination;
use app::bank::{BankQuestionView, QuestionKind, QuestionState};
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

type QuestionKindWord = EnumWord<QuestionKind>;
type QuestionStateWord = EnumWord<QuestionState>;

/// A question of the bank with its marks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BankQuestion)]
pub(in crate::management) struct ManagedQuestion {
    /// Id of the question in the bank.
    question_id: String,
    /// The organization whose bank it stands in.
    organization_id: String,
    /// Uuid of the question; a document with it becomes its next version.
    uuid: String,
    /// The key as written in its document.
    key: String,
    /// How the question is answered.
    #[schema(value_type = QuestionKindWord, inline)]
    kind: String,
    /// What is asked, Markdown.
    text: String,
    /// The folder it stands in; the empty name is the default folder.
    folder: String,
    /// Free marks, in the order in which they were added.
    labels: Vec<String>,
    /// Names with values, such as `City: Izmir`.
    tags: BTreeMap<String, String>,
    /// `submitted` waits for approval, `approved` can be used in tests, `archived` is drawn no more.
    #[schema(inline)]
    state: QuestionStateWord,
    /// Number of the latest version, from 1.
    version: i64,
    /// SHA-256 of the latest version's stored form, in hexadecimal.
    digest: String,
    /// When it was submitted first, in seconds since the epoch.
    created_at: i64,
    /// When it last changed, in seconds since the epoch.
    updated_at: i64,
    /// When it was approved, in seconds since the epoch; null before.
    approved_at: Option<i64>,
    /// When it was archived, in seconds since the epoch; null otherwise.
    archived_at: Option<i64>,
}

/// A page of questions.
#[derive(Serialize, ToSchema)]
#[schema(as = BankQuestionPage)]
pub(in crate::management) struct ManagedQuestionPage {
    /// The questions, in creation order.
    pub questions: Vec<ManagedQuestion>,
    /// How many there are in all, and the pages beside this one.
    pub pagination: Pagination,
}

impl From<BankQuestionView> for ManagedQuestion {
    fn from(question: BankQuestionView) -> Self {
        Self {
            question_id: question.id.to_string(),
            organization_id: question.organization.to_string(),
            uuid: question.uuid,
            key: question.key,
            kind: question.kind,
            text: question.text,
            folder: question.folder,
            labels: question.labels,
            tags: question.tags,
            state: question.state.into(),
            version: question.version,
            digest: hex::encode(question.digest),
            created_at: question.created_at.seconds(),
            updated_at: question.updated_at.seconds(),
            approved_at: question.approved_at.map(Timestamp::seconds),
            archived_at: question.archived_at.map(Timestamp::seconds),
        }
    }
}
