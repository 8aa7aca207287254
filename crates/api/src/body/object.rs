//! One object of a body: its members are asked for by name; what nobody asked for is unknown.

use super::field::Field;
use super::place::Position;
use super::{Report, field};
use crate::suggestion::suggest;
use domain::fault::{Code, Fault, Faults, Place};
use domain::json::{Node, Pointer};
use std::cell::RefCell;
use std::collections::HashSet;

/// An object being read.
pub struct Object<'d> {
    members: &'d [(String, Node)],
    pointer: Pointer,
    position: Position,
    report: &'d Report,
    asked: RefCell<Vec<&'static str>>,
}

impl<'d> Object<'d> {
    pub(super) fn read<T>(
        members: &'d [(String, Node)],
        pointer: Pointer,
        position: Position,
        report: &'d Report,
        shape: impl FnOnce(&Object<'_>) -> T,
    ) -> T {
        let object = Object { members, pointer, position, report, asked: RefCell::new(Vec::new()) };
        let value = shape(&object);
        object.refuse_unknown();
        value
    }

    /// A key that may be absent.
    pub fn optional(&self, name: &'static str) -> Field<'d> {
        self.field(name, false)
    }

    /// A key that must be there.
    pub fn required(&self, name: &'static str) -> Field<'d> {
        self.field(name, true)
    }

    /// Makes keys known without judging them, as where `kind` is absent or wrong.
    pub fn known(&self, names: &[&'static str]) {
        self.asked.borrow_mut().extend(names);
    }

    /// Reports a fault of the object as a whole.
    pub fn refuse(&self, code: Code, should: &str) {
        self.report.push(self.position.clone(), Fault::new(Place::Body(self.pointer.clone()), code, should));
    }

    fn field(&self, name: &'static str, required: bool) -> Field<'d> {
        self.asked.borrow_mut().push(name);
        let mut found = self.members.iter().enumerate().filter(|(_, (known, _))| known == name);
        let (first, second) = (found.next(), found.next());
        let pointer = self.pointer.at(name);
        let Some((index, (_, node))) = first else { return self.absent(pointer, required) };
        if let Some((again, _)) = second {
            self.report.push(self.position.child(again), field::duplicate(pointer.clone()));
            return Field { pointer, position: self.position.child(index), node: None, report: self.report };
        }
        Field { pointer, position: self.position.child(index), node: Some(node), report: self.report }
    }

    fn absent(&self, pointer: Pointer, required: bool) -> Field<'d> {
        let position = self.position.missing();
        if required {
            let fault = Fault::new(Place::Body(pointer.clone()), Code::Required, "must be given");
            self.report.push(position.clone(), fault);
        }
        Field { pointer, position, node: None, report: self.report }
    }

    fn refuse_unknown(&self) {
        let asked = self.asked.borrow();
        let mut reported = HashSet::new();
        for (index, (name, _)) in self.members.iter().enumerate() {
            if asked.contains(&name.as_str()) || !reported.insert(name) {
                continue;
            }
            let place = Place::Body(self.pointer.at(name));
            let fault = Fault::new(place, Code::UnknownKey, "is not a key of this object");
            // A response lists no more, so only the first ones are worth comparing.
            let suggestion = if reported.len() > Faults::LISTED { None } else { suggest(name, &asked) };
            self.report.push(self.position.child(index), fault.suggesting(suggestion));
        }
    }
}
