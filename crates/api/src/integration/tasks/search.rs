//! `POST /tasks/filter`: tasks that fit what the body names.

use super::schema::{TaskPage, TaskResponse};
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors};
use crate::pagination::Pagination;
use crate::parameters::{LimitParameter, ModeParameter, PageParameter};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use crate::values;
use app::caller::Caller;
use app::tasks::TaskFilter;
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::{ErrorCode, Faults};
use domain::instance::Scope;
use domain::substring_search::SubstringSearch;
use utoipa::ToSchema;

/// What the tasks must have; all fields given must hold.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct TaskSearch {
    /// One of these; the empty name is the default folder.
    #[schema(nullable = false, min_items = 1)]
    folder: Option<Vec<String>>,
    /// At least one of these.
    #[schema(nullable = false, min_items = 1)]
    labels: Option<Vec<String>>,
    /// Whether it is marked as a favourite.
    #[schema(nullable = false)]
    favorite: Option<bool>,
    /// The title contains this, whatever the case of the letters.
    #[schema(nullable = false, min_length = 1)]
    title: Option<String>,
}

/// Searches tasks, oldest first. `next` and `previous` go with the same body.
#[utoipa::path(post, path = "/tasks/filter", tag = "Tasks", operation_id = "searchTasks",
    params(ModeParameter, LimitParameter, PageParameter), request_body = TaskSearch,
    responses((status = 200, body = TaskPage), CommonErrors, BodyErrors))]
pub async fn search(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require_scope(Scope::TasksRead)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let (mode, page) = read::read_query(&head, read::mode_and_page, &mut faults);
    let filter = document.read(shape);
    document.finish(&mut faults);
    faults.into_result()?;
    let filter = filter.ok_or(ErrorCode::InternalError)?;
    let (total, tasks) = state
        .app
        .search_tasks(&caller, filter, mode.into(), page.limit, page.rows_before())
        .await?;
    let pagination = Pagination::new(total, page, mode, &[]);
    let tasks = tasks.into_iter().map(|task| TaskResponse::of(task, mode)).collect();
    Ok(reply::json(reply::to_json(&TaskPage { tasks, pagination })?))
}

fn shape(object: &BodyObject<'_>) -> TaskFilter {
    TaskFilter {
        folders: values::search_folders(&object.optional("folder")),
        labels: values::search_texts(&object.optional("labels")),
        favorite: object.optional("favorite").boolean(),
        title: object.optional("title").filter_text().map(SubstringSearch::new),
    }
}
