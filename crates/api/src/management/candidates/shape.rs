//! Candidates as they are sent: the detailed candidate of the integration API and what only staff need.

use app::candidates::CandidateView;
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ManagedCandidate)]
pub(in crate::management) struct Candidate {
    candidate_id: String,
    kind: &'static str,
    task_id: String,
    logged_in: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fullname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    invitation_code: String,
    direct_access_url: Option<String>,
    organization_id: String,
    source: String,
    active: bool,
    active_after: Option<i64>,
    active_before: Option<i64>,
    group: String,
    tags: BTreeMap<String, String>,
    labels: Vec<String>,
    rating: Option<i64>,
    stage: Option<String>,
    /// Uuids.
    program_ids: Vec<String>,
    /// A decimal as text.
    time_factor: String,
    notes: Option<String>,
    /// Own values by step id.
    #[schema(value_type = Object)]
    steps: serde_json::Value,
}

impl From<CandidateView> for Candidate {
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
            program_ids: candidate.programs.iter().map(ToString::to_string).collect(),
            time_factor: candidate.time_factor.to_string(),
            notes: candidate.notes,
            steps: serde_json::json!(candidate.steps),
        }
    }
}
