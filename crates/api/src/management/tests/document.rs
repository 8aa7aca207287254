//! Test documents as bodies: JSON or YAML, up to 4 MiB, faults with their places in the document.

use crate::incoming::Head;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::header;
use domain::document::{Format, LARGEST_DOCUMENT};
use domain::fault::Code;
use http_body_util::{BodyExt as _, Limited};

/// The bytes of a document and how they are written.
///
/// # Errors
/// 415 unless the body is sent as `application/json` or `application/yaml` without encoding; 413 over 4 MiB.
pub(super) async fn receive(head: &Head, body: Body) -> Result<(Bytes, Format), Problem> {
    let format = format_of(head).ok_or(Code::UnsupportedMediaType)?;
    let collected = Limited::new(body, LARGEST_DOCUMENT).collect().await;
    let bytes = collected.map_err(|_| Problem::new(Code::BodyTooLarge))?.to_bytes();
    Ok((bytes, format))
}

fn format_of(head: &Head) -> Option<Format> {
    let headers = head.headers();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return None;
    }
    let line = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = line.split(';').next()?.trim();
    match essence.to_ascii_lowercase().as_str() {
        "application/json" => Some(Format::Json),
        "application/yaml" | "application/x-yaml" | "text/yaml" => Some(Format::Yaml),
        _ => None,
    }
}
