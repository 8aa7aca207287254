//! One object of a body: its members are asked for by name; what nobody asked for is unknown.

use super::field::{self, BodyField};
use crate::suggestion::suggest;
use domain::fault::{ErrorCode, Fault, FaultLocation, Faults};
use domain::json::{FaultCollector, LocatedObject, NodeLocation};
use std::cell::RefCell;
use std::collections::HashSet;

/// An object being read.
pub struct BodyObject<'d> {
    object: LocatedObject<'d>,
    report: &'d FaultCollector<Fault>,
    expected: RefCell<Vec<&'static str>>,
}

impl<'d> BodyObject<'d> {
    pub(super) fn read<T>(
        object: LocatedObject<'d>,
        report: &'d FaultCollector<Fault>,
        shape: impl FnOnce(&BodyObject<'_>) -> T,
    ) -> T {
        let object = BodyObject { object, report, expected: RefCell::new(Vec::new()) };
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
        self.push(&self.object.place, code, should);
    }

    fn push(&self, place: &NodeLocation<'_>, code: ErrorCode, should: &str) {
        let fault = Fault::new(FaultLocation::Body(place.pointer()), code, should);
        self.report.push(place, fault);
    }

    fn field(&self, name: &'static str, required: bool) -> BodyField<'d> {
        self.expected.borrow_mut().push(name);
        let mut found = self.object.all(name);
        let Some(first) = found.next() else {
            let place = self.object.place.missing(name);
            if required {
                self.push(&place, ErrorCode::Required, "must be given");
            }
            return BodyField { place, node: None, report: self.report };
        };
        let mut node = Some(first.node);
        if let Some(again) = found.next() {
            self.report.push(&again.place, field::duplicate(again.place.pointer()));
            node = None;
        }
        BodyField { place: first.place, node, report: self.report }
    }

    fn refuse_unknown(&self) {
        let expected = self.expected.borrow();
        let mut reported = HashSet::new();
        for (name, member) in self.object.entries() {
            if expected.contains(&name) || !reported.insert(name) {
                continue;
            }
            let place = FaultLocation::Body(member.place.pointer());
            let fault = Fault::new(place, ErrorCode::UnknownKey, "is not a key of this object");
            // A response lists no more, so only the first ones are worth comparing.
            let suggestion =
                if reported.len() > Faults::LISTED { None } else { suggest(name, &expected) };
            self.report.push(&member.place, fault.with_suggestion(suggestion));
        }
    }
}
