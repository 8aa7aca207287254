//! What erasing a candidate and erasing a user say alike.

use crate::request::value::boolean;
use crate::request::{or_default, request};
use app::erasure::{ErasureOptions, ErasureReceipt};
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// How far a person is erased.
    pub(super) struct ErasePersonRequest as "ErasureRequest" for ErasureOptions {
        /// Group and labels go too, also those copied into instances; false when omitted.
        grouping = or_default(boolean()),
        /// Also when files of an instance are held; without it that is refused with 409
        /// `instance_held`.
        confirm = or_default(boolean()),
    }
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
