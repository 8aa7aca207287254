//! Tests as they are sent.

use app::tests::TestView;
use domain::document::DocumentFault;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::management) struct Test {
    test_id: String,
    uuid: String,
    key: String,
    title: String,
    folder: String,
    labels: Vec<String>,
    /// Number of the latest version, from 1.
    version: i64,
    /// SHA-256 of the latest version's stored form, in hexadecimal.
    digest: String,
    created_at: i64,
    updated_at: i64,
    archived_at: Option<i64>,
}

impl From<TestView> for Test {
    fn from(test: TestView) -> Self {
        Self {
            test_id: test.id.to_string(),
            uuid: test.uuid,
            key: test.key,
            title: test.title,
            folder: test.folder,
            labels: test.labels,
            version: test.version,
            digest: hex::encode(test.digest),
            created_at: test.created_at.seconds(),
            updated_at: test.updated_at.seconds(),
            archived_at: test.archived_at.map(domain::time::Timestamp::seconds),
        }
    }
}

/// Advice about a document that does not prevent keeping it.
#[derive(Serialize, ToSchema)]
pub(in crate::management) struct Warning {
    code: &'static str,
    /// JSON pointer into the document.
    pointer: String,
    message: String,
    detail: Option<String>,
}

impl From<DocumentFault> for Warning {
    fn from(fault: DocumentFault) -> Self {
        Self {
            code: fault.code.as_str(),
            pointer: fault.pointer.as_str().to_owned(),
            message: fault.message,
            detail: fault.detail,
        }
    }
}
