//! `POST /tasks/{taskId}/rescore`: computes the results of a task or of a step anew, a batch at a
//! time.

use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{id, integer};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::administration::RescoredBatch;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{StepId, TaskId};
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

request! {
    /// Computes results anew, a batch at a time.
    pub(in crate::management) struct RescoreTaskRequest as "RescoreTask" {
        /// Only the test instances of this step.
        step_id: Option<StepId> = optional(id::<StepId>()),
        /// `next` of the batch before; 0 at first.
        after: i64 = integer::<i64>(0..=i64::MAX),
    }
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
    caller.require(Right::Administer)?;
    let ([task], RescoreTaskRequest { step_id, after }) =
        read::path_and_body(incoming, ["taskId"], ONE_MEBIBYTE, RescoreTaskRequest::read).await?;
    let done =
        state.app.instances().rescore_batch(&caller, &TaskId::from(task), step_id, after).await?;
    Ok(Json(done.into()))
}
