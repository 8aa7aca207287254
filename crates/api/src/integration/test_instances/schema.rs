//! The shapes of a test instance (REST specification, 2.2), for the OpenAPI document.
//! `app::printed` prints them; a test reads what is printed back into the types below.

use app::caller::Caller;
use app::results::ListedInstance;
use app::serialize::serialize_instance;
use domain::id::TaskId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Prints one instance, basic or detailed, whichever was read.
pub fn write_json(caller: &Caller, task: &TaskId, listed: &ListedInstance<'_>, out: &mut String) {
    serialize_instance(&caller.organization, task, listed, out);
}

/// One attempt of one candidate at one step.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicTestInstance {
    /// Id of the test instance.
    pub test_instance_id: String,
    /// Id of the task.
    pub task_id: String,
    /// Id of the step that was attempted.
    pub step_id: String,
    /// Id of the candidate.
    pub ticket_id: String,
    /// Whether it is under way, completed or reopened.
    pub status: TestInstanceStatus,
    /// Whether staff have put it aside; its result stays.
    pub ignored: bool,
    /// The figures; `false` unless it is complete.
    pub result: BasicResult,
}

/// One attempt with everything that is known of its result.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedTestInstance {
    /// Id of the test instance.
    pub test_instance_id: String,
    /// Id of the task.
    pub task_id: String,
    /// Id of the step that was attempted.
    pub step_id: String,
    /// Id of the candidate.
    pub ticket_id: String,
    /// Whether it is under way, completed or reopened.
    pub status: TestInstanceStatus,
    /// Whether staff have put it aside; its result stays.
    pub ignored: bool,
    /// The figures; `false` unless it is complete.
    pub result: DetailedResult,
    /// Id of the organization.
    pub organization_id: String,
    /// ExactCandidateFilter attempt it is.
    pub candidate: InstanceOwner,
    /// The task's folder at the start; the empty name is the default folder.
    pub folder: String,
    /// The candidate's group at the start.
    pub group: String,
    /// The candidate's labels at the start.
    pub labels: Vec<String>,
    /// The candidate's tags at the start, name to value.
    pub tags: BTreeMap<String, String>,
}

/// An instance in the mode that was asked for.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum TestInstance {
    // Clients try one shape after the other, so the one that demands more comes first.
    Detailed(Box<DetailedTestInstance>),
    Basic(BasicTestInstance),
}

/// `STARTED` is under way, `COMPLETE` has a result, `RESETUP` was reopened and not completed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum TestInstanceStatus {
    Started,
    Complete,
    Resetup,
}

/// `false` when there is no result.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum BasicResult {
    None(bool),
    Some(BasicFigures),
}

/// The figures of a completed test.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicFigures {
    /// Seconds since the epoch.
    pub completed_at: i64,
    /// The figures of the whole test.
    pub scoreboard: BasicScoreboard,
}

/// What was earned of what could be earned.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicScoreboard {
    /// The points that were earned; below 0 where negative points outweigh.
    pub points_achieved: f64,
    /// The points that could be earned.
    pub max_achievable_points: f64,
    /// pointsAchieved / maxAchievablePoints, rounded to 6 decimals; 0 when the maximum is 0.
    pub achievement_ratio: f64,
}

/// What was earned of what could be earned, and over how many questions.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedScoreboard {
    /// The points that were earned; below 0 where negative points outweigh.
    pub points_achieved: f64,
    /// The points that could be earned.
    pub max_achievable_points: f64,
    /// pointsAchieved / maxAchievablePoints, rounded to 6 decimals; 0 when the maximum is 0.
    pub achievement_ratio: f64,
    /// How many questions count.
    pub no_of_questions: u32,
}

/// `false` when there is no result.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum DetailedResult {
    None(bool),
    Some(DetailedFigures),
}

/// The figures of a completed test with all its parts.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedFigures {
    /// Seconds since the epoch.
    pub completed_at: i64,
    /// The figures of the whole test.
    pub scoreboard: DetailedScoreboard,
    /// The figures of each section, in the order delivered.
    pub sections: Vec<SectionFigures>,
    /// The figures of each dimension the test declares, in declared order.
    pub dimensions: Vec<DimensionFigures>,
    /// The score of each effect the test declares, in declared order.
    pub effects: Vec<EffectFigures>,
}

/// The figures of a section.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionFigures {
    /// Uuid of the section in the test.
    pub uuid: String,
    /// The figures of its questions.
    pub scoreboard: DetailedScoreboard,
}

/// The figures of a dimension.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DimensionFigures {
    /// The name the test declares.
    pub name: String,
    /// The figures of the dimension with all its subs.
    pub scoreboard: DetailedScoreboard,
    /// The figures of each of its subs.
    pub sub_dimensions: Vec<SubDimensionFigures>,
}

/// The figures of a sub of a dimension.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubDimensionFigures {
    /// The name the test declares.
    pub name: String,
    /// The figures of this sub alone.
    pub scoreboard: DetailedScoreboard,
}

/// The score of an effect.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EffectFigures {
    /// The name the test declares.
    pub name: String,
    /// What chosen answers added to it and its subs; it has no maximum.
    pub score: f64,
    /// The score of each of its subs.
    pub sub_effects: Vec<SubEffectFigures>,
}

/// The score of a sub of an effect.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubEffectFigures {
    /// The name the test declares.
    pub name: String,
    /// What chosen answers added to this sub alone.
    pub score: f64,
}

/// ExactCandidateFilter attempt it is: the user for kind `user`, the candidate for kind `temp`.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceOwner {
    /// The userId for kind `user`, the candidateId for kind `temp`.
    pub id: String,
    /// Whether it is a user of the organization or a person known in this task only.
    pub kind: OwnerKind,
}

/// `user` is a user of the organization, `temp` a person known in one task only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OwnerKind {
    User,
    Temp,
}
