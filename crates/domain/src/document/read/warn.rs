//! Advice on valid documents.

use crate::document::bank::Surroundings;
use crate::document::fault::DocumentFault;
use crate::document::model::Test;
use crate::json::Node;

/// All warnings, in document order, at most 100.
pub fn warnings(_test: &Test, _node: &Node, _surroundings: &Surroundings<'_>) -> Vec<DocumentFault> {
    Vec::new()
}
