//! JSON texts in columns: written by this module, read back by it.

use crate::failure::Failure;

/// # Errors
/// When the value has no JSON form: a mistake in this program.
pub(crate) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::internal)
}

/// # Errors
/// When a stored text does not read.
pub(crate) fn from_json<'text, T: serde::Deserialize<'text>>(
    text: &'text str,
) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(Failure::internal)
}
