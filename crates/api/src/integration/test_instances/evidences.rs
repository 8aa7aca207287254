//! `GET /tasks/{taskId}/test-instances/{id}/proctoring-evidences`: what was recorded of an
//! instance.

use super::schema::OwnerKind;
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors, string_enum_schema};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::ModeQuery;
use crate::state::ApiState;
use app::caller::Caller;
use app::evidences::Evidence;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::{InstanceId, TaskId};
use domain::instance::CandidateKind;
use domain::proctoring::{Detection, DetectionMethod, EvidenceKind};
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

fn evidence_kinds() -> RefOr<Schema> {
    string_enum_schema(
        "What was recorded: the camera as `photo` or `video`, the screen as `screenshot` or `screencapture`.",
        EvidenceKind::ALL,
        EvidenceKind::as_str,
    )
}

/// All evidences of a test instance, in creation order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceList {
    /// The recordings.
    proctoring_evidences: Vec<ProctoringEvidence>,
}

/// A recording in the mode that was asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum ProctoringEvidence {
    // Clients try one shape after the other, so the one that demands more comes first.
    Detailed(Box<DetailedEvidence>),
    Basic(BasicEvidence),
}

/// A recording with its owner, its number and what was seen in it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[serde(deny_unknown_fields)]
struct DetailedEvidence {
    /// Id of the recording.
    id: String,
    /// Id of the test instance.
    test_instance_id: String,
    /// Id of the task.
    task_id: String,
    /// Id of the organization.
    organization_id: String,
    /// Seconds since the epoch.
    created_at: i64,
    #[schema(schema_with = evidence_kinds)]
    kind: &'static str,
    /// Absolute and open for at least an hour; empty once the file is gone.
    url: String,
    /// ExactCandidateFilter recording it is.
    owner: EvidenceOwner,
    /// From 1, within instance and kind.
    nth: i64,
    /// What was seen in it.
    summary: EvidenceSummary,
}

/// ExactCandidateFilter recording it is: the user for kind `user`, the candidate for kind `temp`.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvidenceOwner {
    /// Whether it is a user of the organization or a person known in this task only.
    kind: OwnerKind,
    /// The userId for kind `user`, the candidateId for kind `temp`.
    id: String,
}

/// What was seen in a recording.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvidenceSummary {
    #[schema(schema_with = evidence_kinds)]
    kind: &'static str,
    #[schema(schema_with = flags)]
    flag: &'static str,
    /// Whether a program saw something.
    #[serde(rename = "AIDetected")]
    ai_detected: bool,
    /// What was seen, each with who saw it.
    detections: Vec<EvidenceDetection>,
}

/// Something that was seen in a recording.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EvidenceDetection {
    #[schema(schema_with = occasions)]
    from: &'static str,
    #[schema(schema_with = methods)]
    method: &'static str,
    #[schema(schema_with = sources)]
    source: &'static str,
}

fn words(description: &str, words: &'static [&'static str]) -> RefOr<Schema> {
    string_enum_schema(description, words, |word| word)
}

fn flags() -> RefOr<Schema> {
    words(
        "The worst of what was seen, unless staff set it.",
        &["CHEATING_ACTIVITY", "SUSPICIOUS_ACTIVITY", "SEAMLESS"],
    )
}

fn occasions() -> RefOr<Schema> {
    words("When it was seen.", &["live-proctoring", "post-proctoring"])
}

fn methods() -> RefOr<Schema> {
    words("Who saw it: `manual` is a person, `ai` a program.", &["manual", "ai"])
}

fn sources() -> RefOr<Schema> {
    let seen = &[
        "person-count",
        "cheating-activity",
        "same-person",
        "suspicious-activity",
        "forbidden-object",
        "face-position",
    ];
    words("What was seen.", seen)
}

/// A recording.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BasicEvidence {
    /// Id of the recording.
    id: String,
    /// Id of the test instance.
    test_instance_id: String,
    /// Id of the task.
    task_id: String,
    /// Id of the organization.
    organization_id: String,
    /// Seconds since the epoch.
    created_at: i64,
    #[schema(schema_with = evidence_kinds)]
    kind: &'static str,
    /// Absolute and open for at least an hour; empty once the file is gone.
    url: String,
}

fn entry(evidence: Evidence, mode: DetailLevel) -> ProctoringEvidence {
    let basic = BasicEvidence {
        id: evidence.id.to_string(),
        test_instance_id: evidence.instance.to_string(),
        task_id: evidence.task.to_string(),
        organization_id: evidence.organization.to_string(),
        created_at: evidence.created_at.seconds(),
        kind: evidence.kind.as_str(),
        url: evidence.url.clone().unwrap_or_default(),
    };
    match mode {
        DetailLevel::Basic => ProctoringEvidence::Basic(basic),
        DetailLevel::Detailed => ProctoringEvidence::Detailed(Box::new(detailed(basic, evidence))),
    }
}

fn detailed(basic: BasicEvidence, evidence: Evidence) -> DetailedEvidence {
    let kind = match evidence.owner_kind {
        CandidateKind::User => OwnerKind::User,
        CandidateKind::Temp => OwnerKind::Temp,
    };
    DetailedEvidence {
        id: basic.id,
        test_instance_id: basic.test_instance_id,
        task_id: basic.task_id,
        organization_id: basic.organization_id,
        created_at: basic.created_at,
        kind: basic.kind,
        url: basic.url,
        owner: EvidenceOwner { kind, id: evidence.owner },
        nth: evidence.nth,
        summary: EvidenceSummary {
            kind: basic.kind,
            flag: evidence.flag.as_str(),
            ai_detected: evidence.detections.iter().any(|seen| seen.method == DetectionMethod::Ai),
            detections: evidence.detections.iter().map(detection).collect(),
        },
    }
}

fn detection(seen: &Detection) -> EvidenceDetection {
    EvidenceDetection {
        from: seen.from.as_str(),
        method: seen.method.as_str(),
        source: seen.source.as_str(),
    }
}

/// Fetches all proctoring evidences of a test instance, in creation order.
#[utoipa::path(
    get, path = "/tasks/{taskId}/test-instances/{id}/proctoring-evidences", tag = "Test instances",
    operation_id = "listProctoringEvidences",
    params(("taskId" = String, Path), ("id" = String, Path), ModeQuery),
    responses(
        (status = 200, body = EvidenceList), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors
    )
)]
pub async fn evidences(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadEvidences)?;
    let (head, [task, id], ModeQuery { mode }) =
        read::path_and_query(incoming, ["taskId", "id"]).await?;
    let found = state
        .app
        .proctoring()
        .evidences(&caller, &TaskId::from(task), &InstanceId::from(id))
        .await?;
    let proctoring_evidences = found.into_iter().map(|evidence| entry(evidence, mode)).collect();
    Ok(reply::json_with_etag(&head, reply::to_json(&EvidenceList { proctoring_evidences })?))
}
