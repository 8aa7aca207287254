//! Collects faults while a document is read: typed access to members, with a stand-in value where
//! one is faulty.
//!
//! A stand-in never leaves this module: a document with a fault is refused as a whole.

use super::check::KeyIndex;
use super::pattern::PatternScale;
use crate::decimal::Decimal;
use crate::document::bank::ValidationContext;
use crate::document::fault::{DocumentFault, DocumentFaultCode};
use crate::document::key::ElementKey;
use crate::json::{FaultCollector, JsonNode, LocatedNode, LocatedObject, NodeLocation};
use crate::media_reference::{MediaReference, is_asset};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use std::ops::RangeInclusive;
use uuid::Uuid;

const LONGEST_TITLE: usize = 200;
const LONGEST_TEXT: usize = 64 * 1024;
/// Seconds that a time limit may have: a week.
pub const LONGEST_TIME_LIMIT: i128 = 604_800;

/// Whether a document comes from an author or from our own store.
#[derive(Clone, Copy)]
pub enum DocumentSource<'s> {
    Author(&'s ValidationContext<'s>),
    /// Checked before: nothing outside the document is looked up and nothing is compared across it.
    Store,
}

/// Reads a document and notes every fault with its place.
pub struct DocumentReader<'n, 's> {
    pub source: DocumentSource<'s>,
    /// The namespace of derived uuids.
    pub namespace: Uuid,
    pub register: KeyIndex<'n>,
    /// Whether paths are compared with declared names; a bank question stands outside any test.
    pub compares_paths: bool,
    pub patterns: PatternScale,
    faults: FaultCollector<DocumentFault>,
    /// Of texts; what concerns the whole test is advised once it was read.
    advice: FaultCollector<DocumentFault>,
}

/// What kind of figure a decimal is: its range and how many decimals it may have (domain rules,
/// 2.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    Percentage,
    Points,
    Score,
    Ratio,
    /// Above 0 and at most 100.
    Threshold,
    /// Of a criterion: above 0.
    Weight,
}

impl<'n, 's> DocumentReader<'n, 's> {
    /// A reader that has met nothing yet.
    pub fn new(source: DocumentSource<'s>, namespace: Uuid) -> Self {
        let compares_paths = matches!(source, DocumentSource::Author(_));
        Self {
            source,
            namespace,
            register: KeyIndex::default(),
            compares_paths,
            patterns: PatternScale::default(),
            faults: FaultCollector::default(),
            advice: FaultCollector::default(),
        }
    }

    /// Whether the document is our own store's, whose outside was checked before.
    pub fn is_trusted(&self) -> bool {
        matches!(self.source, DocumentSource::Store)
    }

    /// Notes a fault; reading goes on.
    pub fn fault(&mut self, code: DocumentFaultCode, place: &NodeLocation<'n>) {
        self.fault_about(code, place, None);
    }

    /// Notes a fault with what it is about, such as a field's name.
    pub fn fault_about(
        &mut self,
        code: DocumentFaultCode,
        place: &NodeLocation<'n>,
        detail: impl Into<Option<String>>,
    ) {
        self.faults.push(place, DocumentFault::new(code, place.pointer(), detail.into()));
    }

    /// The faults in document order, at most 100.
    pub fn into_faults(self) -> Vec<DocumentFault> {
        self.faults.into_faults().0
    }

    /// What texts are advised, in document order, at most 100.
    pub fn take_advice(&mut self) -> Vec<DocumentFault> {
        std::mem::take(&mut self.advice).into_faults().0
    }

    /// A fault of a place that does not exist but is named by the rules, below an object.
    pub fn fault_of_missing(
        &mut self,
        code: DocumentFaultCode,
        object: &LocatedObject<'n>,
        name: &'static str,
    ) {
        self.fault(code, &object.place.member(name, object.members.len()));
    }

    // --- objects and lists ---

    /// The object at a place, its members not yet compared with what is defined.
    pub fn object_unchecked(&mut self, spot: &LocatedNode<'n>) -> Option<LocatedObject<'n>> {
        let object = spot.object();
        if object.is_none() {
            self.wrong_type(spot, "object");
        }
        object
    }

    /// The object at a place; members outside the given lists are faults.
    pub fn object(
        &mut self,
        spot: &LocatedNode<'n>,
        defined: &[&[&str]],
    ) -> Option<LocatedObject<'n>> {
        let object = self.object_unchecked(spot)?;
        self.reject_other_members(&object, defined);
        Some(object)
    }

    /// Reports members outside the given lists.
    pub fn reject_other_members(&mut self, object: &LocatedObject<'n>, defined: &[&[&str]]) {
        for (name, spot) in object.entries() {
            if !defined.iter().any(|names| names.contains(&name)) {
                self.fault_about(
                    DocumentFaultCode::UnknownField,
                    &spot.place,
                    name.chars().take(LONGEST_TITLE).collect::<String>(),
                );
            }
        }
    }

    /// A member that must be there; a missing one is a fault of the object.
    pub fn required(&mut self, object: &LocatedObject<'n>, name: &str) -> Option<LocatedNode<'n>> {
        let spot = object.get(name);
        if spot.is_none() {
            self.fault_about(DocumentFaultCode::MissingField, &object.place, name.to_owned());
        }
        spot
    }

    fn wrong_type(&mut self, spot: &LocatedNode<'n>, wanted: &str) {
        self.fault_about(
            DocumentFaultCode::WrongType,
            &spot.place,
            format!("{wanted} wanted, not {}", spot.node.type_name()),
        );
    }

    /// The items of a list at a place, at most so many.
    pub fn items(&mut self, spot: &LocatedNode<'n>, most: usize) -> Vec<LocatedNode<'n>> {
        let Some(items) = spot.items() else {
            self.wrong_type(spot, "array");
            return Vec::new();
        };
        if items.len() > most {
            self.fault_about(
                DocumentFaultCode::LimitExceeded,
                &spot.place,
                format!("at most {most}"),
            );
        }
        items.collect()
    }

    /// The items of an optional list.
    pub fn list(
        &mut self,
        object: &LocatedObject<'n>,
        name: &str,
        most: usize,
    ) -> Vec<LocatedNode<'n>> {
        object.get(name).map_or_else(Vec::new, |spot| self.items(&spot, most))
    }

    /// The items of a required list with the place of the list.
    pub fn required_list(
        &mut self,
        object: &LocatedObject<'n>,
        name: &str,
        most: usize,
    ) -> Option<(LocatedNode<'n>, Vec<LocatedNode<'n>>)> {
        let spot = self.required(object, name)?;
        let is_list = matches!(spot.node, JsonNode::List(_));
        let items = self.items(&spot, most);
        is_list.then_some((spot, items))
    }

    // --- single values ---

    /// The text at a place, whatever it says.
    pub fn string(&mut self, spot: &LocatedNode<'n>) -> Option<&'n str> {
        if let JsonNode::Text(text) = spot.node {
            return Some(text);
        }
        self.wrong_type(spot, "string");
        None
    }

    /// Text of at most 64 KiB at a place.
    pub fn text_at(&mut self, spot: &LocatedNode<'n>) -> String {
        let text = self.string(spot).unwrap_or_default();
        if text.len() > LONGEST_TEXT {
            self.fault_about(
                DocumentFaultCode::TextTooLong,
                &spot.place,
                "at most 64 KiB".to_owned(),
            );
        }
        text.to_owned()
    }

    /// Optional plain text.
    pub fn plain(&mut self, object: &LocatedObject<'n>, name: &str) -> String {
        object.get(name).map_or_else(String::new, |spot| self.text_at(&spot))
    }

    /// Optional Markdown, in which assets may stand.
    pub fn markdown(&mut self, object: &LocatedObject<'n>, name: &str) -> String {
        object.get(name).map_or_else(String::new, |spot| self.markdown_at(&spot))
    }

    fn markdown_at(&mut self, spot: &LocatedNode<'n>) -> String {
        let text = self.text_at(spot);
        if let DocumentSource::Author(surroundings) = self.source {
            self.judge_media(spot, &text, surroundings.has_asset);
            self.judge_markup(spot, &text);
        }
        text
    }

    /// Media in a text must have been uploaded, and should have a description; what lies elsewhere
    /// is not shown.
    fn judge_media(
        &mut self,
        spot: &LocatedNode<'n>,
        text: &str,
        has_asset: &dyn Fn(&str) -> bool,
    ) {
        if !text.contains("![") || text.len() > LONGEST_TEXT {
            return;
        }
        for image in markup::images(text) {
            let target = || image.target.chars().take(LONGEST_TITLE).collect::<String>();
            let is_data = image.target.starts_with("data:");
            if is_asset(&image.target) {
                let media = MediaReference::parse(&image.target);
                if !media.is_some_and(|media| media.digests().all(has_asset)) {
                    self.fault_about(DocumentFaultCode::AssetUnknown, &spot.place, target());
                }
            } else if !is_data {
                self.advise(DocumentFaultCode::WarnExternalMedia, spot, target());
            }
            if (is_data || is_asset(&image.target)) && !has_visible(&image.description) {
                let start = target().chars().take(80).collect();
                self.advise(DocumentFaultCode::WarnMediaDescription, spot, start);
            }
        }
    }

    fn advise(&mut self, code: DocumentFaultCode, spot: &LocatedNode<'n>, detail: String) {
        let advice = DocumentFault::new(code, spot.place.pointer(), Some(detail));
        self.advice.push(&spot.place, advice);
    }

    /// A text that could only be shown as plain text is not taken.
    fn judge_markup(&mut self, spot: &LocatedNode<'n>, text: &str) {
        // Too long a text is a fault already.
        let flaws = if text.len() <= LONGEST_TEXT { markup::find_flaws(text) } else { Vec::new() };
        for flaw in flaws {
            self.fault_about(DocumentFaultCode::TextTooLong, &spot.place, flaw.to_string());
        }
    }

    /// Markdown that must be there and show something; empty after a fault.
    pub fn required_markdown(&mut self, object: &LocatedObject<'n>, name: &str) -> String {
        let Some(spot) = self.required(object, name) else { return String::new() };
        let text = self.markdown_at(&spot);
        self.must_be_visible(&spot, &text);
        text
    }

    /// A required title or name of at most 200 characters.
    pub fn title(&mut self, object: &LocatedObject<'n>, name: &str) -> String {
        let Some(spot) = self.required(object, name) else { return String::new() };
        self.title_at(&spot)
    }

    /// A short text that must show something.
    pub fn title_at(&mut self, spot: &LocatedNode<'n>) -> String {
        let text = self.short_text_at(spot);
        self.must_be_visible(spot, &text);
        text
    }

    /// A title that may be empty.
    pub fn short_text_at(&mut self, spot: &LocatedNode<'n>) -> String {
        let text = self.string(spot).unwrap_or_default();
        if text.chars().count() > LONGEST_TITLE {
            self.fault_about(
                DocumentFaultCode::TextTooLong,
                &spot.place,
                format!("at most {LONGEST_TITLE} characters"),
            );
        }
        text.to_owned()
    }

    fn must_be_visible(&mut self, spot: &LocatedNode<'n>, text: &str) {
        if matches!(spot.node, JsonNode::Text(_)) && !has_visible(text) {
            self.fault(DocumentFaultCode::EmptyText, &spot.place);
        }
    }

    /// A boolean that may be left out; of another type it is a fault and none.
    pub fn optional_flag(&mut self, object: &LocatedObject<'n>, name: &str) -> Option<bool> {
        let spot = object.get(name)?;
        if let JsonNode::Bool(value) = spot.node {
            return Some(*value);
        }
        self.wrong_type(&spot, "boolean");
        None
    }

    /// A boolean, or what holds without it.
    pub fn flag(&mut self, object: &LocatedObject<'n>, name: &str, default: bool) -> bool {
        self.optional_flag(object, name).unwrap_or(default)
    }

    /// The integer at a place; one beyond all ranges comes back as the largest or smallest there
    /// is.
    pub fn integer_at(&mut self, spot: &LocatedNode<'n>) -> Option<i128> {
        if let JsonNode::Number(literal) = spot.node {
            let digits = literal.strip_prefix('-').unwrap_or(literal);
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                let far = if literal.starts_with('-') { i128::MIN } else { i128::MAX };
                return Some(literal.parse().unwrap_or(far));
            }
        }
        self.wrong_type(spot, "integer");
        None
    }

    /// An optional integer within a range; another one is a fault with the given code.
    pub fn integer<T: TryFrom<i128>>(
        &mut self,
        object: &LocatedObject<'n>,
        name: &str,
        range: RangeInclusive<i128>,
        code: DocumentFaultCode,
    ) -> Option<T> {
        let spot = object.get(name)?;
        let value = self.integer_at(&spot)?;
        if !range.contains(&value) {
            self.fault_about(code, &spot.place, format!("{} to {}", range.start(), range.end()));
            return None;
        }
        T::try_from(value).ok()
    }

    /// Seconds up to [`LONGEST_TIME_LIMIT`]; 0 is no limit.
    pub fn time_limit(&mut self, object: &LocatedObject<'n>, name: &str) -> u32 {
        self.integer(object, name, 0..=LONGEST_TIME_LIMIT, DocumentFaultCode::TimeLimitRange)
            .unwrap_or(0)
    }

    /// An optional word of a closed set.
    pub fn optional_word<T: Deserialize<'n>>(
        &mut self,
        object: &LocatedObject<'n>,
        name: &str,
    ) -> Option<T> {
        let spot = object.get(name)?;
        self.word_at(&spot)
    }

    /// One of a closed set of words; the default when it is left out or wrong.
    pub fn word<T: Deserialize<'n> + Default>(
        &mut self,
        object: &LocatedObject<'n>,
        name: &str,
    ) -> T {
        self.optional_word(object, name).unwrap_or_default()
    }

    /// One of a closed set of words; another is a fault and none.
    pub fn word_at<T: Deserialize<'n>>(&mut self, spot: &LocatedNode<'n>) -> Option<T> {
        let text = self.string(spot)?;
        let deserializer: StrDeserializer<'_, WordError> = text.into_deserializer();
        let word = T::deserialize(deserializer).ok();
        if word.is_none() {
            self.fault(DocumentFaultCode::BadEnum, &spot.place);
        }
        word
    }

    // --- keys and uuids ---

    /// A required key.
    pub fn key(&mut self, object: &LocatedObject<'n>) -> Option<(ElementKey, NodeLocation<'n>)> {
        let spot = self.required(object, "key")?;
        self.key_at(&spot).map(|key| (key, spot.place))
    }

    /// A key of letters, digits, `-` and `_`; another is a fault and none.
    pub fn key_at(&mut self, spot: &LocatedNode<'n>) -> Option<ElementKey> {
        let text = self.string(spot)?;
        let key = ElementKey::parse(text);
        if key.is_none() {
            self.fault(DocumentFaultCode::BadKey, &spot.place);
        }
        key
    }

    /// An optional uuid.
    pub fn uuid(&mut self, object: &LocatedObject<'n>) -> Option<Uuid> {
        let spot = object.get("uuid")?;
        let text = self.string(&spot)?;
        let uuid =
            Uuid::try_parse(text).ok().filter(|uuid| uuid.as_hyphenated().to_string() == *text);
        if uuid.is_none() {
            self.fault(DocumentFaultCode::BadUuid, &spot.place);
        }
        uuid
    }

    // --- figures ---

    /// The decimal at a place: a number or a string with the same text.
    pub fn figure_at(&mut self, spot: &LocatedNode<'n>, figure: FigureKind) -> Option<Decimal> {
        let (JsonNode::Number(literal) | JsonNode::Text(literal)) = spot.node else {
            self.wrong_type(spot, "number or string");
            return None;
        };
        let Some(value) =
            Decimal::parse(literal).filter(|value| value.decimals() <= figure.decimals())
        else {
            self.fault_about(
                DocumentFaultCode::BadDecimal,
                &spot.place,
                format!("at most {} decimals", figure.decimals()),
            );
            return None;
        };
        if figure.contains(value) {
            return Some(value);
        }
        self.fault(figure.range_code(), &spot.place);
        None
    }

    /// An optional figure.
    pub fn figure(
        &mut self,
        object: &LocatedObject<'n>,
        name: &str,
        figure: FigureKind,
    ) -> Option<Decimal> {
        let spot = object.get(name)?;
        self.figure_at(&spot, figure)
    }

    /// A number that must be there, within the bounds of its kind; 0 after a fault.
    pub fn required_figure(
        &mut self,
        object: &LocatedObject<'n>,
        name: &str,
        figure: FigureKind,
    ) -> Decimal {
        self.required(object, name)
            .and_then(|spot| self.figure_at(&spot, figure))
            .unwrap_or_default()
    }
}

impl FigureKind {
    const fn decimals(self) -> u32 {
        match self {
            Self::Percentage | Self::Threshold => 4,
            Self::Points | Self::Score | Self::Ratio | Self::Weight => 6,
        }
    }

    fn contains(self, value: Decimal) -> bool {
        let most = Decimal::from(100_000);
        match self {
            Self::Percentage => value.cap() == value,
            Self::Points => !value.is_negative() && value <= most,
            Self::Score => value.abs() <= most,
            Self::Weight => value > Decimal::ZERO && value <= most,
            Self::Threshold => value > Decimal::ZERO && value <= Decimal::HUNDRED,
            // Ratios may lie below -1, where negative points exceed points; the pass mark has a
            // range of its own.
            Self::Ratio => true,
        }
    }

    const fn range_code(self) -> DocumentFaultCode {
        match self {
            Self::Percentage => DocumentFaultCode::PercentageRange,
            Self::Points => DocumentFaultCode::PointsRange,
            Self::Threshold => DocumentFaultCode::ThresholdRange,
            Self::Weight => DocumentFaultCode::RubricWeight,
            Self::Score | Self::Ratio => DocumentFaultCode::ScoreRange,
        }
    }
}

/// Whether a text shows anything: white space, controls and marks of width zero do not.
pub fn has_visible(text: &str) -> bool {
    let width_zero = |letter: char| {
        matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    text.chars()
        .any(|letter| !letter.is_whitespace() && !letter.is_control() && !width_zero(letter))
}
