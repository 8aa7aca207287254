//! The types of a test document in its stored form: every default and `uuid` filled in.
//!
//! Field order is the order of the stored JSON. The JSON Schema for authors is generated from these types; reading and
//! checking an authored document is `document::read`'s work.

mod input;

pub use input::{
    Cell, CellRules, Code, Column, ColumnKind, Comparison, DecimalSeparator, GroupSeparator, Input, Normalisation,
    Numeric, NumericCondition, NumericRule, Recording, Rich, Row, Separators, Tabular, Text, TextCondition, TextRule,
    Upload, Whitespace,
};

use super::key::Key;
use crate::decimal::Decimal;
use crate::id::{OrganizationId, QuestionId};
use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// A whole test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    pub assay: u8,
    pub uuid: Uuid,
    pub key: Key,
    pub title: String,
    #[serde(rename = "type")]
    pub kind: TestKind,
    pub lang: Lang,
    pub description: String,
    pub instructions: String,
    pub closing: String,
    /// Seconds; 0 is none.
    pub time_limit: u32,
    pub navigation: Navigation,
    pub shuffle_sections: bool,
    pub mandatory: Mandatory,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass_mark: Option<PassMark>,
    pub levels: Vec<Level>,
    pub dimensions: Vec<Declared>,
    pub effects: Vec<Declared>,
    pub sections: Vec<Section>,
}

/// What a test is presented as. Never changes scoring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TestKind {
    #[default]
    Performance,
    Inventory,
    Interview,
}

/// The twelve languages of the REST API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Tr,
    #[default]
    En,
    Es,
    Fr,
    Nl,
    It,
    Sr,
    Sv,
    De,
    No,
    Ru,
    Pt,
}

/// How a candidate may move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Navigation {
    #[default]
    Free,
    Back,
    Linear,
}

/// What happens when required questions lack a valid answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mandatory {
    pub page: Enforcement,
    pub section: Enforcement,
    pub test: Enforcement,
}

impl Default for Mandatory {
    fn default() -> Self {
        Self { page: Enforcement::Off, section: Enforcement::Off, test: Enforcement::Warn }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcement {
    Off,
    Warn,
    Prevent,
}

/// The figure that must be reached to pass: `{"ratio": d}` or `{"points": d}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PassMark {
    Ratio(Decimal),
    Points(Decimal),
}

/// A named band of achievement ratios. Only the first has no `from`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Level {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Decimal>,
}

/// A declared dimension or effect with its subs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Declared {
    pub name: String,
    pub sub: Vec<String>,
}

/// A named part of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    pub key: Key,
    pub title: String,
    pub uuid: Uuid,
    pub intro: String,
    pub time_limit: u32,
    pub navigation: Navigation,
    pub shuffle_pages: bool,
    pub pinned: bool,
    pub ignorable_blanks: u32,
    pub pages: Vec<PageEntry>,
}

/// What stands in a section's list of pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PageEntry {
    Pool { pool: Pool },
    Page(Page),
}

/// What is shown at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    pub key: Key,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub uuid: Uuid,
    pub text: String,
    pub time_limit: u32,
    pub shuffle_questions: bool,
    pub pinned: bool,
    pub questions: Vec<QuestionEntry>,
}

/// What stands in a list of questions. Pools in pools are refused by validation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum QuestionEntry {
    Pool {
        pool: Pool,
    },
    Ref {
        #[serde(rename = "ref")]
        reference: BankReference,
        #[serde(flatten)]
        overrides: Overrides,
    },
    Question(Arc<Question>),
}

/// A set to draw from; the drawn elements take its place.
///
/// `shuffle` and `secondsPerQuestion` are written beside a `spread` only: elsewhere they are not defined.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pool {
    pub key: Key,
    pub uuid: Uuid,
    pub draw: u32,
    #[serde(flatten)]
    pub source: PoolSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective: Option<bool>,
    /// Pages to generate; question pools in a section only, required there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<u32>,
    pub shuffle: bool,
    pub seconds_per_question: u32,
}

impl Serialize for Pool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("key", &self.key)?;
        members.serialize_entry("uuid", &self.uuid)?;
        members.serialize_entry("draw", &self.draw)?;
        match &self.source {
            PoolSource::Pages(pages) => members.serialize_entry("pages", pages)?,
            PoolSource::Questions(questions) => members.serialize_entry("questions", questions)?,
            PoolSource::Bank(filter) => members.serialize_entry("bank", filter)?,
        }
        for (name, value) in [("required", self.required), ("effective", self.effective)] {
            if let Some(value) = value {
                members.serialize_entry(name, &value)?;
            }
        }
        if let Some(spread) = self.spread {
            members.serialize_entry("spread", &spread)?;
            members.serialize_entry("shuffle", &self.shuffle)?;
            members.serialize_entry("secondsPerQuestion", &self.seconds_per_question)?;
        }
        members.end()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PoolSource {
    Pages(Vec<Page>),
    /// Questions and bank references; never pools.
    Questions(Vec<QuestionEntry>),
    Bank(BankFilter),
}

/// Which bank questions a pool draws from; all given criteria must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BankFilter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    pub labels: Vec<String>,
    pub tags: BTreeMap<String, String>,
}

/// A fixed reference to a question of a bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BankReference {
    #[schemars(with = "String")]
    pub question_id: QuestionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub organization_id: Option<OrganizationId>,
}

/// What a reference changes of the bank question for this test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overrides {
    pub key: Key,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_points: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
}

/// One thing asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    pub key: Key,
    pub uuid: Uuid,
    pub text: String,
    pub hint: String,
    pub feedback: String,
    pub tags: BTreeMap<String, String>,
    pub points: Decimal,
    pub negative_points: Decimal,
    pub effective: bool,
    pub required: bool,
    pub pinned: bool,
    pub dimensions: Vec<Assignment>,
    pub evaluation: Evaluation,
    /// The bank question this one was frozen from; only in frozen documents, never authored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub origin: Option<BankOrigin>,
    #[serde(flatten)]
    pub kind: Kind,
}

/// Where a frozen bank question came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BankOrigin {
    pub organization_id: OrganizationId,
    pub question_id: QuestionId,
}

/// Who gives an answer its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Evaluation {
    Auto,
    Manual,
    None,
}

/// A path of one or two declared names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Path(pub Vec<String>);

/// Points of a question for a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    pub path: Path,
    pub points: Decimal,
    pub negative_points: Decimal,
}

/// Points of a choice or match for an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EffectScore {
    pub path: Path,
    pub score: Decimal,
}

/// The kind of a question with what belongs to it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    MultipleChoice(MultipleChoice),
    Match(Match),
    Input(Input),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MultipleChoice {
    pub choices: Vec<Choice>,
    pub min_selections: u32,
    pub max_selections: u32,
    pub partial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Decimal>,
    pub shuffle: bool,
    pub layout: Layout,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    #[default]
    Vertical,
    Horizontal,
    Grid,
    Dropdown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Choice {
    pub key: Key,
    pub text: String,
    pub percentage: Decimal,
    pub effects: Vec<EffectScore>,
    pub pinned: bool,
    pub feedback: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    pub items: Vec<Item>,
    pub options: Vec<SharedOption>,
    pub min_matches: u32,
    pub shuffle_items: bool,
    pub shuffle_options: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    pub key: Key,
    pub text: String,
    /// Private options; when there are any the item uses only these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<PrivateOption>,
    pub matches: Vec<Matching>,
    pub wrong_percentage: Decimal,
    pub blank_percentage: Decimal,
    pub pinned: bool,
}

/// An option of the question's common pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedOption {
    pub key: Key,
    pub text: String,
    /// 0 is unlimited.
    pub max_uses: u32,
    pub pinned: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PrivateOption {
    pub key: Key,
    pub text: String,
}

/// An option that counts for an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Matching {
    pub option: Key,
    pub percentage: Decimal,
    pub effects: Vec<EffectScore>,
}
