//! Proctoring: what was recorded of an instance, and what staff and programs say about it.

use super::read;
use crate::body::receive::ONE_MEBIBYTE;
use crate::openapi::{BodyErrors, CommonErrors, EnumWord, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{boolean, nullable, word};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::evidences::Evidence;
use app::media::StoredMedia;
use app::proctoring::{IdentityView, ProctoringView};
use axum::{Extension, Json, extract};
use domain::id::{CandidateId, InstanceId, MediaId, TaskId};
use domain::proctoring::missing::MissingRecordings;
use domain::proctoring::{
    Detection, DetectionMethod, DetectionOccasion, DetectionSource, EvidenceFlag, EvidenceKind,
    InstanceFlag,
};
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

type DetectionMethodWord = EnumWord<DetectionMethod>;
type DetectionOccasionWord = EnumWord<DetectionOccasion>;
type DetectionSourceWord = EnumWord<DetectionSource>;
type EvidenceFlagWord = EnumWord<EvidenceFlag>;
type EvidenceKindWord = EnumWord<EvidenceKind>;
type InstanceFlagWord = EnumWord<InstanceFlag>;

/// What proctoring knows of an instance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceProctoring)]
pub(super) struct ProctoringResponse {
    /// What it is marked with: `grey` where nothing is recorded, `green` where nothing was seen,
    /// `brown` where recordings are missing or the candidate was away too long.
    #[schema(inline)]
    flag: InstanceFlagWord,
    /// The one set by hand; null without.
    #[schema(inline)]
    flag_by_hand: Option<InstanceFlagWord>,
    /// Files stay beyond their time.
    held: bool,
    /// Absences from full screen that counted.
    absences: u32,
    /// Their counted time in seconds.
    absent_seconds: i64,
    /// Null when there is no photo.
    identity_photo_url: Option<String>,
    /// Those that the candidate sent before the start.
    documents: Vec<IdentityDocument>,
    /// The recordings, in creation order.
    evidences: Vec<MarkedEvidence>,
    /// Times in which recordings are missing that the step asks for, oldest first.
    missing: Vec<MissingEvidence>,
}

/// A time in which recordings of a kind are missing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MissingEvidence {
    /// What is missing.
    #[schema(inline)]
    kind: EvidenceKindWord,
    /// About when it began, in seconds since the epoch by the server's clock.
    from: i64,
    /// About when it was over.
    until: i64,
    /// How many recordings were taken and never arrived; 0 when none was taken, as where the camera
    /// was switched off.
    lost: i64,
}

impl From<MissingRecordings> for MissingEvidence {
    fn from(missing: MissingRecordings) -> Self {
        Self {
            kind: missing.kind.into(),
            from: missing.from.seconds(),
            until: missing.until.seconds(),
            lost: missing.lost,
        }
    }
}

/// A file that a candidate sent before the start.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IdentityDocument {
    /// Id of the file.
    id: String,
    /// The name a step asks for it by; null for the identity photo.
    name: Option<String>,
    /// As its first bytes say.
    media_type: String,
    /// The size.
    bytes: u64,
    /// Absolute and open for at least an hour, without a key.
    url: String,
}

impl From<(StoredMedia, String)> for IdentityDocument {
    fn from((media, url): (StoredMedia, String)) -> Self {
        let StoredMedia { id, bytes, media_type, name } = media;
        Self { id: id.to_string(), name, media_type, bytes, url }
    }
}

/// What a candidate has shown of who it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CandidateIdentity)]
pub(super) struct IdentityResponse {
    /// Null when there is no photo or its time is over.
    #[schema(required)]
    identity_photo: Option<IdentityDocument>,
    /// The documents the candidate has sent.
    documents: Vec<IdentityDocument>,
}

impl From<IdentityView> for IdentityResponse {
    fn from(view: IdentityView) -> Self {
        let documents = view.documents.into_iter().map(IdentityDocument::from).collect();
        Self { identity_photo: view.photo.map(IdentityDocument::from), documents }
    }
}

/// A recording with what was seen in it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MarkedEvidence {
    /// Id of the recording.
    id: String,
    /// What was recorded.
    #[schema(inline)]
    kind: EvidenceKindWord,
    /// From 1, within instance and kind.
    nth: i64,
    /// When it was kept, in seconds since the epoch.
    created_at: i64,
    /// As its first bytes say.
    media_type: String,
    /// The size.
    bytes: u64,
    /// What it shows.
    #[schema(inline)]
    flag: EvidenceFlagWord,
    /// The flag set by hand; null without.
    #[schema(inline)]
    flag_by_hand: Option<EvidenceFlagWord>,
    /// What was seen in it.
    detections: Vec<EvidenceSighting>,
    /// Null once the file's time is over.
    url: Option<String>,
}

/// Something that was seen in a recording.
#[derive(Serialize, ToSchema)]
#[schema(as = SeenInEvidence)]
struct EvidenceSighting {
    /// When it was seen.
    #[schema(inline)]
    from: DetectionOccasionWord,
    /// Who saw it: `manual` is a person, `ai` a program.
    #[schema(inline)]
    method: DetectionMethodWord,
    /// What was seen.
    #[schema(inline)]
    source: DetectionSourceWord,
}

impl From<Evidence> for MarkedEvidence {
    fn from(evidence: Evidence) -> Self {
        let seen = |seen: &Detection| EvidenceSighting {
            from: seen.from.into(),
            method: seen.method.into(),
            source: seen.source.into(),
        };
        Self {
            id: evidence.id.to_string(),
            kind: evidence.kind.into(),
            nth: evidence.nth,
            created_at: evidence.created_at.seconds(),
            media_type: evidence.media_type,
            bytes: evidence.bytes,
            flag: evidence.flag.into(),
            flag_by_hand: evidence.flag_by_hand.map(EnumWord),
            detections: evidence.detections.iter().map(seen).collect(),
            url: evidence.url,
        }
    }
}

impl From<ProctoringView> for ProctoringResponse {
    fn from(view: ProctoringView) -> Self {
        Self {
            flag: view.flag.into(),
            flag_by_hand: view.flag_by_hand.map(EnumWord),
            held: view.is_held,
            absences: view.absences,
            absent_seconds: view.absent_seconds,
            identity_photo_url: view.identity_photo.map(|(_, url)| url),
            documents: view.documents.into_iter().map(IdentityDocument::from).collect(),
            evidences: view.evidences.into_iter().map(MarkedEvidence::from).collect(),
            missing: view.missing.into_iter().map(MissingEvidence::from).collect(),
        }
    }
}

/// Shows what proctoring knows of an instance. That it was viewed is recorded.
#[utoipa::path(get, path = "/tasks/{taskId}/instances/{id}/proctoring", tag = "Proctoring",
    operation_id = "showProctoring", params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = ProctoringResponse), CommonErrors, PathErrors))]
pub async fn show_proctoring(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ProctoringResponse>, Problem> {
    caller.require(Right::ReadEvidences)?;
    let [task, id] = read::path_ids_only(incoming, ["taskId", "id"]).await?;
    Ok(Json(
        state
            .app
            .proctoring()
            .proctoring_view(&caller, &TaskId::from(task), &InstanceId::from(id))
            .await?
            .into(),
    ))
}

/// Shows the identity photo and the documents of a candidate, before the first start as well.
#[utoipa::path(
    get, path = "/tasks/{taskId}/candidates/{id}/identity", tag = "Proctoring",
    operation_id = "showCandidateIdentity",
    params(("taskId" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = IdentityResponse), CommonErrors, PathErrors)
)]
pub async fn show_identity(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<IdentityResponse>, Problem> {
    caller.require(Right::ReadEvidences)?;
    let [task, id] = read::path_ids_only(incoming, ["taskId", "id"]).await?;
    Ok(Json(
        state
            .app
            .proctoring()
            .identity_view(&caller, &TaskId::from(task), &CandidateId::from(id))
            .await?
            .into(),
    ))
}

request! {
    /// A change of what is known of the conduct of an instance; what is absent stays.
    pub(super) struct SetProctoringRequest as "ProctoringChange" {
        /// The flag set by hand; null lets it go by what is known again.
        flag: Option<Option<InstanceFlag>> = optional(nullable(word::<InstanceFlag>())),
        /// Whether the files stay beyond their time.
        held: Option<bool> = optional(boolean()),
    }
}

/// Sets an instance's flag by hand, and whether its files are held beyond their time. What is
/// absent stays.
#[utoipa::path(
    patch, path = "/tasks/{taskId}/instances/{id}/proctoring", tag = "Proctoring",
    operation_id = "setProctoring", params(("taskId" = String, Path), ("id" = String, Path)),
    request_body = SetProctoringRequest,
    responses((status = 200, body = ProctoringResponse), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn set_proctoring(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ProctoringResponse>, Problem> {
    caller.require(Right::Administer)?;
    caller.require(Right::ReadEvidences)?;
    let names = ["taskId", "id"];
    let ([task, id], SetProctoringRequest { flag, held }) =
        read::path_and_body(incoming, names, ONE_MEBIBYTE, SetProctoringRequest::read).await?;
    let (task, id) = (TaskId::from(task), InstanceId::from(id));
    Ok(Json(
        state.app.proctoring().set_instance_flag(&caller, &task, &id, flag, held).await?.into(),
    ))
}

request! {
    /// A change of a recording.
    pub(super) struct SetEvidenceRequest as "EvidenceChange" {
        /// The flag set by hand; null lets it go by the detections again.
        flag: Option<EvidenceFlag> = nullable(word::<EvidenceFlag>()),
    }
}

/// Sets a recording's flag by hand.
#[utoipa::path(
    patch, path = "/tasks/{taskId}/instances/{id}/evidences/{evidenceId}", tag = "Proctoring",
    operation_id = "setEvidenceFlag",
    params(("taskId" = String, Path), ("id" = String, Path), ("evidenceId" = String, Path)),
    request_body = SetEvidenceRequest,
    responses((status = 200, body = MarkedEvidence), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn set_evidence(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<MarkedEvidence>, Problem> {
    caller.require(Right::Administer)?;
    caller.require(Right::ReadEvidences)?;
    let names = ["taskId", "id", "evidenceId"];
    let ([task, id, evidence], SetEvidenceRequest { flag }) =
        read::path_and_body(incoming, names, ONE_MEBIBYTE, SetEvidenceRequest::read).await?;
    let (task, id, evidence) = (TaskId::from(task), InstanceId::from(id), MediaId::from(evidence));
    Ok(Json(
        state
            .app
            .proctoring()
            .set_evidence_flag(&caller, &task, &id, &evidence, flag)
            .await?
            .into(),
    ))
}

request! {
    /// Something that was seen in a recording.
    pub(super) struct AddDetectionRequest as "NewDetection" for Detection {
        /// When it was seen.
        from = word::<DetectionOccasion>(),
        /// Who saw it: `manual` is a person, `ai` a program.
        method = word::<DetectionMethod>(),
        /// What was seen.
        source = word::<DetectionSource>(),
    }
}

/// Adds something that was seen in a recording. The same again changes nothing.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/evidences/{evidenceId}/detections",
    tag = "Proctoring", operation_id = "addDetection",
    params(("taskId" = String, Path), ("id" = String, Path), ("evidenceId" = String, Path)),
    request_body = AddDetectionRequest,
    responses((status = 200, body = MarkedEvidence), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn add_detection(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<MarkedEvidence>, Problem> {
    caller.require(Right::Administer)?;
    caller.require(Right::ReadEvidences)?;
    let names = ["taskId", "id", "evidenceId"];
    let ([task, id, evidence], seen) =
        read::path_and_body(incoming, names, ONE_MEBIBYTE, AddDetectionRequest::read).await?;
    let (task, id, evidence) = (TaskId::from(task), InstanceId::from(id), MediaId::from(evidence));
    Ok(Json(
        state.app.proctoring().add_detection(&caller, &task, &id, &evidence, seen).await?.into(),
    ))
}
