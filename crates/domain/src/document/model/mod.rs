//! The types of a test document in its stored form: every default and `uuid` filled in.
//!
//! Field order is the order of the stored JSON. The JSON Schema for authors is generated from these
//! types; reading and checking an authored document is `document::read`'s work.

mod input;

pub use input::{
    CELL_LENGTH, CellRules, CodeInput, ColumnKind, Comparison, DecimalSeparator, GroupSeparator,
    Input, Normalisation, NumberSeparators, NumericCondition, NumericInput, NumericRule,
    RecordingInput, RichTextInput, TableCell, TableColumn, TableRow, TabularInput, TextCondition,
    TextInput, TextRule, Typography, UploadInput, Whitespace,
};

use super::key::ElementKey;
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
    /// The version of the form in which the test is written: 1.
    pub assay: u8,
    /// Identifies the test wherever it is moved. Leave it out: it is given when the test is first
    /// stored.
    #[schemars(with = "Option<Uuid>")]
    pub uuid: Uuid,
    /// The short name of the test in files and lists, such as `desk-screening`.
    pub key: ElementKey,
    /// The name that candidates and staff see.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// What the test is presented as. It never changes how answers are scored.
    #[serde(rename = "type")]
    #[schemars(default)]
    pub kind: TestKind,
    /// The language in which the test is written, so that it is read aloud rightly. The pages
    /// around it speak the language of the task or the candidate.
    #[schemars(default)]
    pub lang: Lang,
    /// What staff should know about the test. Candidates never see it.
    #[schemars(default)]
    pub description: String,
    /// Shown to candidates before they start, while no clock runs: what to expect, what is allowed.
    #[schemars(default)]
    pub instructions: String,
    /// Shown to candidates after they have handed in, such as thanks and what happens next.
    #[schemars(default)]
    pub closing: String,
    /// Seconds a candidate has for the whole test, counted from the start; 0 is no limit. 1800 is
    /// half an hour. When they are over the test is handed in by itself. A candidate's extra time
    /// multiplies them.
    #[schemars(default, range(min = 0, max = 604_800))]
    pub time_limit: u32,
    /// How a candidate may move from section to section.
    #[schemars(default)]
    pub navigation: Navigation,
    /// Puts the sections in another order for each candidate. Pinned ones keep their place.
    #[schemars(default)]
    pub shuffle_sections: bool,
    /// What happens when required questions have no complete answer.
    #[schemars(default)]
    pub mandatory: MandatoryRules,
    /// What has to be reached to pass. Without it nobody passes or fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass_mark: Option<PassMark>,
    /// Named bands of the result in percent, from the lowest up, such as Entry, Sound, Strong.
    #[schemars(default, length(max = 200))]
    pub levels: Vec<Level>,
    /// The competencies for which results show points of their own. Questions name the ones they
    /// belong to. At most 200 names with their subs.
    #[schemars(default, length(max = 200))]
    pub dimensions: Vec<DeclaredName>,
    /// The aspects or traits that chosen answers add to, such as working styles. At most 200 names
    /// with their subs.
    #[schemars(default, length(max = 200))]
    pub effects: Vec<DeclaredName>,
    /// The parts of the test, in the order in which they are shown.
    #[schemars(length(min = 1, max = 100))]
    pub sections: Vec<Section>,
}

/// What a test is presented as. Never changes scoring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TestKind {
    /// Answers are right or wrong.
    #[default]
    Performance,
    /// Answers describe a person, as in a questionnaire on personality or interests.
    Inventory,
    /// Answers are told, as in a recorded interview.
    Interview,
}

/// A language, as two letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Turkish.
    Tr,
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// Italian.
    It,
    /// Serbian.
    Sr,
    /// Swedish.
    Sv,
    /// German.
    De,
    /// Norwegian.
    No,
    /// Russian.
    Ru,
    /// Portuguese.
    Pt,
}

/// How a candidate may move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Navigation {
    /// To any part, in any order.
    #[default]
    Free,
    /// Back to what was seen, and forward by one.
    Back,
    /// Forward only: what was left is closed.
    Linear,
}

/// What happens when required questions lack a valid answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MandatoryRules {
    /// On leaving a page.
    #[schemars(default = "preset::off")]
    pub page: Enforcement,
    /// On leaving a section.
    #[schemars(default = "preset::off")]
    pub section: Enforcement,
    /// On handing in.
    #[schemars(default = "preset::warn")]
    pub test: Enforcement,
}

impl Default for MandatoryRules {
    fn default() -> Self {
        Self { page: Enforcement::Off, section: Enforcement::Off, test: Enforcement::Warn }
    }
}

/// What is done about required questions without a complete answer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcement {
    /// Nothing is said.
    Off,
    /// The candidate is told which they are and may go on all the same.
    Warn,
    /// The candidate cannot go on before they are answered, unless time is over.
    Prevent,
}

/// The figure that must be reached to pass: a ratio or points, one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PassMark {
    /// The least share of the maximum, -1 to 1 with at most 6 decimals. 0.6 is 60 percent.
    Ratio(#[schemars(extend("minimum" = -1, "maximum" = 1))] Decimal),
    /// The least number of points, 0 to 100000 with at most 6 decimals.
    Points(#[schemars(extend("minimum" = 0, "maximum" = 100_000))] Decimal),
}

/// A named band of results. The first begins below everything, each further one where its `from`
/// says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Level {
    /// The name that results show. No two levels have the same.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// The lowest share of the maximum that belongs to this level, -1 to 1 with at most 6 decimals:
    /// 0.8 is 80 percent. The first level has none; each later one begins higher than the one before
    /// it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = -1, "maximum" = 1))]
    pub from: Option<Decimal>,
}

/// A dimension or an effect with its subs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DeclaredName {
    /// The name that results show, such as Numeracy. No two of the list have the same.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// Names of the parts it consists of, such as Arithmetic and Percentages. What they get is in
    /// the whole as well.
    #[schemars(default, length(max = 200))]
    pub sub: Vec<String>,
}

/// A named part of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// The short name of the section in files and results. No two sections have the same.
    pub key: ElementKey,
    /// The name that candidates and results show.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// Identifies the section in results. Leave it out: it is made of the test's and the key, and
    /// stays the same.
    #[schemars(with = "Option<Uuid>")]
    pub uuid: Uuid,
    /// Shown before the first page of the section, without using up its time.
    #[schemars(default)]
    pub intro: String,
    /// Seconds a candidate has for the section, counted from its first page; 0 is no limit. When
    /// they are over the section is closed and what was answered stands.
    #[schemars(default, range(min = 0, max = 604_800))]
    pub time_limit: u32,
    /// How a candidate may move from page to page of the section.
    #[schemars(default)]
    pub navigation: Navigation,
    /// Puts the pages in another order for each candidate. Pinned ones keep their place.
    #[schemars(default)]
    pub shuffle_pages: bool,
    /// Keeps the section in its place when sections are shuffled.
    #[schemars(default)]
    pub pinned: bool,
    /// How many questions a candidate may leave unanswered without losing anything: so many of the
    /// last unanswered ones are left out of points and maximum. 0 to the number of questions of the
    /// section. With 1, nine right answers of ten questions of one point are 9 of 9.
    #[schemars(default)]
    pub ignorable_blanks: u32,
    /// The pages of the section, and pools of pages or questions, in the order in which they are
    /// shown.
    #[schemars(length(min = 1, max = 1000))]
    pub pages: Vec<PageEntry>,
}

/// What stands in a section's list of pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PageEntry {
    /// A pool in place of a page.
    Pool {
        /// The set of pages or questions from which some are drawn for each candidate.
        pool: Pool,
    },
    Page(Page),
}

/// What is shown at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The short name of the page in files. No two pages have the same.
    pub key: ElementKey,
    /// The name above the page; it may be left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub title: Option<String>,
    /// Identifies the page. Leave it out: it is made of the test's and the key, and stays the same.
    #[schemars(with = "Option<Uuid>")]
    pub uuid: Uuid,
    /// Shown above the questions, such as a passage or a table they are about. A page that has a
    /// text needs no question.
    #[schemars(default)]
    pub text: String,
    /// Seconds a candidate has for the page, counted from entering it; 0 is no limit. When they are
    /// over the page is closed and what was answered stands.
    #[schemars(default, range(min = 0, max = 604_800))]
    pub time_limit: u32,
    /// Puts the questions in another order for each candidate. Pinned ones keep their place.
    #[schemars(default)]
    pub shuffle_questions: bool,
    /// Keeps the page in its place when pages are shuffled.
    #[schemars(default)]
    pub pinned: bool,
    /// The questions of the page, references to the question bank, and pools of questions. May be
    /// left out where the page has a text.
    #[schemars(default, length(max = 5000))]
    pub questions: Vec<QuestionEntry>,
}

/// What stands in a list of questions. No pool stands in a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum QuestionEntry {
    /// A pool in place of a question.
    Pool {
        /// The set of questions from which some are drawn for each candidate.
        pool: Pool,
    },
    /// A question of the question bank, with what this test changes about it.
    Ref {
        /// The question of the bank that is asked here, in its text at the moment of each start.
        #[serde(rename = "ref")]
        reference: BankReference,
        #[serde(flatten)]
        overrides: BankOverrides,
    },
    Question(Arc<Question>),
}

/// A set to draw from; the drawn elements take its place.
///
/// `shuffle` and `secondsPerQuestion` are written beside a `spread` only: elsewhere they are not
/// defined.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pool {
    /// The short name of the pool in files. No two pools have the same.
    pub key: ElementKey,
    /// Identifies the pool. Leave it out: it is made of the test's and the key, and stays the same.
    #[schemars(with = "Option<Uuid>")]
    pub uuid: Uuid,
    /// How many are drawn for each candidate: 1 to as many as there are. The drawn ones stand in
    /// the order in which they are written.
    #[schemars(range(min = 1))]
    pub draw: u32,
    #[serde(flatten)]
    pub source: PoolSource,
    /// Whether the drawn questions must be answered. Left out, each question says so itself. Pools
    /// of questions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Whether the drawn questions count. Left out, each question says so itself. Pools of
    /// questions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective: Option<bool>,
    /// Over how many pages the drawn questions are spread, 1 to `draw`: a pool of questions in a
    /// list of pages must say it, all others must not. 10 drawn over 4 pages stand 3, 3, 2 and 2 to
    /// a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub spread: Option<u32>,
    /// Puts the drawn questions in another order for each candidate. Beside `spread` only; on a
    /// page the page says it.
    #[schemars(default)]
    pub shuffle: bool,
    /// Seconds a candidate has for each question of a page of the pool: a page of three with 60 has
    /// three minutes; 0 is no limit. Beside `spread` only.
    #[schemars(default, range(min = 0, max = 604_800))]
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

/// What a pool draws from: pages, questions, or the question bank; one of the three.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PoolSource {
    /// The pages to draw from. In a list of pages only.
    Pages(#[schemars(length(max = 1000))] Vec<Page>),
    /// The questions and references to the bank to draw from.
    Questions(#[schemars(length(max = 5000))] Vec<QuestionEntry>),
    /// Draws from the question bank: from all approved questions to which everything given here
    /// applies.
    Bank(BankFilter),
}

/// Which bank questions a pool draws from; all given criteria must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BankFilter {
    /// The folder of the bank in which the questions stand; left out, any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Labels that the questions must all have.
    #[schemars(default, length(max = 200))]
    pub labels: Vec<String>,
    /// Tags that the questions must all have, name and value, such as `level: B2`.
    #[schemars(default)]
    pub tags: BTreeMap<String, String>,
}

/// A fixed reference to a question of a bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BankReference {
    /// The id of the question in the bank.
    #[schemars(with = "String")]
    pub question_id: QuestionId,
    /// The organization whose bank it is; left out, the own one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub organization_id: Option<OrganizationId>,
}

/// What a reference changes of the bank question for this test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BankOverrides {
    /// The short name of the question in this test; left out, its id in the bank.
    #[schemars(with = "Option<ElementKey>")]
    pub key: ElementKey,
    /// The most that can be earned in this test, 0 to 100000 with at most 6 decimals; left out, as
    /// in the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0, "maximum" = 100_000))]
    pub points: Option<Decimal>,
    /// The most that can be lost in this test, 0 to 100000 with at most 6 decimals; left out, as in
    /// the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0, "maximum" = 100_000))]
    pub negative_points: Option<Decimal>,
    /// Whether the question counts in this test; left out, as in the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective: Option<bool>,
    /// Whether the question must be answered in this test; left out, as in the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Keeps the question in its place when questions are shuffled; left out, as in the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
}

/// One thing asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The short name of the question in files, results and corrections. No two questions of a test
    /// have the same.
    pub key: ElementKey,
    /// Identifies the question. Leave it out: it is made of the test's and the key, and stays the
    /// same.
    #[schemars(with = "Option<Uuid>")]
    pub uuid: Uuid,
    /// What is asked.
    pub text: String,
    /// Help that a candidate sees on asking for it.
    #[schemars(default)]
    pub hint: String,
    /// Explains the answer. Candidates see it after checking an answer while practising, and with
    /// their answers where the step shows those.
    #[schemars(default)]
    pub feedback: String,
    /// Names with values that sort the question, such as `level: B2`. Pools of the bank can draw by
    /// them.
    #[schemars(default)]
    pub tags: BTreeMap<String, String>,
    /// What a fully right answer earns, 0 to 100000 with at most 6 decimals.
    #[schemars(default = "preset::one", extend("minimum" = 0, "maximum" = 100_000))]
    pub points: Decimal,
    /// What a fully wrong answer loses, 0 to 100000 with at most 6 decimals. Points 5 and negative
    /// points 1 span -1 to 5; with 0 nothing is lost.
    #[schemars(default, extend("minimum" = 0, "maximum" = 100_000))]
    pub negative_points: Decimal,
    /// Whether the question counts. One that does not is asked and kept, stands in no points and no
    /// maximum, and still feeds effects: questionnaires use it.
    #[schemars(default = "preset::yes")]
    pub effective: bool,
    /// Whether the question must be answered; the test's `mandatory` says what happens otherwise.
    #[schemars(default)]
    pub required: bool,
    /// Keeps the question in its place when questions are shuffled.
    #[schemars(default)]
    pub pinned: bool,
    /// The dimensions the question belongs to, with points of its own for each. Each dimension at
    /// most once.
    #[schemars(default, length(max = 100))]
    pub dimensions: Vec<DimensionAssignment>,
    /// Who scores the answers. Left out, they are scored automatically where that is possible and
    /// by a person otherwise.
    #[schemars(with = "Option<EvaluationMode>")]
    pub evaluation: EvaluationMode,
    /// What evaluators should look for in the answers. Candidates never see it.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(default)]
    pub guidance: String,
    /// The criteria by which evaluators judge the answers, each with its levels. Only with
    /// `evaluation: manual`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default, length(max = 20))]
    pub rubric: Vec<QuestionCriterion>,
    /// The bank question this one was frozen from; only in frozen documents, never authored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub origin: Option<BankOrigin>,
    #[serde(flatten)]
    pub kind: QuestionBody,
}

/// One thing that evaluators judge in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QuestionCriterion {
    /// The short name of the criterion in evaluations. No two of a question have the same.
    pub key: ElementKey,
    /// What is judged, such as Structure.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// What it means, for evaluators.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(default)]
    pub description: String,
    /// How much the criterion weighs beside the others, above 0 to 100000 with at most 6 decimals.
    #[schemars(default = "preset::one", extend("exclusiveMinimum" = 0, "maximum" = 100_000))]
    pub weight: Decimal,
    /// How well an answer can meet it.
    #[schemars(length(min = 2, max = 10))]
    pub levels: Vec<CriterionLevel>,
}

/// How well an answer meets a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CriterionLevel {
    /// The short name of the level in evaluations. No two of a criterion have the same.
    pub key: ElementKey,
    /// What evaluators choose, such as Good.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// What an answer of this level is like, for evaluators.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(default)]
    pub description: String,
    /// What the level earns, in percent of the points: -100 to 100 with at most 4 decimals.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub percentage: Decimal,
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
pub enum EvaluationMode {
    /// By the percentages or rules of the question. Multiple choice and match are always scored
    /// this way.
    Auto,
    /// By a person, or by a program with a key. The answer earns 0 and the result waits until then.
    Manual,
    /// By nobody: answers are collected. The question must not count.
    None,
}

/// A declared name, or a declared name and one of its subs: `["Numeracy"]` or
/// `["Numeracy", "Arithmetic"]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct NamePath(pub Vec<String>);

/// Points of a question for a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DimensionAssignment {
    /// The dimension as the test declares it, or one of its subs.
    pub path: NamePath,
    /// What a fully right answer adds to the dimension, 0 to 100000 with at most 6 decimals.
    #[schemars(default = "preset::one", extend("minimum" = 0, "maximum" = 100_000))]
    pub points: Decimal,
    /// What a fully wrong answer takes from the dimension, 0 to 100000 with at most 6 decimals.
    #[schemars(default, extend("minimum" = 0, "maximum" = 100_000))]
    pub negative_points: Decimal,
}

/// Points of a choice or match for an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EffectScore {
    /// The effect as the test declares it, or one of its subs.
    pub path: NamePath,
    /// What is added, -100000 to 100000 with at most 6 decimals. Nothing multiplies or limits it.
    #[schemars(extend("minimum" = -100_000, "maximum" = 100_000))]
    pub score: Decimal,
}

/// The kind of a question with what belongs to it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum QuestionBody {
    /// Choosing one or several of given answers.
    MultipleChoice(MultipleChoice),
    /// Giving each item the option that belongs to it.
    Match(MatchQuestion),
    /// Writing, uploading or recording an answer; `type` says which.
    Input(Input),
}

/// A question answered by choosing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MultipleChoice {
    /// The answers to choose from.
    #[schemars(length(min = 2, max = 100))]
    pub choices: Vec<Choice>,
    /// How many a candidate must choose for the answer to be complete, 1 to `maxSelections`. Fewer
    /// earn nothing.
    #[schemars(default = "preset::single", range(min = 1, max = 100))]
    pub min_selections: u32,
    /// How many a candidate may choose, up to the number of choices. With 1 there are round
    /// buttons, with more there are boxes to tick.
    #[schemars(default = "preset::single", range(min = 1, max = 100))]
    pub max_selections: u32,
    /// Whether the percentages of the chosen answers are added. If not, it is all or nothing: 100
    /// for exactly the choices above 0, -100 if a chosen one is below 0, else 0.
    #[schemars(default = "preset::yes")]
    pub partial: bool,
    /// The least sum of percentages that earns anything, above 0 to 100 with at most 4 decimals; a
    /// lower sum earns 0. With 50, 40 percent are nothing and 60 percent are 60. Left out, every
    /// sum counts. Not beside `partial: false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0, "maximum" = 100))]
    pub threshold: Option<Decimal>,
    /// Puts the choices in another order for each candidate. Pinned ones keep their place.
    #[schemars(default)]
    pub shuffle: bool,
    /// How the choices are laid out.
    #[schemars(default)]
    pub layout: ChoiceLayout,
}

/// How choices are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChoiceLayout {
    /// Below one another.
    #[default]
    Vertical,
    /// Side by side.
    Horizontal,
    /// In rows and columns.
    Grid,
    /// In a list to open, where only one can be chosen.
    Dropdown,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Choice {
    /// The short name of the choice in answers. No two of a question have the same.
    pub key: ElementKey,
    /// What the choice says.
    pub text: String,
    /// What choosing it earns, in percent of the points: -100 to 100 with at most 4 decimals. The
    /// percentages of all chosen ones are added and never exceed -100 or 100. A negative sum takes
    /// that share of the negative points.
    #[schemars(default, extend("minimum" = -100, "maximum" = 100))]
    pub percentage: Decimal,
    /// What choosing it adds to effects, whether or not the question counts. Each effect at most
    /// once.
    #[schemars(default, length(max = 100))]
    pub effects: Vec<EffectScore>,
    /// Keeps the choice in its place when choices are shuffled, such as "none of these" at the end.
    #[schemars(default)]
    pub pinned: bool,
    /// Explains the choice. Whoever has chosen it sees it after checking an answer while practising,
    /// and with the answers where the step shows those.
    #[schemars(default)]
    pub feedback: String,
}

/// A question answered by giving items their options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatchQuestion {
    /// The things to be matched.
    #[schemars(length(min = 1, max = 100))]
    pub items: Vec<Item>,
    /// The options that all items share. More options than items make guessing harder.
    #[schemars(default, length(max = 200))]
    pub options: Vec<SharedOption>,
    /// How many items a candidate must match for the answer to be complete, 1 to the number of
    /// items. Fewer earn nothing.
    #[schemars(default = "preset::single", range(min = 1, max = 100))]
    pub min_matches: u32,
    /// Puts the items in another order for each candidate. Pinned ones keep their place.
    #[schemars(default)]
    pub shuffle_items: bool,
    /// Puts the options in another order for each candidate. Pinned ones keep their place.
    #[schemars(default)]
    pub shuffle_options: bool,
}

/// One thing to be matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The short name of the item in answers. No two of a question have the same.
    pub key: ElementKey,
    /// What the item says.
    pub text: String,
    /// Options of this item alone. When there are any, it has only these, and they can be used
    /// without limit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default, length(max = 200))]
    pub options: Vec<PrivateOption>,
    /// The options that earn something, or lose something, at this item. The percentages of all
    /// items are added.
    #[schemars(default, length(max = 200))]
    pub matches: Vec<CountingMatch>,
    /// What any other option earns at this item, in percent: -100 to 100 with at most 4 decimals.
    #[schemars(default, extend("minimum" = -100, "maximum" = 100))]
    pub wrong_percentage: Decimal,
    /// What the item earns when it is left without an option, in percent: -100 to 100 with at most
    /// 4 decimals.
    #[schemars(default, extend("minimum" = -100, "maximum" = 100))]
    pub blank_percentage: Decimal,
    /// Keeps the item in its place when items are shuffled.
    #[schemars(default)]
    pub pinned: bool,
}

/// An option that all items of a question share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedOption {
    /// The short name of the option in answers. No two of the list have the same.
    pub key: ElementKey,
    /// What the option says.
    pub text: String,
    /// How many items may be given this option, 0 to 1000; 0 is any number.
    #[schemars(default = "preset::single", range(min = 0, max = 1000))]
    pub max_uses: u32,
    /// Keeps the option in its place when options are shuffled.
    #[schemars(default)]
    pub pinned: bool,
}

/// An option of one item alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PrivateOption {
    /// The short name of the option in answers. No two of the list have the same.
    pub key: ElementKey,
    /// What the option says.
    pub text: String,
}

/// An option that counts for an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountingMatch {
    /// The key of the option.
    pub option: ElementKey,
    /// What the option earns at this item, in percent of the points: -100 to 100 with at most 4
    /// decimals. For three items that count alike write 33.3334 each: sums never exceed 100, so all
    /// three right are exactly 100.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub percentage: Decimal,
    /// What giving the item this option adds to effects. Each effect at most once.
    #[schemars(default, length(max = 100))]
    pub effects: Vec<EffectScore>,
}

/// Defaults that are not those of their types, for the JSON Schema. Reading fills them in; a test
/// compares the two.
mod preset {
    use super::{Decimal, Enforcement};

    /// Default of points.
    pub const fn one() -> Decimal {
        Decimal::ONE
    }

    /// Default of counts that are at least one.
    pub const fn single() -> u32 {
        1
    }

    /// Default of flags that are on unless a document says otherwise.
    pub const fn yes() -> bool {
        true
    }

    /// Default of rules that a document must ask for.
    pub const fn off() -> Enforcement {
        Enforcement::Off
    }

    /// Default of rules that warn and do not refuse.
    pub const fn warn() -> Enforcement {
        Enforcement::Warn
    }
}
