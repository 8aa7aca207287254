//! The form with which staff act on an instance, as its report shows it and as it is sent.

use serde::Deserialize;

/// A form of the report, as it was sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct InstanceActionForm {
    pub act: String,
    pub reason: String,
    pub note: String,
    pub minutes: String,
    /// Page numbers apart by commas; empty is all.
    pub pages: String,
    pub slot: String,
    /// The revision the page was made at.
    pub revision: String,
}
