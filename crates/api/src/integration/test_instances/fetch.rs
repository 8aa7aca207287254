//! `GET /tasks/{taskId}/test-instances/{id}`: one instance, byte for byte as the list has it.

use super::list::json;
use super::shape::{self, TestInstance};
use crate::body::receive::unexpected;
use crate::etag::Tag;
use crate::incoming::Incoming;
use crate::mode::Mode;
use crate::openapi::{CommonErrors, PathErrors};
use crate::parameters::ModeParameter;
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::Extension;
use axum::response::Response;
use domain::fault::Faults;
use domain::id::{InstanceId, TaskId};
use domain::instance::Scope;

/// Fetches one test instance with its result.
#[utoipa::path(get, path = "/tasks/{taskId}/test-instances/{id}", tag = "Test instances",
    operation_id = "fetchTestInstance",
    params(("taskId" = String, Path), ("id" = String, Path), ModeParameter),
    responses((status = 200, body = TestInstance), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors))]
pub async fn fetch(
    axum::extract::State(state): axum::extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::ResultsRead)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let task = TaskId::from(path.take_text("taskId"));
    let instance = InstanceId::from(path.take_text("id"));
    path.finish(&mut faults);
    let mut query = head.query();
    let mode = Mode::read(&mut query);
    query.finish(&mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;

    let row = state.app.fetch_instance(&caller, &task, &instance, mode.into(), shape::print).await?;
    let tag = Tag::of_bytes(row.as_bytes());
    Ok(tag.not_modified(head.headers()).unwrap_or_else(|| tag.on(json(row))))
}
