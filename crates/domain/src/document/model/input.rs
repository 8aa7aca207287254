//! Questions answered by typing, uploading or recording, and the rules that score them.

use crate::decimal::Decimal;
use crate::document::key::Key;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A question answered by typing, uploading or recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Input {
    Field(Text),
    Area(Text),
    Rich(Rich),
    Code(Code),
    Numeric(Numeric),
    Tabular(Tabular),
    Audio(Recording),
    Video(Recording),
    File(Upload),
    Photo(Upload),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Text {
    pub max_length: u32,
    pub rules: Vec<TextRule>,
    pub otherwise: Decimal,
    #[serde(flatten)]
    pub normalisation: Normalisation,
}

/// How texts are made comparable before text rules meet them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Normalisation {
    pub case_sensitive: bool,
    pub whitespace: Whitespace,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Whitespace {
    #[default]
    Collapse,
    Trim,
    Exact,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rich {
    pub max_length: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Code {
    pub max_length: u32,
    pub language: String,
    pub template: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Numeric {
    pub unit: String,
    #[serde(flatten)]
    pub separators: Separators,
    pub rules: Vec<NumericRule>,
    pub otherwise: Decimal,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Separators {
    pub decimal_separator: DecimalSeparator,
    pub group_separator: GroupSeparator,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DecimalSeparator {
    #[default]
    #[serde(rename = "either")]
    Either,
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GroupSeparator {
    #[default]
    #[serde(rename = "none")]
    None,
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
    #[serde(rename = "space")]
    Space,
    #[serde(rename = "'")]
    Apostrophe,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tabular {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    pub cells: Vec<Cell>,
    #[serde(flatten)]
    pub normalisation: Normalisation,
    #[serde(flatten)]
    pub separators: Separators,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Column {
    pub key: Key,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: ColumnKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    Field,
    Numeric,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Row {
    pub key: Key,
    pub title: String,
}

/// The rules of one cell; a cell without an entry earns nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cell {
    pub row: Key,
    pub column: Key,
    pub rules: CellRules,
    pub otherwise: Decimal,
}

/// The rules of a cell, after the kind of its column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum CellRules {
    Field(Vec<TextRule>),
    Numeric(Vec<NumericRule>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    pub max_seconds: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    pub max_files: u32,
    pub max_bytes: u64,
    /// Media types such as `image/png` or `image/*`; empty allows any.
    pub media_types: Vec<String>,
}

/// A rule on text with the percentage it earns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TextRule {
    #[serde(flatten)]
    pub condition: TextCondition,
    pub percentage: Decimal,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum TextCondition {
    Equal { value: String },
    NotEqual { value: String },
    Matches { pattern: String },
    NotMatches { pattern: String },
    OneOf { values: Vec<String> },
    NoneOf { values: Vec<String> },
}

/// A rule on a number with the percentage it earns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NumericRule {
    #[serde(flatten)]
    pub condition: NumericCondition,
    pub percentage: Decimal,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum NumericCondition {
    Equal { value: Decimal, tolerance: Decimal },
    NotEqual { value: Decimal, tolerance: Decimal },
    Between { min: Decimal, max: Decimal, inclusive: bool },
    Compare { op: Comparison, value: Decimal },
    OneOf { values: Vec<Decimal>, tolerance: Decimal },
    NoneOf { values: Vec<Decimal>, tolerance: Decimal },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Comparison {
    #[serde(rename = "<")]
    Less,
    #[serde(rename = "<=")]
    LessOrEqual,
    #[serde(rename = ">")]
    Greater,
    #[serde(rename = ">=")]
    GreaterOrEqual,
}
