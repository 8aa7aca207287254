//! Keys of elements of a test document.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// A short name: letters, digits, `_` and `-`, at most 64 of them.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct ElementKey(#[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,64}$"))] Arc<str>);

impl ElementKey {
    /// The key, if the text has the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        crate::id::is_well_formed(text).then(|| Self(text.into()))
    }

    /// The key as the document has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ElementKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ElementKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
