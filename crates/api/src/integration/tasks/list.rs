//! `GET /tasks`: the tasks of the organization, page by page.

use super::shape::{Task, TaskPage};
use crate::incoming::Incoming;
use crate::integration::{read, reply};
use crate::openapi::CommonErrors;
use crate::pagination::Pagination;
use crate::parameters::{LimitParameter, ModeParameter, PageParameter};
use crate::problem::Problem;
use crate::server::State;
use app::caller::Caller;
use app::tasks::TaskFilter;
use axum::response::Response;
use axum::{Extension, extract};
use domain::containing::Containing;
use domain::instance::Scope;
use utoipa::IntoParams;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
struct Filters {
    /// Only tasks whose title contains this, whatever the case of the letters.
    #[param(nullable = false, min_length = 1)]
    title: Option<String>,
}

/// Lists tasks, oldest first.
#[utoipa::path(get, path = "/tasks", tag = "Tasks", operation_id = "listTasks",
    params(ModeParameter, LimitParameter, PageParameter, Filters),
    responses((status = 200, body = TaskPage), (status = 304, description = "Nothing has changed."), CommonErrors))]
pub async fn list(
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::TasksRead)?;
    let (head, [], ((mode, page), title)) =
        read::reading(incoming, [], |query| (read::mode_and_page(query), query.text("title"))).await?;
    let filter = TaskFilter { title: title.as_deref().map(Containing::new), ..TaskFilter::default() };
    let (total, tasks) = state.app.search_tasks(&caller, filter, mode.into(), page.limit, page.rows_before()).await?;
    let filters: Vec<_> = title.iter().map(|title| ("title", title.as_str())).collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    let tasks = tasks.into_iter().map(|task| Task::of(task, mode)).collect();
    Ok(reply::tagged(&head, reply::print(&TaskPage { tasks, pagination })?))
}
