//! `POST /tasks/filter`: tasks that fit what the body names.

use super::schema::{TaskPage, TaskResponse};
use crate::body::receive::ONE_MEBIBYTE;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors};
use crate::pagination::Pagination;
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::PagedQuery;
use crate::request::value::{boolean, filter_set, filter_text, substring, text};
use crate::request::{RequestObject as _, optional, request};
use crate::state::ApiState;
use app::caller::Caller;
use app::tasks::TaskFilter;
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::{ErrorCode, Faults};
use domain::role::Right;

request! {
    /// What the tasks must have; all fields given must hold.
    pub struct SearchTasksRequest as "TaskSearch" for TaskFilter {
        /// One of these; the empty name is the default folder.
        "folder" folders = optional(filter_set(text(0..=usize::MAX))),
        /// At least one of these.
        labels = optional(filter_set(filter_text())),
        /// Whether it is marked as a favourite.
        favorite = optional(boolean()),
        /// The title contains this, whatever the case of the letters.
        title = optional(substring()),
    }
}

/// Searches tasks, oldest first. `next` and `previous` go with the same body.
#[utoipa::path(post, path = "/tasks/filter", tag = "Tasks", operation_id = "searchTasks",
    params(PagedQuery), request_body = SearchTasksRequest,
    responses((status = 200, body = TaskPage), CommonErrors, BodyErrors))]
pub async fn search(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadTasks)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let PagedQuery { mode, page } = read::query(&head, &mut faults);
    let filter = document.read(SearchTasksRequest::read).flatten();
    document.finish(&mut faults);
    faults.into_result()?;
    let filter = filter.ok_or(ErrorCode::InternalError)?;
    let (total, tasks) = state
        .app
        .tasks()
        .search_tasks(&caller, filter, mode.into(), page.limit, page.rows_before())
        .await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    let tasks = tasks.into_iter().map(|task| TaskResponse::of(task, mode)).collect();
    Ok(reply::json(reply::to_json(&TaskPage { tasks, pagination })?))
}
