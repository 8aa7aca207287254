//! `GET /tasks/{taskId}/test-instances/{id}`: one instance, byte for byte as the list has it.

use super::list::json;
use super::schema::{self, TestInstance};
use crate::etag::EntityTag;
use crate::integration::read;
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::ModeQuery;
use crate::state::ApiState;
use app::caller::Caller;
use axum::Extension;
use axum::response::Response;
use domain::id::{InstanceId, TaskId};
use domain::role::Right;

/// Fetches one test instance with its result.
#[utoipa::path(
    get, path = "/tasks/{taskId}/test-instances/{id}", tag = "Test instances",
    operation_id = "fetchTestInstance",
    params(("taskId" = String, Path), ("id" = String, Path), ModeQuery),
    responses(
        (status = 200, body = TestInstance), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors
    )
)]
pub async fn fetch(
    axum::extract::State(state): axum::extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadResults)?;
    let (head, [task, instance], ModeQuery { mode }) =
        read::path_and_query(incoming, ["taskId", "id"]).await?;
    let (task, instance) = (TaskId::from(task), InstanceId::from(instance));
    let row = state
        .app
        .results()
        .fetch_instance(&caller, &task, &instance, mode.into(), schema::write_json)
        .await?;
    let tag = EntityTag::of_bytes(row.as_bytes());
    Ok(tag.not_modified(head.headers()).unwrap_or_else(|| tag.apply_to(json(row))))
}
