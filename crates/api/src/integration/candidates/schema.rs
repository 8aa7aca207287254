//! How a candidate is printed (REST specification, 4): keys in the order of the shapes.

use crate::detail_level::DetailLevel;
use crate::openapi::string_enum_schema;
use crate::pagination::Pagination;
use app::candidates::{CandidateSource, CandidateView};
use domain::instance::CandidateKind;
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// A candidate in the mode that was asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum CandidateResponse {
    // Clients try one shape after the other, so the one that demands more comes first.
    Detailed(Box<DetailedCandidate>),
    Basic(Box<BasicCandidate>),
}

/// A page of candidates.
#[derive(Serialize, ToSchema)]
pub struct CandidatePage {
    /// The candidates, in creation order.
    pub candidates: Vec<CandidateResponse>,
    /// How many there are in all, and the pages beside this one.
    pub pagination: Pagination,
}

/// A candidate with the ways in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BasicCandidate {
    /// Id of the candidate.
    candidate_id: String,
    #[schema(schema_with = kinds)]
    kind: &'static str,
    /// Id of the task.
    task_id: String,
    /// Has entered the task.
    logged_in: bool,
    /// Absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fullname: Option<String>,
    /// Absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// The code the candidate gets in with, in capitals without separators.
    invitation_code: String,
    /// Absolute; null for kind `user`.
    #[schema(required)]
    direct_access_url: Option<String>,
}

/// A candidate with the settings of the registration.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetailedCandidate {
    /// Id of the candidate.
    candidate_id: String,
    #[schema(schema_with = kinds)]
    kind: &'static str,
    /// Id of the task.
    task_id: String,
    /// Has entered the task.
    logged_in: bool,
    /// Absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fullname: Option<String>,
    /// Absent when unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// The code the candidate gets in with, in capitals without separators.
    invitation_code: String,
    /// Absolute; null for kind `user`.
    #[schema(required)]
    direct_access_url: Option<String>,
    /// Id of the organization.
    organization_id: String,
    #[schema(schema_with = sources)]
    source: String,
    /// Switched off, the candidate is kept out at once.
    active: bool,
    /// Not open before this moment, in seconds since the epoch; null is no limit.
    #[schema(required)]
    active_after: Option<i64>,
    /// Not open from this moment on, in seconds since the epoch; null is no limit.
    #[schema(required)]
    active_before: Option<i64>,
    /// Exactly one; `default` unless another was given.
    group: String,
    /// Names with values, such as `City: Izmir`.
    tags: BTreeMap<String, String>,
    /// Free marks, in the order in which they were added.
    labels: Vec<String>,
    /// What staff gave, 1 to 5; null without.
    #[schema(required, minimum = 1, maximum = 5)]
    rating: Option<i64>,
    /// The name of the stage.
    #[schema(required)]
    stage: Option<String>,
}

fn kinds() -> RefOr<Schema> {
    string_enum_schema(
        "`user` is a user of the organization, `temp` a person known in this task only.",
        CandidateKind::ALL,
        CandidateKind::as_str,
    )
}

fn sources() -> RefOr<Schema> {
    string_enum_schema(
        "Whether staff or a program registered the candidate beforehand, or the candidate did.",
        CandidateSource::ALL,
        CandidateSource::as_str,
    )
}

impl CandidateResponse {
    /// A candidate with as much detail as was asked for.
    pub fn of(view: CandidateView, mode: DetailLevel) -> Self {
        match mode {
            DetailLevel::Basic => Self::Basic(Box::new(view.into())),
            DetailLevel::Detailed => Self::Detailed(Box::new(view.into())),
        }
    }
}

impl From<CandidateView> for BasicCandidate {
    fn from(candidate: CandidateView) -> Self {
        Self {
            candidate_id: candidate.id.to_string(),
            kind: candidate.kind.as_str(),
            task_id: candidate.task.to_string(),
            logged_in: candidate.logged_in,
            fullname: candidate.fullname,
            email: candidate.email,
            invitation_code: candidate.invitation_code,
            direct_access_url: candidate.direct_access_url,
        }
    }
}

impl From<CandidateView> for DetailedCandidate {
    fn from(candidate: CandidateView) -> Self {
        Self {
            candidate_id: candidate.id.to_string(),
            kind: candidate.kind.as_str(),
            task_id: candidate.task.to_string(),
            logged_in: candidate.logged_in,
            fullname: candidate.fullname,
            email: candidate.email,
            invitation_code: candidate.invitation_code,
            direct_access_url: candidate.direct_access_url,
            organization_id: candidate.organization.to_string(),
            source: candidate.source,
            active: candidate.active,
            active_after: candidate.window.after.map(Timestamp::seconds),
            active_before: candidate.window.before.map(Timestamp::seconds),
            group: candidate.group,
            tags: candidate.tags,
            labels: candidate.labels,
            rating: candidate.rating,
            stage: candidate.stage,
        }
    }
}
