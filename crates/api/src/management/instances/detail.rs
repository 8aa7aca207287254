//! An instance with its history, as it is sent. Figures are sent as the literals they are kept as.

use super::kept_schema::{GivenScoreSchema, KeptSlotSchema, RubricLineSchema};
use super::schema::InstanceStatusResponse;
use crate::integration::test_instances::schema::DetailedFigures;
use crate::management::corrections::correction_schema::CorrectionSchema;
use crate::management::raw;
use crate::management::tasks::schema::ResultReleaseResponse;
use crate::openapi::EnumWord;
use app::administration::{InstanceDetail, PageDetail};
use app::audit::AuditEventKind;
use app::evaluation::ScoreKind;
use domain::fault::ErrorCode;
use domain::instance::{ActorKind, EvaluationMethod, VersionReason};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

type ActorKindWord = EnumWord<ActorKind>;
type AuditEventKindWord = EnumWord<AuditEventKind>;
type EvaluationMethodWord = EnumWord<EvaluationMethod>;
type ScoreKindWord = EnumWord<ScoreKind>;
type VersionReasonWord = EnumWord<VersionReason>;
type VersionStateWord = EnumWord<VersionState>;

domain::string_enum! {
    /// Whether answers of a result wait for an evaluation.
    enum VersionState {
        Waiting = "waiting",
        Settled = "settled",
    }
}

impl VersionState {
    const fn of(waiting: i64) -> Self {
        if waiting > 0 { Self::Waiting } else { Self::Settled }
    }
}

/// Everything that is known of an instance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceDetail)]
pub(in crate::management) struct InstanceDetailResponse {
    #[serde(flatten)]
    standing: InstanceStatusResponse,
    /// Id of the task.
    task_id: String,
    /// Id of the step.
    step_id: String,
    /// Id of the candidate.
    candidate_id: String,
    /// Its number in the task, from 1, in creation order.
    ordinal: i64,
    /// When it was started, in seconds since the epoch.
    started_at: i64,
    /// When the person was erased, in seconds since the epoch; null otherwise.
    erased_at: Option<i64>,
    /// What its time limits are multiplied by, a decimal as text.
    time_factor: String,
    /// The version of the rules of scoring it began with.
    engine_version: String,
    /// All computations of its result, oldest first.
    versions: Vec<ResultVersionItem>,
    /// The evaluations in force.
    evaluations: Vec<EvaluationItem>,
    /// The corrections in force, of the instance and of its step.
    corrections: Vec<CorrectionItem>,
    /// Its pages, in order.
    pages: Vec<InstancePageItem>,
    /// What staff have decided about showing this result to the candidate.
    release: ResultReleaseResponse,
    /// Null without the scope `audit:read`.
    events: Option<Vec<RecordedEventItem>>,
}

/// One computation of the result.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ResultVersion)]
struct ResultVersionItem {
    /// From 1.
    number: i64,
    /// When it was made, in seconds since the epoch.
    at: i64,
    /// Who did it.
    #[schema(inline)]
    actor_kind: ActorKindWord,
    /// Id of who did it; null for the system.
    actor_id: Option<String>,
    /// What it was made for.
    #[schema(inline)]
    reason: VersionReasonWord,
    /// Free text given beside it.
    note: Option<String>,
    /// `waiting` while answers wait for an evaluation, then `settled`.
    #[schema(inline)]
    state: VersionStateWord,
    /// Answers that wait for an evaluation.
    waiting: i64,
    /// Whether the pass mark is reached; null without one.
    passed: Option<bool>,
    /// The level that is reached; null without levels.
    level: Option<String>,
    /// SHA-256 of everything it was computed from, in hexadecimal.
    inputs_digest: String,
    /// The version of the rules of scoring it was computed by.
    engine_version: String,
    /// The figures, as the integration API prints them in mode `detailed`.
    #[schema(value_type = DetailedFigures)]
    result: Box<RawValue>,
    /// Rate and points of each slot, in order.
    #[schema(value_type = Vec<KeptSlotSchema>)]
    slots: Box<RawValue>,
}

/// An evaluation in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EvaluationEntry)]
struct EvaluationItem {
    /// The question's number, from 1.
    slot: i64,
    /// The sequence number of the answer it was made for.
    seq: i64,
    /// How it was entered.
    #[schema(value_type = ScoreKindWord, inline)]
    kind: String,
    /// What counts: a percentage or points, with what the question was worth.
    #[schema(value_type = GivenScoreSchema)]
    given: Box<RawValue>,
    /// Who made it: a person, a person with a rubric, or a program.
    #[schema(inline)]
    method: EvaluationMethodWord,
    /// The evaluator's words, for staff.
    comment: Option<String>,
    /// What was chosen on a rubric; null for another evaluation.
    #[schema(value_type = Option<Vec<RubricLineSchema>>)]
    rubric: Option<Box<RawValue>>,
    /// The evaluator's words for the candidate, as Markdown.
    feedback: Option<String>,
    /// Who did it.
    #[schema(inline)]
    actor_kind: ActorKindWord,
    /// Id of who did it; null for the system.
    actor_id: Option<String>,
    /// When it was made, in seconds since the epoch.
    at: i64,
}

/// A correction in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CorrectionEntry)]
struct CorrectionItem {
    /// Id of the correction.
    correction_id: String,
    /// In the order of making, from 1.
    number: i64,
    /// False when it holds for all of the step.
    is_of_instance: bool,
    /// What it changes, as it was sent.
    #[schema(value_type = CorrectionSchema)]
    correction: Box<RawValue>,
    /// Why it was made.
    reason: String,
    /// Who did it.
    #[schema(inline)]
    actor_kind: ActorKindWord,
    /// Id of who did it; null for the system.
    actor_id: Option<String>,
    /// When it was made, in seconds since the epoch.
    at: i64,
}

/// Where a page of an instance stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PageStanding)]
struct InstancePageItem {
    /// The page's number in the instance, from 1.
    page_no: u32,
    /// Number of its section, from 1.
    section_no: u32,
    /// Its title; empty without.
    title: String,
    /// Whether the candidate is on it.
    is_current: bool,
    /// Whether it was entered.
    visited: bool,
    /// Whether it is closed: it takes no answers.
    locked: bool,
}

/// One entry of the log of events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecordedEvent)]
struct RecordedEventItem {
    /// Its number in its chain, from 1.
    n: i64,
    /// Id of the event.
    id: String,
    /// When it happened, in seconds since the epoch.
    at: i64,
    /// What happened.
    #[schema(value_type = AuditEventKindWord, inline)]
    kind: String,
    /// Who did it.
    #[schema(inline)]
    actor_kind: ActorKindWord,
    /// Id of who did it; null for the system.
    actor_id: Option<String>,
    /// The `X-Request-Id` of the request that did it.
    request_id: Option<String>,
    /// The ids of what it happened to.
    #[schema(value_type = BTreeMap<String, String>)]
    subject: Box<RawValue>,
    /// Field names and numbers; never personal values.
    #[schema(value_type = Object)]
    detail: Box<RawValue>,
    /// The task's revision, where the event raised it.
    revision: Option<i64>,
}

impl InstanceDetailResponse {
    pub(super) fn of(detail: InstanceDetail) -> Result<Self, ErrorCode> {
        let versions = detail.versions.into_iter().map(|version| {
            Ok(ResultVersionItem {
                number: version.number,
                at: version.at.seconds(),
                actor_kind: version.actor_kind.into(),
                actor_id: version.actor_id,
                reason: version.reason.into(),
                note: version.note,
                state: VersionState::of(version.waiting).into(),
                waiting: version.waiting,
                passed: version.passed,
                level: version.level,
                inputs_digest: hex::encode(version.inputs_digest),
                engine_version: version.engine_version,
                result: raw(version.detailed)?,
                slots: raw(version.slots)?,
            })
        });
        let evaluations = detail.evaluations.into_iter().map(|evaluation| {
            Ok(EvaluationItem {
                slot: evaluation.slot,
                seq: evaluation.seq,
                kind: evaluation.given_kind,
                given: raw(evaluation.given)?,
                method: evaluation.method.into(),
                comment: evaluation.comment,
                rubric: evaluation.rubric.map(raw).transpose()?,
                feedback: evaluation.feedback,
                actor_kind: evaluation.actor_kind.into(),
                actor_id: evaluation.actor_id,
                at: evaluation.at.seconds(),
            })
        });
        let corrections = detail.corrections.into_iter().map(|correction| {
            Ok(CorrectionItem {
                correction_id: correction.id.to_string(),
                number: correction.number,
                is_of_instance: correction.instance_id.is_some(),
                correction: raw(correction.change)?,
                reason: correction.reason,
                actor_kind: correction.actor_kind.into(),
                actor_id: correction.actor_id,
                at: correction.at.seconds(),
            })
        });
        let events = detail.events.map(|events| {
            let event = |recorded: app::administration::RecordedEvent| {
                let event = recorded.event;
                Ok(RecordedEventItem {
                    n: recorded.n,
                    id: event.id.to_string(),
                    at: event.at.seconds(),
                    kind: event.kind,
                    actor_kind: event.actor_kind.into(),
                    actor_id: event.actor_id,
                    request_id: event.request_id.map(|id| id.to_string()),
                    subject: raw(event.subject)?,
                    detail: raw(event.detail)?,
                    revision: event.revision,
                })
            };
            events.into_iter().map(event).collect::<Result<Vec<_>, ErrorCode>>()
        });
        Ok(Self {
            standing: detail.status.into(),
            task_id: detail.task.to_string(),
            step_id: detail.step.to_string(),
            candidate_id: detail.candidate.to_string(),
            ordinal: detail.ordinal,
            started_at: detail.started_at.seconds(),
            erased_at: detail.erased_at.map(Timestamp::seconds),
            time_factor: detail.time_factor,
            engine_version: detail.engine_version,
            versions: versions.collect::<Result<_, ErrorCode>>()?,
            evaluations: evaluations.collect::<Result<_, ErrorCode>>()?,
            corrections: corrections.collect::<Result<_, ErrorCode>>()?,
            pages: detail.pages.into_iter().map(InstancePageItem::from).collect(),
            release: detail.release.into(),
            events: events.transpose()?,
        })
    }
}

impl From<PageDetail> for InstancePageItem {
    fn from(page: PageDetail) -> Self {
        Self {
            page_no: page.number,
            section_no: page.section,
            title: page.title,
            is_current: page.is_current,
            visited: page.is_visited,
            locked: page.is_locked,
        }
    }
}
