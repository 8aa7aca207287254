//! `GET /tasks/{id}`: one task.

use super::schema::TaskResponse;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::ModeQuery;
use crate::state::ApiState;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::TaskId;
use domain::role::Right;

/// Fetches one task.
#[utoipa::path(
    get, path = "/tasks/{id}", tag = "Tasks", operation_id = "fetchTask",
    params(("id" = String, Path), ModeQuery),
    responses(
        (status = 200, body = TaskResponse), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors
    )
)]
pub async fn fetch(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadTasks)?;
    let (head, [id], ModeQuery { mode }) = read::path_and_query(incoming, ["id"]).await?;
    let task = state.app.tasks().task(&caller, &TaskId::from(id)).await?;
    Ok(reply::json_with_etag(&head, reply::to_json(&TaskResponse::of(task, mode))?))
}
