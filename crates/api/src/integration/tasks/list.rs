//! `GET /tasks`: the tasks of the organization, page by page.

use super::schema::{TaskPage, TaskResponse};
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::CommonErrors;
use crate::pagination::{PageQuery, Pagination};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{mode, page, query, text};
use crate::state::ApiState;
use app::caller::Caller;
use app::tasks::TaskFilter;
use axum::response::Response;
use axum::{Extension, extract};
use domain::role::Right;
use domain::substring_search::SubstringSearch;

query! {
    /// Which tasks are listed, and how.
    struct ListTasksQuery {
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
        /// Only tasks whose title contains this, whatever the case of the letters.
        title: Option<String> = text(),
    }
}

/// Lists tasks, oldest first.
#[utoipa::path(
    get, path = "/tasks", tag = "Tasks", operation_id = "listTasks",
    params(ListTasksQuery),
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
    caller.require(Right::ReadTasks)?;
    let (head, [], query) = read::path_and_query::<0, ListTasksQuery>(incoming, []).await?;
    let ListTasksQuery { mode, page, title } = query;
    let filter =
        TaskFilter { title: title.as_deref().map(SubstringSearch::new), ..TaskFilter::default() };
    let (total, tasks) = state
        .app
        .tasks()
        .search_tasks(&caller, filter, mode.into(), page.limit, page.rows_before())
        .await?;
    let filters: Vec<_> = title.iter().map(|title| ("title", title.as_str())).collect();
    let pagination = Pagination::new(total, page, mode, &filters);
    let tasks = tasks.into_iter().map(|task| TaskResponse::of(task, mode)).collect();
    Ok(reply::json_with_etag(&head, reply::to_json(&TaskPage { tasks, pagination })?))
}
