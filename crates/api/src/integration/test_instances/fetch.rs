//! `GET /tasks/{taskId}/test-instances/{id}`: one instance, byte for byte as the list has it.

use super::list::json;
use super::schema::{self, TestInstance};
use crate::body::receive::unexpected;
use crate::detail_level::DetailLevel;
use crate::etag::EntityTag;
use crate::openapi::{CommonErrors, PathErrors};
use crate::parameters::ModeParameter;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use app::caller::Caller;
use axum::Extension;
use axum::response::Response;
use domain::fault::Faults;
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;

/// Fetches one test instance with its result.
#[utoipa::path(
    get, path = "/tasks/{taskId}/test-instances/{id}", tag = "Test instances",
    operation_id = "fetchTestInstance",
    params(("taskId" = String, Path), ("id" = String, Path), ModeParameter),
    responses(
        (status = 200, body = TestInstance), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors
    )
)]
pub async fn fetch(
    axum::extract::State(state): axum::extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require_scope(Scope::ResultsRead)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let task = TaskId::from(path.take_text("taskId"));
    let instance = InstanceId::from(path.take_text("id"));
    path.finish(&mut faults);
    let mut query = head.query();
    let mode = DetailLevel::read(&mut query);
    query.finish(&mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;

    let row = state
        .app
        .fetch_instance(&caller, &task, &instance, mode.into(), schema::write_json)
        .await?;
    let tag = EntityTag::of_bytes(row.as_bytes());
    Ok(tag.not_modified(head.headers()).unwrap_or_else(|| tag.apply_to(json(row))))
}
