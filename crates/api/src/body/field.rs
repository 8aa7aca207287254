//! One value of a body, read as the type its shape gives it.

use super::place::Position;
use super::{Object, Report};
use crate::integer::{self, NotWithin};
use domain::fault::{Code, Fault, Place};
use domain::json::{Node, Pointer};
use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;
use std::ops::RangeInclusive;

/// A value at a place; nothing when it is absent or was given twice.
pub struct Field<'d> {
    pub(super) pointer: Pointer,
    pub(super) position: Position,
    pub(super) node: Option<&'d Node>,
    pub(super) report: &'d Report,
}

/// An item of a list that cannot be read, with its faults.
pub struct SpoiledItem<'d> {
    pub node: &'d Node,
    found: Vec<(Position, Fault)>,
}

impl SpoiledItem<'_> {
    /// The faults in document order, at most so many of them.
    #[must_use]
    pub fn into_faults(mut self, most: usize) -> Vec<Fault> {
        self.found.sort_by(|(left, _), (right, _)| left.cmp(right));
        self.found.into_iter().take(most).map(|(_, fault)| fault).collect()
    }
}

impl<'d> Field<'d> {
    /// Whether a value was sent.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.node.is_some()
    }

    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.node, Some(Node::Null))
    }

    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self.node, Some(Node::Text(_)))
    }

    #[must_use]
    pub const fn is_object(&self) -> bool {
        matches!(self.node, Some(Node::Object(_)))
    }

    #[must_use]
    pub const fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// Reports a fault of this value, for example `field.refuse(Code::InvalidFormat, "must be an https URL")`.
    pub fn refuse(&self, code: Code, should: impl Display) {
        self.push(Fault::new(self.place(), code, should));
    }

    /// Null as `Some(None)`, anything else as `read` reads it.
    pub fn or_null<T>(self, read: impl FnOnce(Self) -> Option<T>) -> Option<Option<T>> {
        match self.node? {
            Node::Null => Some(None),
            _ => read(self).map(Some),
        }
    }

    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self.node? {
            Node::Bool(value) => Some(*value),
            _ => self.wrong_type("a boolean"),
        }
    }

    /// An integer, by its literal: `1.0` and `1e3` are of the wrong type.
    #[must_use]
    pub fn integer(&self, bounds: RangeInclusive<i64>) -> Option<i64> {
        let Node::Number(literal) = self.node? else { return self.wrong_type("an integer") };
        match integer::within(literal, &bounds) {
            Ok(number) => Some(number),
            Err(NotWithin::Type) => self.wrong_type("an integer"),
            Err(NotWithin::Bounds) => {
                self.push(Fault::out_of_range(self.place(), *bounds.start(), *bounds.end()));
                None
            }
        }
    }

    /// The literal of a number, for exact decimals.
    #[must_use]
    pub fn number(&self) -> Option<&'d str> {
        match self.node? {
            Node::Number(literal) => Some(literal),
            _ => self.wrong_type("a number"),
        }
    }

    /// A text of so many characters, without U+0000.
    #[must_use]
    pub fn text(&self, length: RangeInclusive<usize>) -> Option<&'d str> {
        self.text_like(length, "must not contain U+0000", |_| true)
    }

    /// A text of so many characters that has a form; `should` says which.
    #[must_use]
    pub fn text_like(
        &self,
        length: RangeInclusive<usize>,
        should: &str,
        has_form: impl FnOnce(&str) -> bool,
    ) -> Option<&'d str> {
        let text = self.plain_text()?;
        if !self.has_length(text.chars().count(), &length, "characters") {
            return None;
        }
        self.formed(text, should, has_form)
    }

    /// A text to search by: of any length, but not empty.
    #[must_use]
    pub fn filter_text(&self) -> Option<&'d str> {
        let text = self.plain_text()?;
        if text.is_empty() {
            self.refuse(Code::EmptyValue, "must not be empty");
            return None;
        }
        self.formed(text, "must not contain U+0000", |_| true)
    }

    /// One of a closed set of words, for example `field.word(Lang::ALL, Lang::as_str)`.
    pub fn word<T: Copy>(&self, all: &[T], spelling: fn(T) -> &'static str) -> Option<T> {
        let text = self.plain_text()?;
        let found = all.iter().copied().find(|word| spelling(*word) == text);
        if found.is_none() {
            let words: Vec<_> = all.iter().copied().map(spelling).collect();
            self.push(Fault::invalid_enum(self.place(), &words));
        }
        found
    }

    /// One of a closed set of words to search by; an empty text is no word left out.
    pub fn filter_word<T: Copy>(&self, all: &[T], spelling: fn(T) -> &'static str) -> Option<T> {
        match self.node? {
            Node::Text(text) if text.is_empty() => self.filter_text().and(None),
            _ => self.word(all, spelling),
        }
    }

    /// A list of so many items; nothing when one of them is faulty.
    pub fn list<T>(&self, length: RangeInclusive<usize>, item: impl FnMut(Field<'d>) -> Option<T>) -> Option<Vec<T>> {
        let items = self.items()?;
        let right = self.has_length(items.len(), &length, "items");
        let read: Vec<_> = self.fields_of(items).map(item).collect();
        read.into_iter().collect::<Option<_>>().filter(|_| right)
    }

    /// A list whose items are judged each by itself: a faulty one spoils no other. When every item is faulty, so is the
    /// list, and all faults are reported as those of the request.
    pub fn list_apart<T>(
        &self,
        length: RangeInclusive<usize>,
        mut item: impl FnMut(&Field<'_>) -> Option<T>,
    ) -> Option<Vec<Result<T, SpoiledItem<'d>>>> {
        let items = self.items()?;
        let right = self.has_length(items.len(), &length, "items");
        let mut read_apart = |(index, node): (usize, &'d Node)| {
            let report = Report::default();
            let field = Field { report: &report, ..self.child(index, index, node) };
            let read = item(&field);
            drop(field);
            let found = report.found.into_inner();
            read.filter(|_| found.is_empty()).ok_or(SpoiledItem { node, found })
        };
        let read: Vec<_> = items.iter().enumerate().map(&mut read_apart).collect();
        if !read.is_empty() && read.iter().all(Result::is_err) {
            let faults = read.into_iter().filter_map(Result::err).flat_map(|spoiled| spoiled.found);
            faults.for_each(|(position, fault)| self.report.push(position, fault));
            return None;
        }
        right.then_some(read)
    }

    /// A list that acts as a set: repeated members are dropped, then counted.
    pub fn set<T: Hash + Eq + Clone>(
        &self,
        length: RangeInclusive<usize>,
        item: impl FnMut(Field<'d>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let read: Vec<_> = self.fields_of(self.items()?).map(item).collect();
        let mut seen = HashSet::new();
        let kept: Vec<_> = read.into_iter().filter(|item| item.is_none() || seen.insert(item.clone())).collect();
        let right = self.has_length(kept.len(), &length, "items");
        kept.into_iter().collect::<Option<_>>().filter(|_| right)
    }

    /// A set to search by: not empty.
    pub fn filter_set<T: Hash + Eq + Clone>(
        &self,
        most: usize,
        item: impl FnMut(Field<'d>) -> Option<T>,
    ) -> Option<Vec<T>> {
        if self.items()?.is_empty() {
            self.refuse(Code::EmptyValue, "must not be empty");
            return None;
        }
        self.set(1..=most, item)
    }

    /// An object with keys of its shape. Nothing when it is no object; faults inside are reported by the shape.
    pub fn object<T>(&self, shape: impl FnOnce(&Object<'_>) -> T) -> Option<T> {
        let members = self.members()?;
        Some(Object::read(members, self.pointer.clone(), self.position.clone(), self.report, shape))
    }

    /// An object with keys of the caller's choice (1 to 200 characters); nothing when one of its values is faulty.
    pub fn map<T>(
        &self,
        length: RangeInclusive<usize>,
        mut value: impl FnMut(&'d str, Field<'d>) -> Option<T>,
    ) -> Option<Vec<(&'d str, T)>> {
        let members = self.members()?;
        let right = self.has_length(members.len(), &length, "entries");
        let mut seen = HashSet::new();
        let mut read = Vec::new();
        for (index, (name, node)) in members.iter().enumerate() {
            let field = self.child(index, name, node);
            if !seen.insert(name.as_str()) {
                field.push(duplicate(field.pointer.clone()));
                read.push(None);
            } else if field.has_key_form(name) {
                read.push(value(name, field).map(|value| (name.as_str(), value)));
            } else {
                read.push(None);
            }
        }
        read.into_iter().collect::<Option<_>>().filter(|_| right)
    }

    /// Any value, kept as it is: what it means depends on more than the request.
    #[must_use]
    pub const fn any(&self) -> Option<&'d Node> {
        self.node
    }

    /// Any JSON object, kept as it is; keys given twice are refused at every depth.
    #[must_use]
    pub fn any_object(&self) -> Option<&'d Node> {
        self.members()?;
        self.has_no_duplicates().then_some(self.node?)
    }

    fn has_no_duplicates(&self) -> bool {
        let mut right = true;
        match self.node {
            Some(Node::Object(members)) => {
                let mut seen = HashSet::new();
                for (index, (name, node)) in members.iter().enumerate() {
                    let field = self.child(index, name, node);
                    if seen.insert(name) {
                        right &= field.has_no_duplicates();
                    } else {
                        field.push(duplicate(field.pointer.clone()));
                        right = false;
                    }
                }
            }
            Some(Node::List(items)) => self.fields_of(items).for_each(|item| right &= item.has_no_duplicates()),
            _ => {}
        }
        right
    }

    fn has_key_form(&self, name: &str) -> bool {
        if name.contains('\0') {
            self.refuse(Code::InvalidFormat, "must have a key without U+0000");
            return false;
        }
        let right = (1..=200).contains(&name.chars().count());
        if !right {
            let fault = Fault::new(self.place(), Code::InvalidLength, "must have a key of 1 to 200 characters");
            self.push(fault.within(Some(1), Some(200)));
        }
        right
    }

    fn fields_of(&self, items: &'d [Node]) -> impl Iterator<Item = Field<'d>> {
        items.iter().enumerate().map(|(index, node)| self.child(index, index, node))
    }

    fn child(&self, index: usize, token: impl Display, node: &'d Node) -> Self {
        let (pointer, position) = (self.pointer.at(token), self.position.child(index));
        Self { pointer, position, node: Some(node), report: self.report }
    }

    fn plain_text(&self) -> Option<&'d str> {
        match self.node? {
            Node::Text(text) => Some(text),
            _ => self.wrong_type("a string"),
        }
    }

    fn items(&self) -> Option<&'d [Node]> {
        match self.node? {
            Node::List(items) => Some(items),
            _ => self.wrong_type("an array"),
        }
    }

    fn members(&self) -> Option<&'d [(String, Node)]> {
        match self.node? {
            Node::Object(members) => Some(members),
            _ => self.wrong_type("an object"),
        }
    }

    fn formed(&self, text: &'d str, should: &str, has_form: impl FnOnce(&str) -> bool) -> Option<&'d str> {
        let right = !text.contains('\0') && has_form(text);
        if !right {
            self.refuse(Code::InvalidFormat, should);
        }
        right.then_some(text)
    }

    fn has_length(&self, found: usize, length: &RangeInclusive<usize>, unit: &str) -> bool {
        let right = length.contains(&found);
        if !right {
            let should = format!("must have {} to {} {unit}", length.start(), length.end());
            let bound = |bound: &usize| i64::try_from(*bound).ok();
            let fault = Fault::new(self.place(), Code::InvalidLength, should);
            self.push(fault.within(bound(length.start()), bound(length.end())));
        }
        right
    }

    fn wrong_type<T>(&self, wanted: &str) -> Option<T> {
        self.refuse(Code::InvalidType, format_args!("must be {wanted}"));
        None
    }

    fn place(&self) -> Place {
        Place::Body(self.pointer.clone())
    }

    fn push(&self, fault: Fault) {
        self.report.push(self.position.clone(), fault);
    }
}

pub(super) fn duplicate(pointer: Pointer) -> Fault {
    Fault::new(Place::Body(pointer), Code::DuplicateKey, "must be given once")
}
