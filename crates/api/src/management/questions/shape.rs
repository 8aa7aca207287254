//! Questions of the bank as they are sent.

use crate::openapi::word_schema;
use crate::pagination::Pagination;
use app::bank::{QuestionKind, QuestionState, QuestionView};
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BankQuestion)]
pub(in crate::management) struct Question {
    question_id: String,
    organization_id: String,
    uuid: String,
    key: String,
    #[schema(schema_with = kinds)]
    kind: String,
    /// What is asked, Markdown.
    text: String,
    folder: String,
    labels: Vec<String>,
    tags: BTreeMap<String, String>,
    #[schema(schema_with = states)]
    state: &'static str,
    /// Number of the latest version, from 1.
    version: i64,
    /// SHA-256 of the latest version's stored form, in hexadecimal.
    digest: String,
    created_at: i64,
    updated_at: i64,
    approved_at: Option<i64>,
    archived_at: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BankQuestionPage)]
pub(in crate::management) struct Questions {
    pub questions: Vec<Question>,
    pub pagination: Pagination,
}

pub(super) fn kinds() -> RefOr<Schema> {
    word_schema(QuestionKind::ALL, QuestionKind::as_str)
}

pub(super) fn states() -> RefOr<Schema> {
    word_schema(QuestionState::ALL, QuestionState::as_str)
}

impl From<QuestionView> for Question {
    fn from(question: QuestionView) -> Self {
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
            state: question.state.as_str(),
            version: question.version,
            digest: hex::encode(question.digest),
            created_at: question.created_at.seconds(),
            updated_at: question.updated_at.seconds(),
            approved_at: question.approved_at.map(Timestamp::seconds),
            archived_at: question.archived_at.map(Timestamp::seconds),
        }
    }
}
