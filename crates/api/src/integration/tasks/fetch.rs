//! `GET /tasks/{id}`: one task.

use super::schema::TaskResponse;
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::{CommonErrors, PathErrors};
use crate::parameters::ModeParameter;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use app::caller::Caller;
use axum::response::Response;
use axum::{Extension, extract};
use domain::id::TaskId;
use domain::instance::Scope;

/// Fetches one task.
#[utoipa::path(
    get, path = "/tasks/{id}", tag = "Tasks", operation_id = "fetchTask",
    params(("id" = String, Path), ModeParameter),
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
    caller.require_scope(Scope::TasksRead)?;
    let (head, [id], mode) = read::read_path_and_query(incoming, ["id"], DetailLevel::read).await?;
    let task = state.app.task(&caller, &TaskId::from(id)).await?;
    Ok(reply::json_with_etag(&head, reply::to_json(&TaskResponse::of(task, mode))?))
}
