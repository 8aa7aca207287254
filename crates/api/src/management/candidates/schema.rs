//! Candidates as they are sent: the detailed candidate of the integration API and what only staff
//! need.

use crate::openapi::EnumWord;
use crate::request::ValueReader as _;
use crate::request::schema::ObjectSchema;
use crate::request::value::{attempt_limit, boolean, integer, nullable};
use crate::values::LAST_SECOND;
use app::candidates::{CandidateSource, CandidateView};
use domain::access::settings::StepOverride;
use domain::id::StepId;
use domain::instance::CandidateKind;
use domain::time::Timestamp;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

type CandidateKindWord = EnumWord<CandidateKind>;
type CandidateSourceWord = EnumWord<CandidateSource>;

/// A candidate with everything that staff know.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ManagedCandidate)]
pub(in crate::management) struct ManagedCandidate {
    /// Id of the candidate.
    candidate_id: String,
    /// `user` for a user of the organization, `temp` for a person known in this task only.
    #[schema(inline)]
    kind: CandidateKindWord,
    /// Id of the task.
    task_id: String,
    /// Whether the candidate has entered the task.
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
    /// The absolute link the candidate gets in with; null for kind `user`.
    direct_access_url: Option<String>,
    /// Id of the organization.
    organization_id: String,
    /// How the candidate came to be: by entering, or registered before.
    #[schema(value_type = CandidateSourceWord, inline)]
    source: String,
    /// Switched off, the candidate is kept out at once.
    active: bool,
    /// Not open before this moment, in seconds since the epoch; null is no limit.
    active_after: Option<i64>,
    /// Not open from this moment on, in seconds since the epoch; null is no limit.
    active_before: Option<i64>,
    /// Exactly one; `default` unless another was given.
    group: String,
    /// Names with values, such as `City: Izmir`.
    tags: BTreeMap<String, String>,
    /// Free marks, in the order in which they were added.
    labels: Vec<String>,
    /// What staff gave, 1 to 5; null without.
    rating: Option<i64>,
    /// The name of the stage; null without.
    stage: Option<String>,
    /// Uuids.
    program_ids: Vec<String>,
    /// A decimal as text.
    time_factor: String,
    /// What staff have written down; candidates never see it.
    notes: Option<String>,
    /// Own values by step id.
    #[schema(value_type = BTreeMap<String, OwnStepValuesSchema>)]
    steps: BTreeMap<StepId, StepOverride>,
}

/// What is a candidate's own in a step.
struct OwnStepValuesSchema;

impl PartialSchema for OwnStepValuesSchema {
    fn schema() -> RefOr<Schema> {
        let date = || nullable(integer::<i64>(0..=LAST_MILLISECOND)).schema();
        let (active, limit) = (boolean().schema(), attempt_limit().schema());
        ObjectSchema::new(&["What is a candidate's own in a step; the step's is absent."])
            .property("active", "Switched off, the candidate is kept out.", false, active)
            .property("after", AFTER, false, date())
            .property("before", BEFORE, false, date())
            .property("attemptLimit", "How often it may be taken; -1: unlimited.", false, limit)
            .build()
    }
}

impl ToSchema for OwnStepValuesSchema {
    fn name() -> Cow<'static, str> {
        "OwnStepValues".into()
    }
}

/// The end of the year 9999, in milliseconds.
const LAST_MILLISECOND: i64 = LAST_SECOND * 1000;
const AFTER: &str =
    "Not open before this moment, in milliseconds since the epoch; null is no limit.";
const BEFORE: &str =
    "Not open from this moment on, in milliseconds since the epoch; null is no limit.";

impl From<CandidateView> for ManagedCandidate {
    fn from(candidate: CandidateView) -> Self {
        Self {
            candidate_id: candidate.id.to_string(),
            kind: candidate.kind.into(),
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
            steps: candidate.steps,
        }
    }
}
