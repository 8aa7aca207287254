//! `POST /tasks/{taskId}/steps/{stepId}/extend`: gives all open instances of a step more time.

use super::limit_owner::ExtendTimeRequest;
use super::schema::InstanceStatusResponse;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::RequestObject as _;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::id::{StepId, TaskId};
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

/// ExactCandidateFilter time was extended.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExtendedStep)]
pub(in crate::management) struct ExtendStepResponse {
    /// The open instances that got more time.
    extended: Vec<InstanceStatusResponse>,
    /// Open instances that have nothing to extend there.
    passed_over: Vec<PassedOverInstance>,
}

/// An instance that was passed over.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PassedOverInstance)]
struct PassedOverInstance {
    /// Id of the test instance.
    test_instance_id: String,
    /// Why, for example `no_time_limit`.
    code: &'static str,
}

/// Gives all open instances of a step more time.
///
/// It is done some hundred instances at a time, so that nobody's answer waits for all of them.
/// Asked again with the same place and seconds while it is under way, or within 15 minutes after
/// the server ended in the middle, it goes on where it was: nobody gets the time twice, and the
/// answer names all.
#[utoipa::path(
    post, path = "/tasks/{taskId}/steps/{stepId}/extend", tag = "Instances",
    operation_id = "extendStep", params(("taskId" = String, Path), ("stepId" = String, Path)),
    request_body = ExtendTimeRequest,
    responses((status = 200, body = ExtendStepResponse), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn extend_step(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ExtendStepResponse>, Problem> {
    caller.require(Right::Administer)?;
    let ([task, step], body) =
        read::path_and_body(incoming, ["taskId", "stepId"], ONE_MEBIBYTE, ExtendTimeRequest::read)
            .await?;
    let done = state
        .app
        .instances()
        .extend_step(&caller, &TaskId::from(task), &StepId::from(step), body)
        .await?;
    let passed_over = |(id, code): (domain::id::InstanceId, domain::refusal::Refusal)| {
        PassedOverInstance { test_instance_id: id.to_string(), code: code.as_str() }
    };
    Ok(Json(ExtendStepResponse {
        extended: done.extended.into_iter().map(InstanceStatusResponse::from).collect(),
        passed_over: done.passed_over.into_iter().map(passed_over).collect(),
    }))
}
