//! Test documents as bodies: JSON or YAML, up to 4 MiB, faults with their places in the document.

use crate::body::receive::{all_bytes, plain_type};
use crate::problem::Problem;
use crate::raw_request::RequestHead;
use axum::body::{Body, Bytes};
use domain::document::{DocumentFormat, LARGEST_DOCUMENT};
use domain::fault::ErrorCode;

/// The bytes of a document and how they are written.
///
/// # Errors
/// 415 unless the body is sent as `application/json` or `application/yaml` without encoding; 413
/// over 4 MiB.
pub(in crate::management) async fn receive_document(
    head: &RequestHead,
    body: Body,
) -> Result<(Bytes, DocumentFormat), Problem> {
    let format = format_of(head).ok_or(ErrorCode::UnsupportedMediaType)?;
    Ok((all_bytes(body, LARGEST_DOCUMENT).await?, format))
}

fn format_of(head: &RequestHead) -> Option<DocumentFormat> {
    match plain_type(head.headers())?.to_ascii_lowercase().as_str() {
        "application/json" => Some(DocumentFormat::Json),
        "application/yaml" | "application/x-yaml" | "text/yaml" => Some(DocumentFormat::Yaml),
        _ => None,
    }
}

domain::string_enum! {
    /// How a document is sent.
    pub enum DocumentBodyFormat {
        Json = "json",
        Yaml = "yaml",
    }
}

impl DocumentBodyFormat {
    pub(in crate::management) const fn format(self) -> (DocumentFormat, &'static str) {
        match self {
            Self::Json => (DocumentFormat::Json, "application/json"),
            Self::Yaml => (DocumentFormat::Yaml, "application/yaml"),
        }
    }
}
