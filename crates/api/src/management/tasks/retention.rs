//! `/tasks/{id}/retention`: how long a task keeps persons.

use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use app::caller::Caller;
use app::retention::MOST_DAYS;
use axum::{Extension, Json, extract};
use domain::id::TaskId;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// When candidates of a task are erased by themselves.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TaskRetention)]
pub(in crate::management) struct TaskRetention {
    /// Candidates are erased so many days after their last activity; null: never.
    #[schema(required, minimum = 1, maximum = 36_500)]
    erase_after_days: Option<u32>,
}

/// Tells after how many days without activity a task's candidates are erased.
#[utoipa::path(
    get, path = "/tasks/{id}/retention", tag = "Tasks", operation_id = "getTaskRetention",
    params(("id" = String, Path)),
    responses((status = 200, body = TaskRetention), CommonErrors, PathErrors)
)]
pub async fn get_retention(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<TaskRetention>, Problem> {
    caller.require_scope(Scope::TasksRead)?;
    let [id] = read::path_ids_only(incoming, ["id"]).await?;
    let erase_after_days = state.app.task_retention(&caller, &TaskId::from(id)).await?;
    Ok(Json(TaskRetention { erase_after_days }))
}

/// Sets them, or removes them with null. Whoever's time is over already is erased within the hour.
///
/// Asks for the scopes `tasks:write` and `persons:erase`.
#[utoipa::path(
    patch, path = "/tasks/{id}/retention", tag = "Tasks", operation_id = "setTaskRetention",
    params(("id" = String, Path)), request_body = TaskRetention,
    responses((status = 200, body = TaskRetention), CommonErrors, PathErrors, BodyErrors)
)]
pub async fn set_retention(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<TaskRetention>, Problem> {
    caller.require_scope(Scope::TasksWrite)?;
    caller.require_scope(Scope::PersonsErase)?;
    let ([id], erase_after_days) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, shape).await?;
    state.app.set_task_retention(&caller, &TaskId::from(id), erase_after_days).await?;
    Ok(Json(TaskRetention { erase_after_days }))
}

fn shape(object: &BodyObject<'_>) -> Option<Option<u32>> {
    let days = object
        .required("eraseAfterDays")
        .nullable(|field| field.integer(1..=i64::from(MOST_DAYS)))?;
    Some(days.and_then(|days| u32::try_from(days).ok()))
}
