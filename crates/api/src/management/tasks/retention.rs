//! `/tasks/{id}/retention`: how long a task keeps persons.

use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{integer, nullable};
use crate::request::{RequestObject as _, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::retention::MOST_DAYS;
use axum::{Extension, Json, extract};
use domain::id::TaskId;
use domain::role::Right;
use serde::Serialize;

request! {
    /// When candidates of a task are erased by themselves.
    pub(in crate::management) struct SetRetentionRequest as "TaskRetention" {
        /// Candidates are erased so many days after their last activity; null: never.
        erase_after_days: Option<u32> = nullable(integer::<u32>(1..=MOST_DAYS as i64)),
    }
}

/// The same as it is sent, with the schema of what is read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::management) struct TaskRetention {
    erase_after_days: Option<u32>,
}

/// Tells after how many days without activity a task's candidates are erased.
#[utoipa::path(
    get, path = "/tasks/{id}/retention", tag = "Tasks", operation_id = "getTaskRetention",
    params(("id" = String, Path)),
    responses((status = 200, body = SetRetentionRequest), CommonErrors, PathErrors)
)]
pub async fn get_retention(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<TaskRetention>, Problem> {
    caller.require(Right::ReadTasks)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    let erase_after_days = state.app.tasks().task_retention(&caller, &TaskId::from(id)).await?;
    Ok(Json(TaskRetention { erase_after_days }))
}

/// Sets them, or removes them with null. Whoever's time is over already is erased within the hour.
///
/// Asks for the scopes `tasks:write` and `persons:erase`.
#[utoipa::path(
    patch, path = "/tasks/{id}/retention", tag = "Tasks", operation_id = "setTaskRetention",
    params(("id" = String, Path)), request_body = SetRetentionRequest,
    responses((status = 200, body = SetRetentionRequest), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn set_retention(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<TaskRetention>, Problem> {
    caller.require(Right::WriteTasks)?;
    caller.require(Right::Erase)?;
    let ([id], SetRetentionRequest { erase_after_days }) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, SetRetentionRequest::read).await?;
    state.app.tasks().set_task_retention(&caller, &TaskId::from(id), erase_after_days).await?;
    Ok(Json(TaskRetention { erase_after_days }))
}
