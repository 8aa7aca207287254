//! One object of a body: its members are asked for by name; what nobody asked for is unknown.

use super::field::BodyField;
use super::position::DocumentPosition;
use super::{FaultCollector, field};
use crate::suggestion::suggest;
use domain::fault::{ErrorCode, Fault, FaultLocation, Faults};
use domain::json::{JsonNode, JsonPointer};
use std::cell::RefCell;
use std::collections::HashSet;

/// An object being read.
pub struct BodyObject<'d> {
    members: &'d [(String, JsonNode)],
    pointer: JsonPointer,
    position: DocumentPosition,
    report: &'d FaultCollector,
    expected: RefCell<Vec<&'static str>>,
}

impl<'d> BodyObject<'d> {
    pub(super) fn read<T>(
        members: &'d [(String, JsonNode)],
        pointer: JsonPointer,
        position: DocumentPosition,
        report: &'d FaultCollector,
        shape: impl FnOnce(&BodyObject<'_>) -> T,
    ) -> T {
        let object =
            BodyObject { members, pointer, position, report, expected: RefCell::new(Vec::new()) };
        let value = shape(&object);
        object.refuse_unknown();
        value
    }

    /// A key that may be absent.
    pub fn optional(&self, name: &'static str) -> BodyField<'d> {
        self.field(name, false)
    }

    /// A key that must be there.
    pub fn required(&self, name: &'static str) -> BodyField<'d> {
        self.field(name, true)
    }

    /// Makes keys known without judging them, as where `kind` is absent or wrong.
    pub fn allow_keys(&self, names: &[&'static str]) {
        self.expected.borrow_mut().extend(names);
    }

    /// Reports a fault of the object as a whole.
    pub fn refuse(&self, code: ErrorCode, should: &str) {
        self.report.push(
            self.position.clone(),
            Fault::new(FaultLocation::Body(self.pointer.clone()), code, should),
        );
    }

    fn field(&self, name: &'static str, required: bool) -> BodyField<'d> {
        self.expected.borrow_mut().push(name);
        let mut found = self.members.iter().enumerate().filter(|(_, (entry, _))| entry == name);
        let (first, second) = (found.next(), found.next());
        let pointer = self.pointer.at(name);
        let Some((index, (_, node))) = first else { return self.absent(pointer, required) };
        if let Some((again, _)) = second {
            self.report.push(self.position.child(again), field::duplicate(pointer.clone()));
            return BodyField {
                pointer,
                position: self.position.child(index),
                node: None,
                report: self.report,
            };
        }
        BodyField {
            pointer,
            position: self.position.child(index),
            node: Some(node),
            report: self.report,
        }
    }

    fn absent(&self, pointer: JsonPointer, required: bool) -> BodyField<'d> {
        let position = self.position.missing();
        if required {
            let fault = Fault::new(
                FaultLocation::Body(pointer.clone()),
                ErrorCode::Required,
                "must be given",
            );
            self.report.push(position.clone(), fault);
        }
        BodyField { pointer, position, node: None, report: self.report }
    }

    fn refuse_unknown(&self) {
        let expected = self.expected.borrow();
        let mut reported = HashSet::new();
        for (index, (name, _)) in self.members.iter().enumerate() {
            if expected.contains(&name.as_str()) || !reported.insert(name) {
                continue;
            }
            let place = FaultLocation::Body(self.pointer.at(name));
            let fault = Fault::new(place, ErrorCode::UnknownKey, "is not a key of this object");
            // A response lists no more, so only the first ones are worth comparing.
            let suggestion =
                if reported.len() > Faults::LISTED { None } else { suggest(name, &expected) };
            self.report.push(self.position.child(index), fault.with_suggestion(suggestion));
        }
    }
}
