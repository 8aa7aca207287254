//! `POST /tasks/{taskId}/steps/{stepId}/release-results` and `.../withdraw-results`: shows the
//! results of a step to its candidates, or takes them back.

use super::schema::ResultReleaseResponse;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::{EmptyResponse, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::administration::ReleaseAct;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{StepId, TaskId};
use domain::role::Right;

/// Releases the results of a step: candidates see what it shares. Ends a withdrawal. Repeating it
/// changes nothing.
///
/// Steps whose `shareWhen` is not `released` show results without it. 409 `nothing_shared` where
/// the step shares nothing.
#[utoipa::path(
    post, path = "/tasks/{taskId}/steps/{stepId}/release-results", tag = "Tasks",
    operation_id = "releaseStepResults",
    params(("taskId" = String, Path), ("stepId" = String, Path)), request_body = EmptyResponse,
    responses(
        (status = 200, body = ResultReleaseResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn release_step(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ResultReleaseResponse>, Problem> {
    decide(&state, &caller, incoming, ReleaseAct::Release).await
}

/// Withdraws the results of a step: nothing is shown until they are released again. Repeating it
/// changes nothing.
#[utoipa::path(
    post, path = "/tasks/{taskId}/steps/{stepId}/withdraw-results", tag = "Tasks",
    operation_id = "withdrawStepResults",
    params(("taskId" = String, Path), ("stepId" = String, Path)), request_body = EmptyResponse,
    responses(
        (status = 200, body = ResultReleaseResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn withdraw_step(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ResultReleaseResponse>, Problem> {
    decide(&state, &caller, incoming, ReleaseAct::Withdraw).await
}

async fn decide(
    state: &ApiState,
    caller: &Caller,
    incoming: RawRequest,
    act: ReleaseAct,
) -> Result<Json<ResultReleaseResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, step], ()) =
        read::path_and_body(incoming, ["taskId", "stepId"], ONE_MEBIBYTE, |_| Some(())).await?;
    let (task, step) = (TaskId::from(task), StepId::from(step));
    let instances = state.app.instances();
    Ok(Json(instances.release_step_results(caller, &task, &step, act).await?.into()))
}
