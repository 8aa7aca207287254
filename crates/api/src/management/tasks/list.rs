//! `GET /tasks`: the tasks of the organization.

use super::schema::ManagedTask;
use crate::management::read;
use crate::openapi::CommonErrors;
use crate::pagination::Pagination;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::PageNumberQuery;
use crate::state::ApiState;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of tasks.
#[derive(Serialize, ToSchema)]
#[schema(as = ManagedTaskPage)]
pub(in crate::management) struct ManagedTaskPage {
    /// The tasks, in creation order.
    tasks: Vec<ManagedTask>,
    /// How many there are in all, and the pages beside this one.
    pagination: Pagination,
}

/// Lists tasks, oldest first.
#[utoipa::path(
    get, path = "/tasks", tag = "Tasks", operation_id = "listManagedTasks",
    params(PageNumberQuery),
    responses((status = 200, body = ManagedTaskPage), CommonErrors)
)]
pub async fn list_tasks(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedTaskPage>, Problem> {
    caller.require(Right::ReadTasks)?;
    let mut faults = Faults::new();
    let PageNumberQuery { mode, page } = read::query(&head, &mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let (total, tasks) =
        state.app.tasks().list_tasks(&caller, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    Ok(Json(ManagedTaskPage {
        tasks: tasks.into_iter().map(ManagedTask::from).collect(),
        pagination,
    }))
}
