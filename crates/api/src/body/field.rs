//! One value of a body, read as the type its shape gives it.

use super::BodyObject;
use crate::integer::{self, IntegerError};
use domain::fault::{ErrorCode, Fault, FaultLocation};
use domain::json::{
    FaultCollector, JsonNode, JsonPointer, LocatedNode, LocatedObject, NodeLocation,
};
use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;
use std::ops::RangeInclusive;

/// A value at a place; nothing when it is absent or was given twice.
pub struct BodyField<'d> {
    pub(super) place: NodeLocation<'d>,
    pub(super) node: Option<&'d JsonNode>,
    pub(super) report: &'d FaultCollector<Fault>,
}

/// An item of a list that cannot be read, with its faults.
pub struct FaultyItem<'d> {
    pub node: &'d JsonNode,
    found: FaultCollector<Fault>,
}

impl FaultyItem<'_> {
    /// The faults in document order, at most so many of them.
    #[must_use]
    pub fn into_faults(self, most: usize) -> Vec<Fault> {
        self.found.into_faults().0.into_iter().take(most).collect()
    }
}

impl<'d> BodyField<'d> {
    /// Whether a value was sent.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.node.is_some()
    }

    /// Whether it was sent as `null`, which is not the same as left out.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.node, Some(JsonNode::Null))
    }

    /// Whether a string was sent; a wrong type is no fault yet.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self.node, Some(JsonNode::Text(_)))
    }

    /// Whether an object was sent; a wrong type is no fault yet.
    #[must_use]
    pub const fn is_object(&self) -> bool {
        matches!(self.node, Some(JsonNode::Object(_)))
    }

    /// The place of the field in the body, for faults.
    #[must_use]
    pub fn pointer(&self) -> JsonPointer {
        self.place.pointer()
    }

    /// Reports a fault of this value, for example
    /// `field.refuse(Code::InvalidFormat, "must be an https URL")`.
    pub fn refuse(&self, code: ErrorCode, should: impl Display) {
        self.push(Fault::new(self.location(), code, should));
    }

    /// Null as `Some(None)`, anything else as `read` reads it.
    pub fn nullable<T>(self, read: impl FnOnce(Self) -> Option<T>) -> Option<Option<T>> {
        match self.node? {
            JsonNode::Null => Some(None),
            _ => read(self).map(Some),
        }
    }

    /// The boolean that was sent; none when left out, or after a fault about another type.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self.node? {
            JsonNode::Bool(value) => Some(*value),
            _ => self.wrong_type("a boolean"),
        }
    }

    /// An integer, by its literal: `1.0` and `1e3` are of the wrong type.
    #[must_use]
    pub fn integer(&self, bounds: RangeInclusive<i64>) -> Option<i64> {
        let JsonNode::Number(literal) = self.node? else { return self.wrong_type("an integer") };
        match integer::within(literal, &bounds) {
            Ok(number) => Some(number),
            Err(IntegerError::Type) => self.wrong_type("an integer"),
            Err(IntegerError::Bounds) => {
                self.push(Fault::out_of_range(self.location(), *bounds.start(), *bounds.end()));
                None
            }
        }
    }

    /// The literal of a number, for exact decimals.
    #[must_use]
    pub fn number(&self) -> Option<&'d str> {
        match self.node? {
            JsonNode::Number(literal) => Some(literal),
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
        self.with_form(text, should, has_form)
    }

    /// A text to search by: of any length, but not empty.
    #[must_use]
    pub fn filter_text(&self) -> Option<&'d str> {
        let text = self.plain_text()?;
        if text.is_empty() {
            self.refuse(ErrorCode::EmptyValue, "must not be empty");
            return None;
        }
        self.with_form(text, "must not contain U+0000", |_| true)
    }

    /// One of a closed set of words, for example `field.word(Lang::ALL, Lang::as_str)`.
    pub fn one_of<T: Copy>(&self, all: &[T], spelling: fn(T) -> &'static str) -> Option<T> {
        let text = self.plain_text()?;
        let found = all.iter().copied().find(|word| spelling(*word) == text);
        if found.is_none() {
            let words: Vec<_> = all.iter().copied().map(spelling).collect();
            self.push(Fault::invalid_enum(self.location(), &words));
        }
        found
    }

    /// One of a closed set of words to search by; an empty text is no word left out.
    pub fn filter_one_of<T: Copy>(&self, all: &[T], spelling: fn(T) -> &'static str) -> Option<T> {
        match self.node? {
            JsonNode::Text(text) if text.is_empty() => self.filter_text().and(None),
            _ => self.one_of(all, spelling),
        }
    }

    /// A list of so many items; nothing when one of them is faulty.
    pub fn list<T>(
        &self,
        length: RangeInclusive<usize>,
        mut item: impl FnMut(BodyField<'d>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.items()?;
        let right = self.has_length(items.len(), &length, "items");
        let read: Vec<_> = items.map(|entry| item(self.child(entry))).collect();
        read.into_iter().collect::<Option<_>>().filter(|_| right)
    }

    /// A list whose items are judged each by itself: a faulty one spoils no other. When every item
    /// is faulty, so is the list, and all faults are reported as those of the request.
    pub fn list_per_item<T>(
        &self,
        length: RangeInclusive<usize>,
        mut item: impl FnMut(&BodyField<'_>) -> Option<T>,
    ) -> Option<Vec<Result<T, FaultyItem<'d>>>> {
        let items = self.items()?;
        let right = self.has_length(items.len(), &length, "items");
        let read_apart = |entry: LocatedNode<'d>| {
            let (node, found) = (entry.node, FaultCollector::default());
            let read = item(&BodyField { place: entry.place, node: Some(node), report: &found });
            read.filter(|_| found.is_empty()).ok_or(FaultyItem { node, found })
        };
        let read: Vec<_> = items.map(read_apart).collect();
        if !read.is_empty() && read.iter().all(Result::is_err) {
            let faulty = read.into_iter().filter_map(Result::err);
            faulty.for_each(|item| self.report.append(item.found));
            return None;
        }
        right.then_some(read)
    }

    /// A list that acts as a set: repeated members are dropped, then counted.
    pub fn set<T: Hash + Eq + Clone>(
        &self,
        length: RangeInclusive<usize>,
        mut item: impl FnMut(BodyField<'d>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let read: Vec<_> = self.items()?.map(|entry| item(self.child(entry))).collect();
        let mut seen = HashSet::new();
        let distinct: Vec<_> =
            read.into_iter().filter(|item| item.is_none() || seen.insert(item.clone())).collect();
        let right = self.has_length(distinct.len(), &length, "items");
        distinct.into_iter().collect::<Option<_>>().filter(|_| right)
    }

    /// A set to search by: not empty.
    pub fn filter_set<T: Hash + Eq + Clone>(
        &self,
        most: usize,
        item: impl FnMut(BodyField<'d>) -> Option<T>,
    ) -> Option<Vec<T>> {
        if self.items()?.len() == 0 {
            self.refuse(ErrorCode::EmptyValue, "must not be empty");
            return None;
        }
        self.set(1..=most, item)
    }

    /// An object with keys of its shape. Nothing when it is no object; faults inside are reported
    /// by the shape.
    pub fn object<T>(&self, shape: impl FnOnce(&BodyObject<'_>) -> T) -> Option<T> {
        Some(BodyObject::read(self.members()?, self.report, shape))
    }

    /// An object with keys of the caller's choice (1 to 200 characters); nothing when one of its
    /// values is faulty.
    pub fn map<T>(
        &self,
        length: RangeInclusive<usize>,
        mut value: impl FnMut(&'d str, BodyField<'d>) -> Option<T>,
    ) -> Option<Vec<(&'d str, T)>> {
        let object = self.members()?;
        let right = self.has_length(object.members.len(), &length, "entries");
        let mut seen = HashSet::new();
        let mut read = Vec::new();
        for (name, entry) in object.entries() {
            let field = self.child(entry);
            if !seen.insert(name) {
                field.push(duplicate(field.pointer()));
                read.push(None);
            } else if field.has_key_form(name) {
                read.push(value(name, field).map(|value| (name, value)));
            } else {
                read.push(None);
            }
        }
        read.into_iter().collect::<Option<_>>().filter(|_| right)
    }

    /// Any value, kept as it is: what it means depends on more than the request.
    #[must_use]
    pub const fn any(&self) -> Option<&'d JsonNode> {
        self.node
    }

    /// Any JSON object, kept as it is; keys given twice are refused at every depth.
    #[must_use]
    pub fn any_object(&self) -> Option<&'d JsonNode> {
        self.members()?;
        self.has_no_duplicates().then_some(self.node?)
    }

    fn has_no_duplicates(&self) -> bool {
        let Some(here) = self.located() else { return true };
        let mut right = true;
        if let Some(object) = here.object() {
            let mut seen = HashSet::new();
            for (name, entry) in object.entries() {
                let field = self.child(entry);
                if seen.insert(name) {
                    right &= field.has_no_duplicates();
                } else {
                    field.push(duplicate(field.pointer()));
                    right = false;
                }
            }
        }
        for item in here.items().into_iter().flatten() {
            right &= self.child(item).has_no_duplicates();
        }
        right
    }

    fn has_key_form(&self, name: &str) -> bool {
        if name.contains('\0') {
            self.refuse(ErrorCode::InvalidFormat, "must have a key without U+0000");
            return false;
        }
        let right = (1..=200).contains(&name.chars().count());
        if !right {
            let fault = Fault::new(
                self.location(),
                ErrorCode::InvalidLength,
                "must have a key of 1 to 200 characters",
            );
            self.push(fault.with_bounds(Some(1), Some(200)));
        }
        right
    }

    fn child(&self, entry: LocatedNode<'d>) -> Self {
        Self { place: entry.place, node: Some(entry.node), report: self.report }
    }

    fn located(&self) -> Option<LocatedNode<'d>> {
        Some(LocatedNode { node: self.node?, place: self.place.clone() })
    }

    fn plain_text(&self) -> Option<&'d str> {
        match self.node? {
            JsonNode::Text(text) => Some(text),
            _ => self.wrong_type("a string"),
        }
    }

    fn items(&self) -> Option<impl ExactSizeIterator<Item = LocatedNode<'d>> + use<'d>> {
        let items = self.located()?.items();
        if items.is_none() {
            self.refuse(ErrorCode::InvalidType, "must be an array");
        }
        items
    }

    fn members(&self) -> Option<LocatedObject<'d>> {
        let object = self.located()?.object();
        if object.is_none() {
            self.refuse(ErrorCode::InvalidType, "must be an object");
        }
        object
    }

    fn with_form(
        &self,
        text: &'d str,
        should: &str,
        has_form: impl FnOnce(&str) -> bool,
    ) -> Option<&'d str> {
        let right = !text.contains('\0') && has_form(text);
        if !right {
            self.refuse(ErrorCode::InvalidFormat, should);
        }
        right.then_some(text)
    }

    fn has_length(&self, found: usize, length: &RangeInclusive<usize>, unit: &str) -> bool {
        let right = length.contains(&found);
        if !right {
            let should = format!("must have {} to {} {unit}", length.start(), length.end());
            let bound = |bound: &usize| i64::try_from(*bound).ok();
            let fault = Fault::new(self.location(), ErrorCode::InvalidLength, should);
            self.push(fault.with_bounds(bound(length.start()), bound(length.end())));
        }
        right
    }

    fn wrong_type<T>(&self, wanted: &str) -> Option<T> {
        self.refuse(ErrorCode::InvalidType, format_args!("must be {wanted}"));
        None
    }

    fn location(&self) -> FaultLocation {
        FaultLocation::Body(self.place.pointer())
    }

    fn push(&self, fault: Fault) {
        self.report.push(&self.place, fault);
    }
}

pub(super) fn duplicate(pointer: JsonPointer) -> Fault {
    Fault::new(FaultLocation::Body(pointer), ErrorCode::DuplicateKey, "must be given once")
}
