//! Tests of reading and storing whole documents.

mod codes;
mod forms;
mod mutations;
mod order;
mod patterns;
mod warnings;

use super::bank::{EmptyBank, ValidationContext};
use super::{CheckedDocument, DocumentFault, DocumentFaultCode, DocumentFormat, read};
use crate::id::OrganizationId;
use uuid::Uuid;

pub(super) const EXAMPLE: &str = include_str!("../../../tests/documents/desk-screening.json");

/// A file that counts as uploaded.
pub(super) const KNOWN_ASSET: &str =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

pub(super) fn with_context<T>(act: impl FnOnce(&ValidationContext<'_>) -> T) -> T {
    let has_asset = |digest: &str| digest == KNOWN_ASSET;
    act(&ValidationContext {
        bank: &EmptyBank,
        has_asset: &has_asset,
        organization: OrganizationId::from("Og1"),
    })
}

pub(super) fn read_alone(
    text: &str,
    format: DocumentFormat,
) -> Result<CheckedDocument, Vec<DocumentFault>> {
    with_context(|surroundings| read(text.as_bytes(), format, Uuid::from_u128(7), surroundings))
}

/// Codes with pointers, for comparing.
pub(super) fn brief(faults: &[DocumentFault]) -> Vec<(DocumentFaultCode, &str)> {
    faults.iter().map(|fault| (fault.code, fault.pointer.as_str())).collect()
}
