//! The types of a compiled test.
//!
//! A compiled test shares its texts with the frozen document it was compiled from, so many
//! instances of one document cost their orders only.

use crate::document::key::ElementKey;
use crate::document::model::{Question, Section, Test};
use std::ops::Range;
use std::sync::Arc;
use uuid::Uuid;

/// A test as one instance delivers it: drawn, ordered, numbered, with its limits.
///
/// `sections`, `pages` and `slots` are in compiled order. Indexes count from 0; published numbers
/// are index + 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledTest {
    /// The frozen document: bank references resolved, bank pools drawn.
    pub test: Arc<Test>,
    /// Seconds with the candidate's time factor applied; 0 is none.
    pub time_limit: u32,
    pub sections: Vec<CompiledSection>,
    pub pages: Vec<CompiledPage>,
    pub slots: Vec<Slot>,
}

/// A section of an instance: ranges over its pages and slots, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledSection {
    /// Index in `test.sections`.
    pub source: usize,
    pub time_limit: u32,
    pub pages: Range<usize>,
    pub slots: Range<usize>,
}

/// A page of an instance, drawn and in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledPage {
    pub key: ElementKey,
    pub uuid: Uuid,
    pub title: Option<Arc<str>>,
    pub text: Arc<str>,
    pub section: usize,
    pub time_limit: u32,
    pub slots: Range<usize>,
}

/// One question at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub question: Arc<Question>,
    pub section: usize,
    pub page: usize,
    /// The question's own value or its pool's.
    pub required: bool,
    pub effective: bool,
    pub order: PartOrder,
}

/// The order in which a question's parts are shown, as indexes into the authored lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartOrder {
    /// Input questions have nothing to order.
    None,
    Choices(Vec<u16>),
    Match {
        items: Vec<u16>,
        options: Vec<u16>,
        /// For each item in authored order, the order of its private options; empty when it has
        /// none.
        private: Vec<Vec<u16>>,
    },
}

impl CompiledTest {
    /// The authored section behind a compiled one.
    #[must_use]
    pub fn section(&self, index: usize) -> &Section {
        &self.test.sections[self.sections[index].source]
    }
}
