//! Reading a query string (REST specification, 1.3): an endpoint asks for its parameters by name
//! and gets all faults at once, in the order sent.
//!
//! Whatever was not asked for is unknown when [`QueryReader::finish`] is called, so the list of
//! known names cannot drift. Must never let a slip pass: an unknown, repeated or empty parameter is
//! always a fault.

use crate::integer::{self, IntegerError};
use crate::percent;
use crate::suggestion::suggest;
use domain::fault::{ErrorCode, Fault, FaultLocation, Faults};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Bytes a request target may have.
pub const LONGEST_TARGET: usize = 8 * 1024;

enum QueryValue<'q> {
    Malformed,
    Text(Cow<'q, str>),
}

/// The first position of a name and what was sent under it.
struct SentParameter<'q> {
    position: usize,
    values: Vec<QueryValue<'q>>,
}

/// A query string being read.
pub struct QueryReader<'q> {
    sent: HashMap<Cow<'q, str>, SentParameter<'q>>,
    expected: Vec<&'static str>,
    missing: Vec<Fault>,
    faults: Vec<(usize, Fault)>,
    conflicts: Vec<(usize, Fault)>,
}

impl<'q> QueryReader<'q> {
    /// Splits a raw query string (without `?`) of a target that has `target_length` bytes.
    #[must_use]
    pub fn parse(raw: &'q str, target_length: usize) -> Self {
        let mut query = Self {
            sent: HashMap::new(),
            expected: Vec::new(),
            missing: Vec::new(),
            faults: Vec::new(),
            conflicts: Vec::new(),
        };
        if target_length > LONGEST_TARGET {
            let should = format!("must make a request target of at most {LONGEST_TARGET} bytes");
            query.faults.push((
                0,
                Fault::new(FaultLocation::Query(None), ErrorCode::MalformedQuery, should),
            ));
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
        let value = percent::decode_form(value).map_or(QueryValue::Malformed, QueryValue::Text);
        if matches!(value, QueryValue::Malformed) {
            self.faults.push((position, malformed(Some(name.clone().into_owned()))));
        }
        self.sent
            .entry(name)
            .or_insert_with(|| SentParameter { position, values: Vec::new() })
            .values
            .push(value);
    }

    /// Whether the name was sent at all, with whatever value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.sent.contains_key(name)
    }

    /// An integer within bounds; `default` when it was not sent or is faulty.
    pub fn integer(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<i64>,
        default: i64,
    ) -> i64 {
        let Some((position, text)) = self.single(name) else { return default };
        integer::within(&text, &bounds).unwrap_or_else(|reason| {
            let fault = match reason {
                IntegerError::Bounds => {
                    Fault::out_of_range(FaultLocation::query(name), *bounds.start(), *bounds.end())
                }
                IntegerError::Type => Fault::new(
                    FaultLocation::query(name),
                    ErrorCode::InvalidType,
                    "must be an integer",
                ),
            };
            self.faults.push((position, fault));
            default
        })
    }

    /// One of a closed set of words, for example `query.word("mode", Mode::ALL, Mode::as_str)`.
    pub fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        all: &[T],
        spelling: fn(T) -> &'static str,
    ) -> Option<T> {
        let (position, text) = self.single(name)?;
        let found = all.iter().copied().find(|word| spelling(*word) == text);
        if found.is_none() {
            let words: Vec<_> = all.iter().copied().map(spelling).collect();
            self.faults.push((position, Fault::invalid_enum(FaultLocation::query(name), &words)));
        }
        found
    }

    /// A text that is not empty, as sent.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        let (position, text) = self.single(name)?;
        if text.contains('\0') {
            let fault = Fault::new(
                FaultLocation::query(name),
                ErrorCode::InvalidFormat,
                "must not contain U+0000",
            );
            self.faults.push((position, fault));
            return None;
        }
        Some(text.into_owned())
    }

    /// Filters that exclude each other: one fault for each that was sent, if there are two or more.
    pub fn exclusive(&mut self, filters: &[&'static str]) {
        let sent: Vec<_> = filters
            .iter()
            .filter_map(|name| Some((self.sent.get(*name)?.position, *name)))
            .collect();
        if sent.len() > 1 {
            let should = format!("excludes the other filters; send one of {}", filters.join(", "));
            let fault = |name| {
                Fault::new(FaultLocation::query(name), ErrorCode::ConflictingFilters, &should)
            };
            self.conflicts.extend(sent.into_iter().map(|(position, name)| (position, fault(name))));
        }
    }

    /// Reports that a parameter was not sent.
    pub fn require(&mut self, name: &'static str) {
        if !self.has(name) {
            self.missing.push(Fault::new(
                FaultLocation::query(name),
                ErrorCode::Required,
                "must be given",
            ));
        }
    }

    /// Reports what only the data could tell of a parameter that was sent, for example that its
    /// cursor is unknown.
    pub fn refuse(&mut self, name: &'static str, code: ErrorCode, should: &str) {
        if let Some(parameter) = self.sent.get(name) {
            self.faults
                .push((parameter.position, Fault::new(FaultLocation::query(name), code, should)));
        }
    }

    /// Reports all faults: what was not sent, then the others in the order sent; the conflicts of
    /// filters come last.
    pub fn finish(mut self, faults: &mut Faults) {
        let expected = std::mem::take(&mut self.expected);
        for (name, parameter) in &self.sent {
            if !expected.contains(&name.as_ref())
                && parameter.values.iter().any(|value| matches!(value, QueryValue::Text(_)))
            {
                self.faults.push((parameter.position, unknown(name, &expected)));
            }
        }
        self.faults.sort_by_key(|(position, _)| *position);
        self.conflicts.sort_by_key(|(position, _)| *position);
        let sent = self.faults.into_iter().chain(self.conflicts).map(|(_, fault)| fault);
        faults.extend(self.missing.into_iter().chain(sent));
    }

    /// The one value of a known name; repeats and emptiness are reported here.
    fn single(&mut self, name: &'static str) -> Option<(usize, Cow<'q, str>)> {
        self.expected.push(name);
        let parameter = self.sent.get_mut(name)?;
        let fault = match parameter.values.as_mut_slice() {
            [QueryValue::Malformed] => return None,
            [QueryValue::Text(text)] if !text.is_empty() => {
                return Some((parameter.position, std::mem::take(text)));
            }
            [QueryValue::Text(_)] => {
                Fault::new(FaultLocation::query(name), ErrorCode::EmptyValue, "must not be empty")
            }
            _ => Fault::new(
                FaultLocation::query(name),
                ErrorCode::RepeatedParameter,
                "must be given once",
            ),
        };
        self.faults.push((parameter.position, fault));
        None
    }
}

fn malformed(name: Option<String>) -> Fault {
    Fault::new(
        FaultLocation::Query(name),
        ErrorCode::MalformedQuery,
        "must be percent-encoded UTF-8",
    )
}

fn unknown(name: &str, names: &[&'static str]) -> Fault {
    let should = if names.is_empty() {
        "is not a parameter; there are none here".to_owned()
    } else {
        format!("is not a parameter; there are {}", names.join(", "))
    };
    Fault::new(FaultLocation::query(name), ErrorCode::UnknownParameter, should)
        .with_suggestion(suggest(name, names))
}

#[cfg(test)]
mod tests;
