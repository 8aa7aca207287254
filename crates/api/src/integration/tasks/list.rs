//! `GET /tasks`: the tasks of the organization, page by page.

use super::schema::{TaskPage, TaskResponse};
use crate::integration::{read, reply};
use crate::openapi::CommonErrors;
use crate::pagination::Pagination;
use crate::parameters::{LimitParameter, ModeParameter, PageParameter};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use app::caller::Caller;
use app::tasks::TaskFilter;
use axum::response::Response;
use axum::{Extension, extract};
use domain::instance::Scope;
use domain::substring_search::SubstringSearch;
use utoipa::IntoParams;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "only its description is used")]
struct ListTasksQuery {
    /// Only tasks whose title contains this, whatever the case of the letters.
    #[param(nullable = false, min_length = 1)]
    title: Option<String>,
}

/// Lists tasks, oldest first.
#[utoipa::path(
    get, path = "/tasks", tag = "Tasks", operation_id = "listTasks",
    params(ModeParameter, LimitParameter, PageParameter, ListTasksQuery),
    responses(
        (status = 200, body = TaskPage), (status = 304, description = "Nothing has changed."),
        CommonErrors
    )
)]
pub async fn list(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Response, Problem> {
    caller.require_scope(Scope::TasksRead)?;
    let (head, [], ((mode, page), title)) = read::read_path_and_query(incoming, [], |query| {
        (read::mode_and_page(query), query.text("title"))
    })
    .await?;
    let filter =
        TaskFilter { title: title.as_deref().map(SubstringSearch::new), ..TaskFilter::default() };
    let (total, tasks) = state
        .app
        .search_tasks(&caller, filter, mode.into(), page.limit, page.rows_before())
        .await?;
    let filters: Vec<_> = title.iter().map(|title| ("title", title.as_str())).collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    let tasks = tasks.into_iter().map(|task| TaskResponse::of(task, mode)).collect();
    Ok(reply::json_with_etag(&head, reply::to_json(&TaskPage { tasks, pagination })?))
}
