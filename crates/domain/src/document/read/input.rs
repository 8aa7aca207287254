//! Reads input questions.

use super::question::Scorable;
use super::reader::{DocumentReader, FigureKind};
use crate::document::fault::DocumentFaultCode;
use crate::document::model::{
    CodeInput, DecimalSeparator, GroupSeparator, Input, Normalisation, NumberSeparators,
    NumericInput, QuestionBody, RecordingInput, RichTextInput, TextInput, Typography, UploadInput,
};
use crate::json::JsonNode;
use crate::json::{LocatedNode, LocatedObject, NodeLocation};
use serde::Deserialize;

const NORMALISATION: &[&str] = &["caseSensitive", "whitespace", "typography"];
const SEPARATORS: &[&str] = &["decimalSeparator", "groupSeparator"];
const MOST_MEDIA_TYPES: usize = 200;

/// The words of `type`.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TypeWord {
    Field,
    Area,
    Rich,
    Code,
    Numeric,
    Tabular,
    Audio,
    Video,
    File,
    Photo,
}

impl TypeWord {
    /// The fields of this type beside `type`.
    fn defined(self) -> Vec<&'static str> {
        let own: &[&[&'static str]] = match self {
            Self::Field | Self::Area => &[&["maxLength", "rules", "otherwise"], NORMALISATION],
            Self::Rich => &[&["maxLength"]],
            Self::Code => &[&["maxLength", "language", "template"]],
            Self::Numeric => &[&["unit", "typography", "rules", "otherwise"], SEPARATORS],
            Self::Tabular => &[&["columns", "rows", "cells"], NORMALISATION, SEPARATORS],
            Self::Audio | Self::Video => &[&["maxSeconds"]],
            Self::File | Self::Photo => &[&["maxFiles", "maxBytes", "mediaTypes"]],
        };
        own.concat()
    }

    const fn takes_rules(self) -> bool {
        match self {
            Self::Field | Self::Area | Self::Numeric => true,
            // A table has rules in its cells.
            Self::Tabular
            | Self::Rich
            | Self::Code
            | Self::Audio
            | Self::Video
            | Self::File
            | Self::Photo => false,
        }
    }
}

impl<'n> DocumentReader<'n, '_> {
    /// Reads what is entered and how it is scored; none when its `type` is missing or unknown.
    pub fn input(&mut self, object: &LocatedObject<'n>) -> Option<Scorable<'n>> {
        let spot = self.required(object, "type")?;
        let word: TypeWord = self.word_at(&spot)?;
        let mut defined = word.defined();
        defined.push("type");
        let stray_rules = object.get("rules").filter(|_| !word.takes_rules());
        if stray_rules
            .is_some_and(|rules| matches!(rules.node, JsonNode::List(items) if !items.is_empty()))
        {
            self.no_rules(object);
            defined.push("rules");
        }
        self.reject_unknown_members(object, &defined);
        let rules = if word.takes_rules() { self.rule_lists(object) } else { Vec::new() };
        let (input, rules) = match word {
            TypeWord::Field => (Input::Field(self.text(object, 1000)), rules),
            TypeWord::Area => (Input::Area(self.text(object, 20_000)), rules),
            TypeWord::Rich => {
                (Input::Rich(RichTextInput { max_length: self.max_length(object, 100_000) }), rules)
            }
            TypeWord::Code => (Input::Code(self.code(object)), rules),
            TypeWord::Numeric => (Input::Numeric(self.numeric(object)), rules),
            TypeWord::Tabular => {
                let (tabular, rules) = self.tabular(object);
                (Input::Tabular(tabular), rules)
            }
            TypeWord::Audio => (Input::Audio(self.recording(object)), rules),
            TypeWord::Video => (Input::Video(self.recording(object)), rules),
            TypeWord::File => (Input::File(self.upload(object, &[])), rules),
            TypeWord::Photo => (Input::Photo(self.upload(object, &["image/*"])), rules),
        };
        Some(Scorable { kind: QuestionBody::Input(input), rules })
    }

    /// The place of an object's list of rules, if there are any.
    pub fn rule_lists(&mut self, object: &LocatedObject<'n>) -> Vec<NodeLocation<'n>> {
        let with_rules = |spot: &LocatedNode<'n>| matches!(spot.node, JsonNode::List(items) if !items.is_empty());
        object.get("rules").filter(with_rules).map(|spot| spot.place).into_iter().collect()
    }

    fn limit<T: TryFrom<i128>>(
        &mut self,
        object: &LocatedObject<'n>,
        name: &str,
        most: i128,
    ) -> Option<T> {
        self.integer(object, name, 1..=most, DocumentFaultCode::InputLimitRange)
    }

    fn max_length(&mut self, object: &LocatedObject<'n>, default: u32) -> u32 {
        self.limit(object, "maxLength", 1_000_000).unwrap_or(default)
    }

    fn text(&mut self, object: &LocatedObject<'n>, max_length: u32) -> TextInput {
        let (max_length, rules) = (self.max_length(object, max_length), self.text_rules(object));
        self.weigh_rules(object, max_length, &rules);
        TextInput {
            max_length,
            rules,
            otherwise: self.figure(object, "otherwise", FigureKind::Percentage).unwrap_or_default(),
            normalisation: self.normalisation(object),
        }
    }

    /// Reads how two texts are made comparable.
    pub fn normalisation(&mut self, object: &LocatedObject<'n>) -> Normalisation {
        Normalisation {
            case_sensitive: self.flag(object, "caseSensitive", false),
            whitespace: self.word(object, "whitespace"),
            typography: self.typography(object),
        }
    }

    /// Reads how loosely marks are compared. A document of our store that does not say so was kept
    /// before it could, and keeps the meaning it had.
    fn typography(&mut self, object: &LocatedObject<'n>) -> Option<Typography> {
        let said = self.optional_word(object, "typography");
        if self.is_trusted() { said } else { said.or(Some(Typography::default())) }
    }

    fn code(&mut self, object: &LocatedObject<'n>) -> CodeInput {
        CodeInput {
            max_length: self.max_length(object, 100_000),
            language: self.plain(object, "language"),
            template: self.plain(object, "template"),
        }
    }

    fn numeric(&mut self, object: &LocatedObject<'n>) -> NumericInput {
        let separators = self.separators(object);
        NumericInput {
            unit: self.plain(object, "unit"),
            separators,
            typography: self.typography(object),
            rules: self.numeric_rules(object, separators),
            otherwise: self.figure(object, "otherwise", FigureKind::Percentage).unwrap_or_default(),
        }
    }

    /// Reads how numbers are written; equal separators are a fault.
    pub fn separators(&mut self, object: &LocatedObject<'n>) -> NumberSeparators {
        let decimal_separator: DecimalSeparator = self.word(object, "decimalSeparator");
        let group_separator: GroupSeparator = self.word(object, "groupSeparator");
        let conflict = match group_separator {
            GroupSeparator::Point => decimal_separator != DecimalSeparator::Comma,
            GroupSeparator::Comma => decimal_separator != DecimalSeparator::Point,
            GroupSeparator::None | GroupSeparator::Space | GroupSeparator::Apostrophe => false,
        };
        if conflict {
            self.fault(DocumentFaultCode::SeparatorConflict, &object.location_of("groupSeparator"));
        }
        NumberSeparators { decimal_separator, group_separator }
    }

    fn recording(&mut self, object: &LocatedObject<'n>) -> RecordingInput {
        RecordingInput { max_seconds: self.limit(object, "maxSeconds", 3600).unwrap_or(300) }
    }

    fn upload(&mut self, object: &LocatedObject<'n>, media_types: &[&str]) -> UploadInput {
        let media_types = if object.has("mediaTypes") {
            let spots = self.list(object, "mediaTypes", MOST_MEDIA_TYPES);
            spots.iter().map(|spot| self.title_at(spot)).collect()
        } else {
            media_types.iter().map(|&media_type| media_type.to_owned()).collect()
        };
        UploadInput {
            max_files: self.limit(object, "maxFiles", 20).unwrap_or(1),
            max_bytes: self.limit(object, "maxBytes", 2 << 30).unwrap_or(20 << 20),
            media_types,
        }
    }
}
