//! What is recorded of a candidate at a test, and reports about full screen.

use super::read;
use crate::body::BodyObject;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{boolean, word};
use crate::request::{RequestObject as _, or_value, request};
use crate::state::ApiState;
use app::delivery::fullscreen::{AbsenceView, FullscreenEvent};
use axum::Json;
use axum::extract;
use domain::fault::Faults;
use domain::id::InstanceId;
use domain::proctoring::{EvidenceKind, recorded_kinds};
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

domain::string_enum! {
    enum FullscreenMovement {
        Left = "left",
        Returned = "returned",
    }
}

/// What the step records, and how the candidate keeps to it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InstanceConduct)]
pub(super) struct InstanceConductResponse {
    /// Kinds of recordings that the step asks for: `photo`, `video`, `screenshot`, `screencapture`.
    records: Vec<&'static str>,
    /// Whether the test is taken in full screen.
    fullscreen: bool,
    /// Whether it is for practice: kept answers may be checked.
    practice: bool,
    /// How often and how long the candidate was out of full screen.
    absences: FullscreenAbsencesResponse,
}

/// Absences from full screen by the server's clock.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FullscreenAbsences)]
pub(super) struct FullscreenAbsencesResponse {
    /// Those that counted.
    count: u32,
    /// Their counted time.
    seconds: i64,
    /// When the one that lasts ends the test.
    ends_at_millis: Option<i64>,
    /// Whether a limit has ended the test.
    terminated: bool,
}

impl From<AbsenceView> for FullscreenAbsencesResponse {
    fn from(view: AbsenceView) -> Self {
        Self {
            count: view.count,
            seconds: view.seconds,
            ends_at_millis: view.ends_at.map(|Timestamp(millis)| millis),
            terminated: view.is_terminated,
        }
    }
}

request! {
    /// What the browser noticed of full screen.
    struct ReportFullscreenRequest as "FullscreenReport" into FullscreenEvent by to_event {
        /// Whether the candidate left full screen or came back to it.
        event: FullscreenMovement = word::<FullscreenMovement>(),
        /// Left for choosing a file or granting a device: 60 seconds of that do not count.
        allowed: bool = or_value(boolean(), false),
    }
}

fn to_event(sent: ReportFullscreenRequest, _: &BodyObject<'_>) -> Option<FullscreenEvent> {
    Some(match sent.event {
        FullscreenMovement::Left => FullscreenEvent::Left { is_allowed: sent.allowed },
        FullscreenMovement::Returned => FullscreenEvent::Returned,
    })
}

/// Shows what is recorded and whether the test is taken in full screen.
#[utoipa::path(
    get, path = "/instances/{id}/conduct", tag = "Taking a test", operation_id = "showConduct",
    params(("id" = String, Path)),
    responses((status = 200, body = InstanceConductResponse), CommonErrors, PathErrors)
)]
pub async fn conduct(
    extract::State(state): extract::State<ApiState>,
    incoming: RawRequest,
) -> Result<Json<InstanceConductResponse>, Problem> {
    let visitor = read::candidate_session(&state, &incoming.head)?;
    let instance: InstanceId = read::path_id_only(incoming, "id").await?;
    let view = state.app.delivery().instance_conduct(&visitor, &instance).await?;
    Ok(Json(InstanceConductResponse {
        records: recorded_kinds(&view.conduct).into_iter().map(EvidenceKind::as_str).collect(),
        fullscreen: view.conduct.fullscreen.is_some(),
        practice: view.conduct.practice_mode,
        absences: view.absences.into(),
    }))
}

/// Reports that the candidate left full screen or came back. Passing a limit ends the test.
#[utoipa::path(
    post, path = "/instances/{id}/fullscreen", tag = "Taking a test",
    operation_id = "reportFullscreen", params(("id" = String, Path)),
    request_body = ReportFullscreenRequest,
    responses(
        (status = 200, body = FullscreenAbsencesResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn report_fullscreen(
    extract::State(state): extract::State<ApiState>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<FullscreenAbsencesResponse>, Problem> {
    let visitor = read::candidate_session(&state, &head)?;
    let mut faults = Faults::new();
    let instance: InstanceId = read::id(&head, "id", &mut faults);
    let report = read::body(&head, body, faults, ReportFullscreenRequest::read).await?;
    Ok(Json(state.app.delivery().report_fullscreen(&visitor, &instance, report).await?.into()))
}
