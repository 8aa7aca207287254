//! `GET /tasks/{taskId}/test-instances/{id}/proctoring-evidences`: what was recorded of an instance.

use super::shape::Owner;
use crate::incoming::Incoming;
use crate::integration::{read, reply};
use crate::mode::Mode;
use crate::openapi::{CommonErrors, PathErrors, word_schema};
use crate::parameters::ModeParameter;
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use app::evidences::Evidence;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

domain::words! {
    enum EvidenceKind {
        Video = "video",
        Photo = "photo",
        Screenshot = "screenshot",
        Screencapture = "screencapture",
    }
}

fn evidence_kinds() -> RefOr<Schema> {
    word_schema(EvidenceKind::ALL, EvidenceKind::as_str)
}

/// All evidences of a test instance, in creation order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceList {
    #[schema(value_type = Vec<ProctoringEvidence>)]
    proctoring_evidences: Vec<BasicEvidence>,
}

/// A recording in the mode that was asked for.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum ProctoringEvidence {
    // Clients try one shape after the other, so the one that demands more comes first.
    Detailed(DetailedEvidence),
    Basic(BasicEvidence),
}

/// A recording with its owner, its number and what was seen in it.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct DetailedEvidence {
    id: String,
    test_instance_id: String,
    task_id: String,
    organization_id: String,
    /// Seconds since the epoch.
    created_at: i64,
    #[schema(schema_with = evidence_kinds)]
    kind: String,
    /// Absolute and open for at least an hour; empty once the file is gone.
    url: String,
    owner: Owner,
    /// From 1, within instance and kind.
    nth: u32,
    summary: EvidenceSummary,
}

#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct EvidenceSummary {
    #[schema(schema_with = evidence_kinds)]
    kind: String,
    #[schema(schema_with = flags)]
    flag: String,
    #[serde(rename = "AIDetected")]
    ai_detected: bool,
    detections: Vec<Detection>,
}

/// Something that was seen in a recording.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct Detection {
    #[schema(schema_with = occasions)]
    from: String,
    #[schema(schema_with = methods)]
    method: String,
    #[schema(schema_with = sources)]
    source: String,
}

fn words(words: &'static [&'static str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied())).build().into()
}

fn flags() -> RefOr<Schema> {
    words(&["CHEATING_ACTIVITY", "SUSPICIOUS_ACTIVITY", "SEAMLESS"])
}

fn occasions() -> RefOr<Schema> {
    words(&["live-proctoring", "post-proctoring"])
}

fn methods() -> RefOr<Schema> {
    words(&["manual", "ai"])
}

fn sources() -> RefOr<Schema> {
    words(&[
        "person-count",
        "cheating-activity",
        "same-person",
        "suspicious-activity",
        "forbidden-object",
        "face-position",
    ])
}

/// A recording.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BasicEvidence {
    id: String,
    test_instance_id: String,
    task_id: String,
    organization_id: String,
    /// Seconds since the epoch.
    created_at: i64,
    #[schema(schema_with = evidence_kinds)]
    kind: &'static str,
    /// Absolute and open for at least an hour; empty once the file is gone.
    url: String,
}

impl From<Evidence> for BasicEvidence {
    fn from(evidence: Evidence) -> Self {
        match evidence {}
    }
}

/// Fetches all proctoring evidences of a test instance. Nothing is recorded by this version of the server.
#[utoipa::path(get, path = "/tasks/{taskId}/test-instances/{id}/proctoring-evidences", tag = "Test instances",
    operation_id = "listProctoringEvidences",
    params(("taskId" = String, Path), ("id" = String, Path), ModeParameter),
    responses((status = 200, body = EvidenceList), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors))]
pub async fn evidences(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::EvidencesRead)?;
    let (head, [task, id], _) = read::reading(incoming, ["taskId", "id"], Mode::read).await?;
    let found = state.app.evidences(&caller, &TaskId::from(task), &InstanceId::from(id)).await?;
    let proctoring_evidences = found.into_iter().map(BasicEvidence::from).collect();
    Ok(reply::tagged(&head, reply::print(&EvidenceList { proctoring_evidences })?))
}
