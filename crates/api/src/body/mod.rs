//! Reading a JSON body (REST specification, 1.3): a shape is read member by member, and all faults
//! are reported at once, in document order.
//!
//! A member that was not asked for is unknown, so the list of known keys cannot drift. Readers give
//! `None` for what is absent and for what is faulty alike; when a fault was found,
//! [`BodyDocument::finish`] says so. Must never stop at the first fault, and must never judge what
//! needs data.

mod field;
mod object;
mod position;
pub mod receive;

pub use field::{BodyField, FaultyItem};
pub use object::BodyObject;

use domain::fault::{ErrorCode, Fault, FaultLocation, Faults};
use domain::json::{JsonNode, JsonPointer};
use position::DocumentPosition;
use std::cell::RefCell;

/// How many containers a body may nest.
pub const DEEPEST: usize = 32;

/// A body as it was sent, with the faults found in it so far.
pub struct BodyDocument {
    root: JsonNode,
    report: FaultCollector,
}

impl BodyDocument {
    /// Reads one JSON object; whatever else the bytes hold becomes the only fault.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self::of(JsonNode::parse(bytes, DEEPEST).unwrap_or(JsonNode::Null))
    }

    /// As [`parse`](Self::parse), for bodies with candidates' answers: one unreadable text or value
    /// spoils no other.
    #[must_use]
    pub fn parse_lenient(bytes: &[u8]) -> Self {
        Self::of(JsonNode::parse_lenient(bytes, DEEPEST).unwrap_or(JsonNode::Null))
    }

    fn of(root: JsonNode) -> Self {
        let report = FaultCollector::default();
        if !matches!(root, JsonNode::Object(_)) {
            let should = format!("must be one JSON object in UTF-8, nested at most {DEEPEST} deep");
            let place = FaultLocation::Body(JsonPointer::root());
            report.push(
                DocumentPosition::root(),
                Fault::new(place, ErrorCode::MalformedJson, should),
            );
        }
        Self { root, report }
    }

    /// Reads the object with `shape`; members that `shape` did not ask for are unknown. None when
    /// there is no object.
    pub fn read<T>(&self, shape: impl FnOnce(&BodyObject<'_>) -> T) -> Option<T> {
        let JsonNode::Object(members) = &self.root else { return None };
        Some(BodyObject::read(
            members,
            JsonPointer::root(),
            DocumentPosition::root(),
            &self.report,
            shape,
        ))
    }

    /// Reads the object once more for what can be read of it; faults are those of the first time.
    pub fn read_quietly<T>(&self, shape: impl FnOnce(&BodyObject<'_>) -> T) -> Option<T> {
        let JsonNode::Object(members) = &self.root else { return None };
        let unheard = FaultCollector::default();
        let (pointer, position) = (JsonPointer::root(), DocumentPosition::root());
        Some(BodyObject::read(members, pointer, position, &unheard, shape))
    }

    /// The whole body, for uses beyond a shape (comparing, keeping).
    #[must_use]
    pub const fn root(&self) -> &JsonNode {
        &self.root
    }

    /// Whether a fault was found so far.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        !self.report.found.borrow().is_empty()
    }

    /// Adds faults found with data, each at the place its pointer names.
    pub fn add_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            let position = match &fault.place {
                FaultLocation::Body(pointer) => DocumentPosition::of(&self.root, pointer),
                _ => DocumentPosition::root(),
            };
            self.report.push(position, fault);
        }
    }

    /// Reports all faults in document order, those of absent keys last.
    pub fn finish(self, faults: &mut Faults) {
        let FaultCollector { found, more } = self.report;
        let mut found = found.into_inner();
        found.sort_by(|(left, _), (right, _)| left.cmp(right));
        faults.extend(found.into_iter().map(|(_, fault)| fault));
        faults.add_beyond_limit(more.into_inner());
    }
}

/// The faults found so far, each with its place in the document.
#[derive(Default)]
struct FaultCollector {
    found: RefCell<Vec<(DocumentPosition, Fault)>>,
    more: RefCell<u64>,
}

impl FaultCollector {
    /// Beyond this many faults only their number is kept: a response lists a hundred.
    const MAX_FAULTS: usize = 4096;

    fn push(&self, position: DocumentPosition, fault: Fault) {
        let mut found = self.found.borrow_mut();
        if found.len() < Self::MAX_FAULTS {
            found.push((position, fault));
        } else {
            *self.more.borrow_mut() += 1;
        }
    }
}

#[cfg(test)]
mod tests;
