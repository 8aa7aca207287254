//! Reading a query string (REST specification, 1.3): an endpoint asks for its parameters by name and gets all faults
//! at once, in the order sent.
//!
//! Whatever was not asked for is unknown when [`Query::finish`] is called, so the list of known names cannot drift.
//! Must never let a slip pass: an unknown, repeated or empty parameter is always a fault.

use crate::integer::{self, NotWithin};
use crate::percent;
use crate::suggestion::suggest;
use domain::fault::{Code, Fault, Faults, Place};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Bytes a request target may have.
pub const LONGEST_TARGET: usize = 8 * 1024;

enum Value<'q> {
    Malformed,
    Text(Cow<'q, str>),
}

/// The first position of a name and what was sent under it.
struct Given<'q> {
    position: usize,
    values: Vec<Value<'q>>,
}

/// A query string being read.
pub struct Query<'q> {
    given: HashMap<Cow<'q, str>, Given<'q>>,
    known: Vec<&'static str>,
    faults: Vec<(usize, Fault)>,
    conflicts: Vec<(usize, Fault)>,
}

impl<'q> Query<'q> {
    /// Splits a raw query string (without `?`) of a target that has `target_length` bytes.
    #[must_use]
    pub fn parse(raw: &'q str, target_length: usize) -> Self {
        let mut query = Self { given: HashMap::new(), known: Vec::new(), faults: Vec::new(), conflicts: Vec::new() };
        if target_length > LONGEST_TARGET {
            let should = format!("must make a request target of at most {LONGEST_TARGET} bytes");
            query.faults.push((0, Fault::new(Place::Query(None), Code::MalformedQuery, should)));
            return query;
        }
        let pieces = raw.split('&').filter(|piece| !piece.is_empty());
        pieces.enumerate().for_each(|(position, piece)| query.take_pair(position, piece));
        query
    }

    fn take_pair(&mut self, position: usize, piece: &'q str) {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        let Ok(name) = percent::decode_form(name) else {
            self.faults.push((position, malformed(None)));
            return;
        };
        let value = percent::decode_form(value).map_or(Value::Malformed, Value::Text);
        if matches!(value, Value::Malformed) {
            self.faults.push((position, malformed(Some(name.clone().into_owned()))));
        }
        self.given.entry(name).or_insert_with(|| Given { position, values: Vec::new() }).values.push(value);
    }

    /// Whether the name was sent at all, with whatever value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// An integer within bounds; `default` when it was not sent or is faulty.
    pub fn integer(&mut self, name: &'static str, bounds: RangeInclusive<i64>, default: i64) -> i64 {
        let Some((position, text)) = self.single(name) else { return default };
        integer::within(&text, &bounds).unwrap_or_else(|reason| {
            let fault = match reason {
                NotWithin::Bounds => Fault::out_of_range(Place::query(name), *bounds.start(), *bounds.end()),
                NotWithin::Type => Fault::new(Place::query(name), Code::InvalidType, "must be an integer"),
            };
            self.faults.push((position, fault));
            default
        })
    }

    /// One of a closed set of words, for example `query.word("mode", Mode::ALL, Mode::as_str)`.
    pub fn word<T: Copy>(&mut self, name: &'static str, all: &[T], spelling: fn(T) -> &'static str) -> Option<T> {
        let (position, text) = self.single(name)?;
        let found = all.iter().copied().find(|word| spelling(*word) == text);
        if found.is_none() {
            let words: Vec<_> = all.iter().copied().map(spelling).collect();
            self.faults.push((position, Fault::invalid_enum(Place::query(name), &words)));
        }
        found
    }

    /// A text that is not empty, as sent.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        let (position, text) = self.single(name)?;
        if text.contains('\0') {
            let fault = Fault::new(Place::query(name), Code::InvalidFormat, "must not contain U+0000");
            self.faults.push((position, fault));
            return None;
        }
        Some(text.into_owned())
    }

    /// Filters that exclude each other: one fault for each that was sent, if there are two or more.
    pub fn exclusive(&mut self, filters: &[&'static str]) {
        let sent: Vec<_> = filters.iter().filter_map(|name| Some((self.given.get(*name)?.position, *name))).collect();
        if sent.len() > 1 {
            let should = format!("excludes the other filters; send one of {}", filters.join(", "));
            let fault = |name| Fault::new(Place::query(name), Code::ConflictingFilters, &should);
            self.conflicts.extend(sent.into_iter().map(|(position, name)| (position, fault(name))));
        }
    }

    /// Reports what only the data could tell of a parameter that was sent, for example that its cursor is unknown.
    pub fn refuse(&mut self, name: &'static str, code: Code, should: &str) {
        if let Some(given) = self.given.get(name) {
            self.faults.push((given.position, Fault::new(Place::query(name), code, should)));
        }
    }

    /// Reports all faults in the order sent; the conflicts of filters come after them.
    pub fn finish(mut self, faults: &mut Faults) {
        let known = std::mem::take(&mut self.known);
        for (name, given) in &self.given {
            if !known.contains(&name.as_ref()) && given.values.iter().any(|value| matches!(value, Value::Text(_))) {
                self.faults.push((given.position, unknown(name, &known)));
            }
        }
        self.faults.sort_by_key(|(position, _)| *position);
        self.conflicts.sort_by_key(|(position, _)| *position);
        faults.extend(self.faults.into_iter().chain(self.conflicts).map(|(_, fault)| fault));
    }

    /// The one value of a known name; repeats and emptiness are reported here.
    fn single(&mut self, name: &'static str) -> Option<(usize, Cow<'q, str>)> {
        self.known.push(name);
        let given = self.given.get_mut(name)?;
        let fault = match given.values.as_mut_slice() {
            [Value::Malformed] => return None,
            [Value::Text(text)] if !text.is_empty() => return Some((given.position, std::mem::take(text))),
            [Value::Text(_)] => Fault::new(Place::query(name), Code::EmptyValue, "must not be empty"),
            _ => Fault::new(Place::query(name), Code::RepeatedParameter, "must be given once"),
        };
        self.faults.push((given.position, fault));
        None
    }
}

fn malformed(name: Option<String>) -> Fault {
    Fault::new(Place::Query(name), Code::MalformedQuery, "must be percent-encoded UTF-8")
}

fn unknown(name: &str, known: &[&'static str]) -> Fault {
    let should = if known.is_empty() {
        "is not a parameter; there are none here".to_owned()
    } else {
        format!("is not a parameter; there are {}", known.join(", "))
    };
    Fault::new(Place::query(name), Code::UnknownParameter, should).suggesting(suggest(name, known))
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
