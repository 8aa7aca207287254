//! An instance with its history, as it is sent. Figures are sent as the literals they are kept as.

use super::shape::Standing;
use crate::management::raw;
use app::administration::{InstanceDetail, PageDetail};
use domain::fault::Code;
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceDetail)]
pub(in crate::management) struct Detail {
    #[serde(flatten)]
    standing: Standing,
    task_id: String,
    step_id: String,
    candidate_id: String,
    ordinal: i64,
    started_at: i64,
    erased_at: Option<i64>,
    time_factor: String,
    engine_version: String,
    versions: Vec<Version>,
    evaluations: Vec<Evaluation>,
    corrections: Vec<Correction>,
    pages: Vec<Page>,
    /// Null without the scope `audit:read`.
    events: Option<Vec<Event>>,
}

/// One computation of the result.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ResultVersion)]
struct Version {
    number: i64,
    at: i64,
    actor_kind: &'static str,
    actor_id: Option<String>,
    reason: &'static str,
    note: Option<String>,
    /// `waiting` or `settled`.
    state: &'static str,
    waiting: i64,
    passed: Option<bool>,
    level: Option<String>,
    /// SHA-256 of everything it was computed from, in hexadecimal.
    inputs_digest: String,
    engine_version: String,
    #[schema(value_type = Object)]
    result: Box<RawValue>,
    /// Rate and points per slot.
    #[schema(value_type = Vec<Object>)]
    slots: Box<RawValue>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EvaluationEntry)]
struct Evaluation {
    slot: i64,
    seq: i64,
    kind: String,
    #[schema(value_type = Object)]
    given: Box<RawValue>,
    method: &'static str,
    comment: Option<String>,
    actor_kind: &'static str,
    actor_id: Option<String>,
    at: i64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CorrectionEntry)]
struct Correction {
    correction_id: String,
    number: i64,
    /// False when it holds for all of the step.
    is_of_instance: bool,
    #[schema(value_type = Object)]
    correction: Box<RawValue>,
    reason: String,
    actor_kind: &'static str,
    actor_id: Option<String>,
    at: i64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PageStanding)]
struct Page {
    page_no: u32,
    section_no: u32,
    title: String,
    is_current: bool,
    visited: bool,
    locked: bool,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RecordedEvent)]
struct Event {
    n: i64,
    id: String,
    at: i64,
    kind: String,
    actor_kind: &'static str,
    actor_id: Option<String>,
    request_id: Option<String>,
    #[schema(value_type = Object)]
    subject: Box<RawValue>,
    #[schema(value_type = Object)]
    detail: Box<RawValue>,
    revision: Option<i64>,
}

impl Detail {
    pub(super) fn of(detail: InstanceDetail) -> Result<Self, Code> {
        let versions = detail.versions.into_iter().map(|version| {
            Ok(Version {
                number: version.number,
                at: version.at.seconds(),
                actor_kind: version.actor_kind.as_str(),
                actor_id: version.actor_id,
                reason: version.reason.as_str(),
                note: version.note,
                state: if version.waiting > 0 { "waiting" } else { "settled" },
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
            Ok(Evaluation {
                slot: evaluation.slot,
                seq: evaluation.seq,
                kind: evaluation.given_kind,
                given: raw(evaluation.given)?,
                method: evaluation.method.as_str(),
                comment: evaluation.comment,
                actor_kind: evaluation.actor_kind.as_str(),
                actor_id: evaluation.actor_id,
                at: evaluation.at.seconds(),
            })
        });
        let corrections = detail.corrections.into_iter().map(|correction| {
            Ok(Correction {
                correction_id: correction.id.to_string(),
                number: correction.number,
                is_of_instance: correction.instance_id.is_some(),
                correction: raw(correction.change)?,
                reason: correction.reason,
                actor_kind: correction.actor_kind.as_str(),
                actor_id: correction.actor_id,
                at: correction.at.seconds(),
            })
        });
        let events = detail.events.map(|events| {
            let event = |recorded: app::administration::RecordedEvent| {
                let event = recorded.event;
                Ok(Event {
                    n: recorded.n,
                    id: event.id.to_string(),
                    at: event.at.seconds(),
                    kind: event.kind,
                    actor_kind: event.actor_kind.as_str(),
                    actor_id: event.actor_id,
                    request_id: event.request_id.map(|id| id.to_string()),
                    subject: raw(event.subject)?,
                    detail: raw(event.detail)?,
                    revision: event.revision,
                })
            };
            events.into_iter().map(event).collect::<Result<Vec<_>, Code>>()
        });
        Ok(Self {
            standing: detail.standing.into(),
            task_id: detail.task.to_string(),
            step_id: detail.step.to_string(),
            candidate_id: detail.candidate.to_string(),
            ordinal: detail.ordinal,
            started_at: detail.started_at.seconds(),
            erased_at: detail.erased_at.map(Timestamp::seconds),
            time_factor: detail.time_factor,
            engine_version: detail.engine_version,
            versions: versions.collect::<Result<_, Code>>()?,
            evaluations: evaluations.collect::<Result<_, Code>>()?,
            corrections: corrections.collect::<Result<_, Code>>()?,
            pages: detail.pages.into_iter().map(Page::from).collect(),
            events: events.transpose()?,
        })
    }
}

impl From<PageDetail> for Page {
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
