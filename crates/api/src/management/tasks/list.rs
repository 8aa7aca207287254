//! `GET /tasks`: the tasks of the organization.

use super::shape::Task;
use crate::incoming::Incoming;
use crate::management::read;
use crate::mode::Mode;
use crate::openapi::CommonErrors;
use crate::pagination::{Page, Pagination};
use crate::parameters::{LimitParameter, PageParameter};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use axum::{Extension, Json, extract};
use domain::fault::Faults;
use domain::instance::Scope;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of tasks.
#[derive(Serialize, ToSchema)]
#[schema(as = ManagedTaskPage)]
pub(in crate::management) struct Tasks {
    /// The tasks, in creation order.
    tasks: Vec<Task>,
    /// How many there are in all, and the pages beside this one.
    pagination: Pagination,
}

/// Lists tasks, oldest first.
#[utoipa::path(get, path = "/tasks", tag = "Tasks", operation_id = "listManagedTasks",
    params(LimitParameter, PageParameter), responses((status = 200, body = Tasks), CommonErrors))]
pub async fn list_tasks(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Json<Tasks>, Problem> {
    caller.require(Scope::TasksRead)?;
    let mut faults = Faults::new();
    let mut query = head.query();
    let (mode, page) = (Mode::read(&mut query), Page::read(&mut query));
    query.finish(&mut faults);
    read::no_body(body, &mut faults).await;
    faults.into_result()?;
    let (total, tasks) = state.app.list_tasks(&caller, page.limit, page.rows_before()).await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    Ok(Json(Tasks { tasks: tasks.into_iter().map(Task::from).collect(), pagination }))
}
