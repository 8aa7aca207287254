//! Reading a JSON body (REST specification, 1.3): a shape is read member by member, and all faults
//! are reported at once, in document order.
//!
//! A member that was not asked for is unknown, so the list of known keys cannot drift. Readers give
//! `None` for what is absent and for what is faulty alike; when a fault was found,
//! [`BodyDocument::finish`] says so. Must never stop at the first fault, and must never judge what
//! needs data.

mod field;
mod object;
pub mod receive;

pub use field::{BodyField, FaultyItem};
pub use object::BodyObject;

use domain::fault::{ErrorCode, Fault, FaultLocation, Faults};
use domain::json::{
    DocumentOrder, FaultCollector, JsonNode, LocatedNode, LocatedObject, NodeLocation,
};

/// How many containers a body may nest.
pub const DEEPEST: usize = 32;

/// A body as it was sent, with the faults found in it so far.
pub struct BodyDocument {
    root: JsonNode,
    report: FaultCollector<Fault>,
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
            let root = NodeLocation::root();
            let place = FaultLocation::Body(root.pointer());
            report.push(&root, Fault::new(place, ErrorCode::MalformedJson, should));
        }
        Self { root, report }
    }

    /// Reads the object with `shape`; members that `shape` did not ask for are unknown. None when
    /// there is no object.
    pub fn read<T>(&self, shape: impl FnOnce(&BodyObject<'_>) -> T) -> Option<T> {
        Some(BodyObject::read(self.object()?, &self.report, shape))
    }

    /// Reads the object once more for what can be read of it; faults are those of the first time.
    pub fn read_quietly<T>(&self, shape: impl FnOnce(&BodyObject<'_>) -> T) -> Option<T> {
        Some(BodyObject::read(self.object()?, &FaultCollector::default(), shape))
    }

    fn object(&self) -> Option<LocatedObject<'_>> {
        LocatedNode { node: &self.root, place: NodeLocation::root() }.object()
    }

    /// The whole body, for uses beyond a shape (comparing, keeping).
    #[must_use]
    pub const fn root(&self) -> &JsonNode {
        &self.root
    }

    /// Whether a fault was found so far.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        !self.report.is_empty()
    }

    /// Adds faults found with data, each at the place its pointer names.
    pub fn add_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            let order = match &fault.place {
                FaultLocation::Body(pointer) => DocumentOrder::of_pointer(&self.root, pointer),
                _ => DocumentOrder::default(),
            };
            self.report.push_in_order(order, fault);
        }
    }

    /// Reports all faults in document order, those of absent keys last.
    pub fn finish(self, faults: &mut Faults) {
        let (found, more) = self.report.into_faults();
        faults.extend(found);
        faults.add_beyond_limit(more);
    }
}

#[cfg(test)]
mod tests;
