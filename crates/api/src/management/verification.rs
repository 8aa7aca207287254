//! `/verification`: whether everything that is published is what the kept inputs give.

use super::read;
use crate::openapi::{CommonErrors, EnumWord};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use app::verification::{Difference, DifferenceAspect, VerificationRun, VerificationState};
use axum::{Extension, Json, extract};
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

type DifferenceAspectWord = EnumWord<DifferenceAspect>;
type VerificationStateWord = EnumWord<VerificationState>;

/// A verification of everything that is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Verification)]
pub(super) struct VerificationResponse {
    /// How far it is; `failed` when the database could not be read or the server was stopped.
    #[schema(inline)]
    state: VerificationStateWord,
    /// Seconds since the epoch.
    asked_at: i64,
    /// Seconds since the epoch.
    finished_at: Option<i64>,
    /// Test instances there were when it began.
    total: u64,
    /// Test instances looked at so far; so are the other counts.
    instances: u64,
    /// Events whose chains were recomputed.
    events: u64,
    /// Receipts whose chains were recomputed.
    receipts: u64,
    /// Files whose digests were recomputed.
    files: u64,
    /// Results of erased persons or of an older engine: compared with their copies, not computed.
    compared_only: u64,
    /// Whether nothing differs; null until it is finished.
    whole: Option<bool>,
    /// Differences found so far.
    difference_count: u64,
    /// The first 1,000.
    differences: Vec<FoundDifference>,
}

/// Something that is not as it must be.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VerificationDifference)]
pub(super) struct FoundDifference {
    /// What is not as it should be.
    #[schema(inline)]
    aspect: DifferenceAspectWord,
    /// The task it lies in, where there is one.
    task_id: Option<String>,
    /// The test instance, file, task or organization it is about.
    id: String,
    /// In words; holds no personal values.
    detail: String,
}

impl From<Difference> for FoundDifference {
    fn from(found: Difference) -> Self {
        Self {
            aspect: found.aspect.into(),
            task_id: found.task.map(|task| task.to_string()),
            id: found.id,
            detail: found.detail,
        }
    }
}

impl From<VerificationRun> for VerificationResponse {
    fn from(run: VerificationRun) -> Self {
        let is_finished = run.state == VerificationState::Finished;
        Self {
            state: run.state.into(),
            asked_at: run.requested_at.seconds(),
            finished_at: run.finished_at.map(domain::time::Timestamp::seconds),
            total: run.total,
            instances: run.tally.instances,
            events: run.tally.events,
            receipts: run.tally.receipts,
            files: run.tally.files,
            compared_only: run.tally.compared_only,
            whole: is_finished.then_some(run.difference_count == 0),
            difference_count: run.difference_count,
            differences: run.differences.into_iter().map(FoundDifference::from).collect(),
        }
    }
}

/// Tells how far the organization's verification is and what it found. The first time, it begins
/// one.
///
/// Every latest result is computed anew from kept inputs and compared with what is published;
/// chains of events and receipts and candidates' files are checked. That takes long and is done
/// beside requests, one organization after another: ask again. Asks for the scope `manage` of a key
/// that is not limited to tasks or folders.
#[utoipa::path(get, path = "/verification", tag = "Organization", operation_id = "getVerification",
    responses((status = 200, body = VerificationResponse), CommonErrors))]
pub async fn get_verification(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<VerificationResponse>, Problem> {
    caller.require(Right::Manage)?;
    let [] = read::path_ids_only(incoming, []).await?;
    Ok(Json(state.app.audit().verification(&caller)?.into()))
}

/// Begins a verification anew, unless one waits or is under way.
///
/// Asks for the scope `manage` of a key that is not limited to tasks or folders.
#[utoipa::path(
    post, path = "/verification", tag = "Organization", operation_id = "beginVerification",
    responses((status = 200, body = VerificationResponse), CommonErrors)
)]
pub async fn begin_verification(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<VerificationResponse>, Problem> {
    caller.require(Right::Manage)?;
    let [] = read::path_ids_only(incoming, []).await?;
    Ok(Json(state.app.audit().begin_verification(&caller)?.into()))
}
