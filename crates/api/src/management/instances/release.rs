//! `POST /tasks/{taskId}/instances/{id}/release-result` and `.../withdraw-result`: shows the result
//! of one instance to its candidate, or takes it back.

use crate::body::receive::ONE_MEBIBYTE;
use crate::management::tasks::schema::ResultReleaseResponse;
use crate::management::{EmptyResponse, read};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, StateErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::administration::ReleaseAct;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

/// Releases the result of one instance before the others of its step; ends a withdrawal of its own.
/// Repeating it changes nothing.
///
/// A withdrawal of the whole step stands all the same.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/release-result", tag = "Instances",
    operation_id = "releaseInstanceResult",
    params(("taskId" = String, Path), ("id" = String, Path)), request_body = EmptyResponse,
    responses(
        (status = 200, body = ResultReleaseResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn release_instance(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ResultReleaseResponse>, Problem> {
    decide(&state, &caller, incoming, ReleaseAct::Release).await
}

/// Withdraws the result of one instance: nothing of it is shown until it is released again.
/// Repeating it changes nothing.
#[utoipa::path(
    post, path = "/tasks/{taskId}/instances/{id}/withdraw-result", tag = "Instances",
    operation_id = "withdrawInstanceResult",
    params(("taskId" = String, Path), ("id" = String, Path)), request_body = EmptyResponse,
    responses(
        (status = 200, body = ResultReleaseResponse), CommonErrors, PathErrors, BodyErrors,
        StateErrors
    )
)]
pub async fn withdraw_instance(
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
    let ([task, id], ()) =
        read::path_and_body(incoming, ["taskId", "id"], ONE_MEBIBYTE, |_| Some(())).await?;
    let (task, id) = (TaskId::from(task), InstanceId::from(id));
    let instances = state.app.instances();
    Ok(Json(instances.release_instance_result(caller, &task, &id, act).await?.into()))
}
