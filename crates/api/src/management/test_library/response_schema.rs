//! Tests as they are sent.

use app::test_library::LibraryTestView;
use domain::document::DocumentFault;
use serde::Serialize;
use utoipa::ToSchema;

/// A test of the organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::management) struct ManagedTest {
    /// Id of the test.
    test_id: String,
    /// Uuid of the test, as in its document.
    uuid: String,
    /// The key as written in its document.
    key: String,
    /// The title as written in its document.
    title: String,
    /// The folder it stands in; the empty name is the default folder.
    folder: String,
    /// Free marks, in the order in which they were added.
    labels: Vec<String>,
    /// Number of the latest version, from 1.
    version: i64,
    /// SHA-256 of the latest version's stored form, in hexadecimal.
    digest: String,
    /// When it was kept first, in seconds since the epoch.
    created_at: i64,
    /// When it last changed, in seconds since the epoch.
    updated_at: i64,
    /// When it was archived, in seconds since the epoch; null otherwise.
    archived_at: Option<i64>,
}

impl From<LibraryTestView> for ManagedTest {
    fn from(test: LibraryTestView) -> Self {
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
pub(in crate::management) struct DocumentWarning {
    /// Stable, begins with `warn_`.
    code: &'static str,
    /// JSON pointer into the document.
    pointer: String,
    /// One English sentence; its wording may change.
    message: String,
    /// The value it is about, where that helps.
    detail: Option<String>,
}

impl From<DocumentFault> for DocumentWarning {
    fn from(fault: DocumentFault) -> Self {
        Self {
            code: fault.code.as_str(),
            pointer: fault.pointer.as_str().to_owned(),
            message: fault.message,
            detail: fault.detail,
        }
    }
}
