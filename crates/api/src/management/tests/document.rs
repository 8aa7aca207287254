//! Test documents as bodies: JSON or YAML, up to 4 MiB, faults with their places in the document.

use crate::body::receive::{all_bytes, plain_type};
use crate::incoming::Head;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use domain::document::{Format, LARGEST_DOCUMENT};
use domain::fault::Code;

/// The bytes of a document and how they are written.
///
/// # Errors
/// 415 unless the body is sent as `application/json` or `application/yaml` without encoding; 413 over 4 MiB.
pub(in crate::management) async fn receive(head: &Head, body: Body) -> Result<(Bytes, Format), Problem> {
    let format = format_of(head).ok_or(Code::UnsupportedMediaType)?;
    Ok((all_bytes(body, LARGEST_DOCUMENT).await?, format))
}

fn format_of(head: &Head) -> Option<Format> {
    match plain_type(head.headers())?.to_ascii_lowercase().as_str() {
        "application/json" => Some(Format::Json),
        "application/yaml" | "application/x-yaml" | "text/yaml" => Some(Format::Yaml),
        _ => None,
    }
}

domain::words! {
    /// How a document is sent.
    pub enum Written {
        Json = "json",
        Yaml = "yaml",
    }
}

impl Written {
    pub(in crate::management) const fn format(self) -> (Format, &'static str) {
        match self {
            Self::Json => (Format::Json, "application/json"),
            Self::Yaml => (Format::Yaml, "application/yaml"),
        }
    }
}
