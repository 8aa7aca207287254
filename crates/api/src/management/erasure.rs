//! What erasing a candidate and erasing a user say alike.

use crate::body::BodyObject;
use app::erasure::{ErasureOptions, ErasureReceipt};
use serde::Serialize;
use utoipa::ToSchema;

/// How far a person is erased.
#[derive(ToSchema)]
#[schema(as = ErasureRequest)]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) struct ErasePersonRequest {
    /// Group and labels go too, also those copied into instances.
    #[schema(default = false)]
    grouping: Option<bool>,
    /// Also when files of an instance are held; without it that is refused with 409
    /// `instance_held`.
    #[schema(default = false)]
    confirm: Option<bool>,
}

/// The evidence of an erasure. Keep it: after an older backup was restored it says who is to be
/// erased again.
#[derive(Serialize, ToSchema)]
#[schema(as = ErasureReceipt)]
#[serde(rename_all = "camelCase")]
pub struct ErasureReceiptResponse {
    /// JSON in the form of RFC 8785: who was erased, by whom, when, the number of things removed
    /// per class, and the classes kept.
    text: String,
    /// Ed25519 over `text`, in hexadecimal.
    signature: String,
    /// In hexadecimal.
    public_key: String,
}

impl From<ErasureReceipt> for ErasureReceiptResponse {
    fn from(receipt: ErasureReceipt) -> Self {
        let ErasureReceipt { text, signature, public_key } = receipt;
        Self { text, signature, public_key }
    }
}

pub(super) fn read_erasure_request(object: &BodyObject<'_>) -> Option<ErasureOptions> {
    let grouping = object.optional("grouping").boolean().unwrap_or(false);
    Some(ErasureOptions {
        grouping,
        confirm: object.optional("confirm").boolean().unwrap_or(false),
    })
}
