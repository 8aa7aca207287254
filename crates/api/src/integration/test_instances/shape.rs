//! The shapes of a test instance (REST specification, 2.2), for the OpenAPI document. `app::printed` prints them; a test
//! reads what is printed back into the types below.

use app::caller::Caller;
use app::printed::print_instance;
use app::results::Listed;
use domain::id::TaskId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Prints one instance, basic or detailed, whichever was read.
pub fn print(caller: &Caller, task: &TaskId, listed: &Listed<'_>, out: &mut String) {
    print_instance(&caller.organization, task, listed, out);
}

/// One attempt of one candidate at one step.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicTestInstance {
    pub test_instance_id: String,
    pub task_id: String,
    pub step_id: String,
    pub ticket_id: String,
    pub status: Status,
    pub ignored: bool,
    pub result: BasicResult,
}

/// One attempt with everything that is known of its result.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedTestInstance {
    pub test_instance_id: String,
    pub task_id: String,
    pub step_id: String,
    pub ticket_id: String,
    pub status: Status,
    pub ignored: bool,
    pub result: DetailedResult,
    pub organization_id: String,
    pub candidate: Owner,
    pub folder: String,
    pub group: String,
    pub labels: Vec<String>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
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

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicFigures {
    /// Seconds since the epoch.
    pub completed_at: i64,
    pub scoreboard: BasicScoreboard,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicScoreboard {
    pub points_achieved: f64,
    pub max_achievable_points: f64,
    /// pointsAchieved / maxAchievablePoints, rounded to 6 decimals; 0 when the maximum is 0.
    pub achievement_ratio: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scoreboard {
    pub points_achieved: f64,
    pub max_achievable_points: f64,
    /// pointsAchieved / maxAchievablePoints, rounded to 6 decimals; 0 when the maximum is 0.
    pub achievement_ratio: f64,
    pub no_of_questions: u32,
}

/// `false` when there is no result.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum DetailedResult {
    None(bool),
    Some(DetailedFigures),
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedFigures {
    /// Seconds since the epoch.
    pub completed_at: i64,
    pub scoreboard: Scoreboard,
    pub sections: Vec<SectionFigures>,
    pub dimensions: Vec<DimensionFigures>,
    pub effects: Vec<EffectFigures>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionFigures {
    pub uuid: String,
    pub scoreboard: Scoreboard,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DimensionFigures {
    pub name: String,
    pub scoreboard: Scoreboard,
    pub sub_dimensions: Vec<SubDimensionFigures>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubDimensionFigures {
    pub name: String,
    pub scoreboard: Scoreboard,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EffectFigures {
    pub name: String,
    pub score: f64,
    pub sub_effects: Vec<SubEffectFigures>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubEffectFigures {
    pub name: String,
    pub score: f64,
}

/// Whose attempt it is: the user for kind `user`, the candidate for kind `temp`.
#[derive(Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    pub id: String,
    pub kind: OwnerKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OwnerKind {
    User,
    Temp,
}
