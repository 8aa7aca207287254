//! Questions answered by typing, uploading or recording, and the rules that score them.

use crate::decimal::Decimal;
use crate::document::key::ElementKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters of a table's cell.
pub const CELL_LENGTH: u32 = 1000;

/// A question answered by typing, uploading or recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Input {
    /// A short text on one line.
    Field(TextInput),
    /// A longer text on several lines.
    Area(TextInput),
    /// A text with headings, lists and emphasis. A person scores it.
    Rich(RichTextInput),
    /// Program code or other text in letters of equal width. A person scores it.
    Code(CodeInput),
    /// One number.
    Numeric(NumericInput),
    /// A table whose cells are filled in.
    Tabular(TabularInput),
    /// A sound recording made on the page. A person scores it.
    Audio(RecordingInput),
    /// A film made on the page. A person scores it.
    Video(RecordingInput),
    /// Files that are handed in. A person scores them.
    File(UploadInput),
    /// Photos that are taken or handed in. A person scores them.
    Photo(UploadInput),
}

/// A question answered by a text without form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TextInput {
    /// The longest answer in characters, 1 to 1000000 and at most 20000 where a rule has a pattern.
    /// Left out, 1000 for a `field` and 20000 for an `area`.
    #[schemars(with = "Option<u32>", range(min = 1, max = 1_000_000))]
    pub max_length: u32,
    /// What answers earn. The percentages of all rules that hold are added and never exceed -100 or
    /// 100. Without a rule a person scores the answers.
    #[schemars(default, length(max = 100))]
    pub rules: Vec<TextRule>,
    /// What an answer earns when no rule holds, in percent: -100 to 100 with at most 4 decimals.
    #[schemars(default, extend("minimum" = -100, "maximum" = 100))]
    pub otherwise: Decimal,
    #[serde(flatten)]
    pub normalisation: Normalisation,
}

/// How texts are made comparable before text rules meet them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Normalisation {
    /// Whether capital and small letters differ when answers are compared. Patterns always tell
    /// them apart unless they begin with `(?i)`.
    #[schemars(default)]
    pub case_sensitive: bool,
    /// How blanks and line breaks are treated when answers are compared.
    #[schemars(default)]
    pub whitespace: Whitespace,
    /// Whether the marks that keyboards and word processors put in by themselves differ when
    /// answers are compared. A document that was kept before there was a choice says nothing and
    /// means `exact` until it is kept anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Typography", default = "preset::typography")]
    pub typography: Option<Typography>,
}

/// How marks that look alike are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Typography {
    /// Curly and straight quotation marks, hyphens and dashes, raised and full-width forms are the
    /// same, and marks that nobody sees are ignored. Numbers may have their unit after them, blanks
    /// after the sign and the digits of any script.
    #[default]
    Loose,
    /// Each mark counts as it was typed.
    Exact,
}

/// How blanks and line breaks are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Whitespace {
    /// Those around the text are ignored, several in a row count as one.
    #[default]
    Collapse,
    /// Those around the text are ignored.
    Trim,
    /// Each one counts.
    Exact,
}

/// A question answered by a text with form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RichTextInput {
    /// The longest answer in characters, counted with its marks of form.
    #[schemars(default = "preset::hundred_thousand", range(min = 1, max = 1_000_000))]
    pub max_length: u32,
}

/// A question answered by program code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CodeInput {
    /// The longest answer in characters.
    #[schemars(default = "preset::hundred_thousand", range(min = 1, max = 1_000_000))]
    pub max_length: u32,
    /// The programming language, told to candidates and evaluators, such as `python`. Code is never
    /// run.
    #[schemars(default)]
    pub language: String,
    /// What stands in the answer before the candidate begins.
    #[schemars(default)]
    pub template: String,
}

/// A question answered by one number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NumericInput {
    /// The unit that stands beside the answer, such as `EUR`. Candidates need not write it, and may
    /// write it after the number.
    #[schemars(default)]
    pub unit: String,
    #[serde(flatten)]
    pub separators: NumberSeparators,
    /// Whether a number may be typed as loosely as people do. A document that was kept before there
    /// was a choice says nothing and means `exact` until it is kept anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Typography", default = "preset::typography")]
    pub typography: Option<Typography>,
    /// What numbers earn. The percentages of all rules that hold are added and never exceed -100 or
    /// 100. Without a rule a person scores the answers.
    #[schemars(default, length(max = 100))]
    pub rules: Vec<NumericRule>,
    /// What a number earns when no rule holds, in percent: -100 to 100 with at most 4 decimals.
    #[schemars(default, extend("minimum" = -100, "maximum" = 100))]
    pub otherwise: Decimal,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NumberSeparators {
    /// What candidates write before the decimals.
    #[schemars(default)]
    pub decimal_separator: DecimalSeparator,
    /// What candidates may write between thousands, which are groups of three digits. It must differ
    /// from the decimal separator: a point goes with the comma only and a comma with the point
    /// only. With `auto` this is taken beside what the language has.
    #[schemars(default)]
    pub group_separator: GroupSeparator,
}

/// What stands before the decimals of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DecimalSeparator {
    /// By the language of the document: in English a point with commas between thousands, in all
    /// others a comma with points, blanks or apostrophes between thousands.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// A point or a comma: 12.5 and 12,5 are the same. A number with one of them before exactly
    /// three digits may mean two things and is not taken.
    #[serde(rename = "either")]
    Either,
    /// A point only: 12.5.
    #[serde(rename = ".")]
    Point,
    /// A comma only: 12,5.
    #[serde(rename = ",")]
    Comma,
}

/// What may stand between thousands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GroupSeparator {
    /// Nothing.
    #[default]
    #[serde(rename = "none")]
    None,
    /// A point: 1.000.
    #[serde(rename = ".")]
    Point,
    /// A comma: 1,000.
    #[serde(rename = ",")]
    Comma,
    /// A blank: 1 000.
    #[serde(rename = "space")]
    Space,
    /// An apostrophe: 1'000.
    #[serde(rename = "'")]
    Apostrophe,
}

/// A question answered by filling in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TabularInput {
    /// The columns of the table.
    #[schemars(length(min = 1, max = 50))]
    pub columns: Vec<TableColumn>,
    /// The rows of the table.
    #[schemars(length(min = 1, max = 200))]
    pub rows: Vec<TableRow>,
    /// The cells that are scored; all others earn nothing. Percentages of all cells are added, so
    /// cells that count alike share 100 between them. Without a rule in any cell a person scores
    /// the answers.
    #[schemars(default, length(max = 10_000))]
    pub cells: Vec<TableCell>,
    #[serde(flatten)]
    pub normalisation: Normalisation,
    #[serde(flatten)]
    pub separators: NumberSeparators,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TableColumn {
    /// The short name of the column in answers. No two of a table have the same.
    pub key: ElementKey,
    /// What stands above the column.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// What its cells hold.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Texts of at most 1000 characters.
    Field,
    /// Numbers.
    Numeric,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TableRow {
    /// The short name of the row in answers. No two of a table have the same.
    pub key: ElementKey,
    /// What stands before the row.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
}

/// How one cell is scored. A cell without an entry earns nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TableCell {
    /// The key of the row.
    pub row: ElementKey,
    /// The key of the column.
    pub column: ElementKey,
    /// What the entry earns: rules on text in a column of texts, on numbers in a column of numbers.
    /// The percentages of all that hold are added.
    #[schemars(default)]
    pub rules: CellRules,
    /// What an entry earns when no rule holds, in percent: -100 to 100 with at most 4 decimals. An
    /// empty cell earns 0.
    #[schemars(default, extend("minimum" = -100, "maximum" = 100))]
    pub otherwise: Decimal,
}

/// The rules of a cell, after the kind of its column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum CellRules {
    Field(#[schemars(length(max = 100))] Vec<TextRule>),
    Numeric(#[schemars(length(max = 100))] Vec<NumericRule>),
}

impl Default for CellRules {
    fn default() -> Self {
        Self::Field(Vec::new())
    }
}

/// A question answered by a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordingInput {
    /// The longest recording in seconds.
    #[schemars(default = "preset::five_minutes", range(min = 1, max = 3600))]
    pub max_seconds: u32,
}

/// A question answered by files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadInput {
    /// How many files may be handed in.
    #[schemars(default = "preset::one_file", range(min = 1, max = 20))]
    pub max_files: u32,
    /// The size of the largest file in bytes, up to 2 GiB; 20971520 is 20 MiB.
    #[schemars(default = "preset::twenty_mebibytes", range(min = 1, max = 2_147_483_648_u64))]
    pub max_bytes: u64,
    /// The kinds of file that are taken, such as `application/pdf`, `image/png` or `image/*`; an
    /// empty list takes any. Left out, a `file` takes any and a `photo` takes `image/*`.
    #[schemars(with = "Option<Vec<String>>", length(max = 200))]
    pub media_types: Vec<String>,
}

/// A rule on text with the percentage it earns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TextRule {
    #[serde(flatten)]
    pub condition: TextCondition,
    /// What the answer earns when the rule holds, in percent of the points: -100 to 100 with at
    /// most 4 decimals.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub percentage: Decimal,
}

/// When a rule on text holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum TextCondition {
    /// Holds when the answer is the text.
    Equal {
        /// The text.
        value: String,
    },
    /// Holds when the answer is not the text.
    NotEqual {
        /// The text.
        value: String,
    },
    /// Holds when the pattern is found in the answer.
    Matches {
        /// A regular expression, found anywhere unless it says `^` and `$`; capital and small
        /// letters differ unless it begins with `(?i)`. Without look-around and back-references.
        /// `(?i)^colou?r$` is color or colour.
        pattern: String,
    },
    /// Holds when the pattern is not found in the answer.
    NotMatches {
        /// A regular expression, found anywhere unless it says `^` and `$`; capital and small
        /// letters differ unless it begins with `(?i)`. Without look-around and back-references.
        pattern: String,
    },
    /// Holds when the answer is one of the texts.
    OneOf {
        /// The texts.
        #[schemars(length(min = 1))]
        values: Vec<String>,
    },
    /// Holds when the answer is none of the texts.
    NoneOf {
        /// The texts.
        #[schemars(length(min = 1))]
        values: Vec<String>,
    },
}

impl TextCondition {
    /// The pattern that is looked for, if there is one.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        match self {
            Self::Matches { pattern } | Self::NotMatches { pattern } => Some(pattern),
            Self::Equal { .. }
            | Self::NotEqual { .. }
            | Self::OneOf { .. }
            | Self::NoneOf { .. } => None,
        }
    }
}

/// A rule on a number with the percentage it earns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NumericRule {
    #[serde(flatten)]
    pub condition: NumericCondition,
    /// What the number earns when the rule holds, in percent of the points: -100 to 100 with at
    /// most 4 decimals.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub percentage: Decimal,
}

/// When a rule on a number holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum NumericCondition {
    /// Holds when the answer is the number, give or take the tolerance.
    Equal {
        /// The number.
        value: Decimal,
        /// How far the answer may be off, 0 or more. With 12.25 and 0.05, 12.2 and 12.3 still hold.
        #[schemars(default)]
        tolerance: Decimal,
    },
    /// Holds when the answer is further from the number than the tolerance.
    NotEqual {
        /// The number.
        value: Decimal,
        /// How far an answer may be off and still be the number, 0 or more.
        #[schemars(default)]
        tolerance: Decimal,
    },
    /// Holds when the answer lies between two numbers.
    Between {
        /// The lower bound.
        min: Decimal,
        /// The upper bound, not below the lower one.
        max: Decimal,
        /// Whether the bounds themselves hold too.
        #[schemars(default = "preset::inclusive")]
        inclusive: bool,
    },
    /// Holds when the answer is below or above a number.
    Compare {
        /// How the answer is compared with the number.
        op: Comparison,
        /// The number.
        value: Decimal,
    },
    /// Holds when the answer is one of the numbers, give or take the tolerance.
    OneOf {
        /// The numbers.
        #[schemars(length(min = 1))]
        values: Vec<Decimal>,
        /// How far the answer may be off, 0 or more.
        #[schemars(default)]
        tolerance: Decimal,
    },
    /// Holds when the answer is further than the tolerance from each of the numbers.
    NoneOf {
        /// The numbers.
        #[schemars(length(min = 1))]
        values: Vec<Decimal>,
        /// How far an answer may be off and still be one of the numbers, 0 or more.
        #[schemars(default)]
        tolerance: Decimal,
    },
}

/// How an answer is compared with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Comparison {
    /// Below the number.
    #[serde(rename = "<")]
    Less,
    /// At most the number.
    #[serde(rename = "<=")]
    LessOrEqual,
    /// Above the number.
    #[serde(rename = ">")]
    Greater,
    /// At least the number.
    #[serde(rename = ">=")]
    GreaterOrEqual,
}

/// Defaults that are not those of their types, for the JSON Schema. Reading fills them in; a test
/// compares the two.
mod preset {
    use super::Typography;

    /// Default of how loosely answers are compared.
    #[allow(clippy::unnecessary_wraps, reason = "of the type that the field has")]
    pub const fn typography() -> Option<Typography> {
        Some(Typography::Loose)
    }

    /// Default of the longest answer, in characters.
    pub const fn hundred_thousand() -> u32 {
        100_000
    }

    /// Default of the longest recording, in seconds.
    pub const fn five_minutes() -> u32 {
        300
    }

    /// Default of how many files an answer may have.
    pub const fn one_file() -> u32 {
        1
    }

    /// Default of the largest file, in bytes.
    pub const fn twenty_mebibytes() -> u64 {
        20 << 20
    }

    /// Default of a range's ends: they belong to it.
    pub const fn inclusive() -> bool {
        true
    }
}
