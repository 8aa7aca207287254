//! `POST /tasks/{taskId}/rescore`: computes the results of a task or of a step anew, a batch at a
//! time.

use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::administration::RescoredBatch;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{StepId, TaskId};
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// Computes results anew, a batch at a time.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RescoreTask)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct RescoreTaskRequest {
    /// Only the test instances of this step.
    #[schema(nullable = false)]
    step_id: Option<String>,
    /// `next` of the batch before; 0 at first.
    #[schema(minimum = 0)]
    after: i64,
}

/// What a batch came to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RescoredBatch)]
pub(in crate::management) struct RescoreTaskResponse {
    /// Test instances that were computed anew.
    looked_at: u64,
    /// Results that differ and got a new version.
    versions: u64,
    /// Results that were published otherwise than computed.
    repaired: u64,
    /// Send it as `after` for the next batch; null at the end.
    next: Option<i64>,
    /// The number of the task's last test instance, to compare `next` with.
    total: u64,
}

impl From<RescoredBatch> for RescoreTaskResponse {
    fn from(done: RescoredBatch) -> Self {
        let RescoredBatch { looked_at, versions, repaired, next, total } = done;
        Self { looked_at, versions, repaired, next, total }
    }
}

/// Computes results of a task anew, a batch of test instances at a time: ask again with `after`
/// until `next` is null.
///
/// A result that differs gets a new version; one that is published otherwise than its version says
/// is mended. What does not differ leaves no trace, so a batch may be sent again.
#[utoipa::path(post, path = "/tasks/{taskId}/rescore", tag = "Tasks", operation_id = "rescoreTask",
    params(("taskId" = String, Path)), request_body = RescoreTaskRequest,
    responses((status = 200, body = RescoreTaskResponse), CommonErrors, PathErrors, BodyErrors))]
pub async fn rescore_task(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<RescoreTaskResponse>, Problem> {
    caller.require_scope(Scope::ResultsWrite)?;
    let ([task], (step, after)) =
        read::path_and_body(incoming, ["taskId"], ONE_MEBIBYTE, shape).await?;
    let done = state.app.rescore_batch(&caller, &TaskId::from(task), step, after).await?;
    Ok(Json(done.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<(Option<StepId>, i64)> {
    let step = object.optional("stepId").text(1..=64).map(StepId::from);
    let after = object.required("after").integer(0..=i64::MAX);
    Some((step, after?))
}
