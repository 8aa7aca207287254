//! `GET /tasks/{taskId}/test-instances`: the instances of a task with their results, page by page.

use super::filter::{instance_filter, name_and_text, to_instance_filter};
use super::schema::{self, TestInstance};
use crate::body::receive::unexpected;
use crate::detail_level::DetailLevel;
use crate::etag::EntityTag;
use crate::openapi::{CommonErrors, PathErrors};
use crate::pagination::{PageQuery, Pagination};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::{RequestQuery as _, SentFilter, mode, page, query};
use crate::response_cache::{CachedResponse, ResponseCacheKey};
use crate::state::ApiState;
use app::caller::Caller;
use app::results::{InstanceListPage, InstanceListQuery, TaskHead};
use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::fault::Faults;
use domain::id::TaskId;
use domain::role::Right;
use std::sync::Arc;
use utoipa::ToSchema;

/// A page of test instances.
#[derive(serde::Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used: a page is put together from ready text")]
pub struct TestInstancePage {
    /// The instances, in creation order.
    test_instances: Vec<TestInstance>,
    /// How many there are in all, and the pages beside this one.
    pagination: Pagination,
}

query! {
    /// Which instances are listed, and how; one filter at most.
    struct ListInstancesQuery {
        mode: DetailLevel = mode(),
        page: PageQuery = page(),
        filter: Option<SentFilter> = instance_filter(),
    }
}

/// Lists the test instances of a task with their results.
///
/// In creation order, oldest first, for ever: a client that follows `next` while candidates start
/// and finish meets every instance exactly once. Instances of all steps, attempts and candidates
/// are listed, ignored ones too.
#[utoipa::path(
    get, path = "/tasks/{taskId}/test-instances", tag = "Test instances",
    operation_id = "listTestInstances",
    params(("taskId" = String, Path), ListInstancesQuery),
    responses(
        (status = 200, body = TestInstancePage),
        (status = 304, description = "Nothing has changed."), CommonErrors, PathErrors
    )
)]
pub async fn list(
    axum::extract::State(state): axum::extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadResults)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let task = TaskId::from(path.take_text("taskId"));
    path.finish(&mut faults);
    let mut query = head.query();
    let ListInstancesQuery { mode, page, filter } = ListInstancesQuery::read(&mut query);
    query.finish(&mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;

    let organization = caller.organization.clone();
    let key = ResponseCacheKey { organization, task, mode, page, filter };
    let cached = state.pages.get(&key);
    let headers = head.headers();
    let is_conditional = headers.contains_key(header::IF_NONE_MATCH);
    // Rows are read only when neither this server nor the caller has them in this state.
    let is_known = |now: &TaskHead| match cached.as_deref() {
        Some(cached) if cached.head == *now => true,
        _ => is_conditional && tag(&key, now).not_modified(headers).is_some(),
    };
    let is_known = (is_conditional || cached.is_some()).then_some(is_known);
    let query = list_query(&key);
    let listing = state
        .app
        .results()
        .list_instances(&caller, &key.task, query, schema::write_json, is_known)
        .await?;
    let response = match (listing.page, cached) {
        (Some(page), _) => {
            let response = Arc::new(CachedResponse {
                // The head read together with the rows, not the one that `is_known` saw: with a
                // change between the two, the older head's tag would vouch for other rows.
                head: listing.head,
                tag: tag(&key, &listing.head),
                body: print(&key, &page).into(),
            });
            state.pages.insert(key, response.clone());
            response
        }
        // The head was read for this very request: what was printed at it still holds.
        (None, Some(cached)) if cached.head == listing.head => {
            state.pages.record_hit();
            cached
        }
        (None, _) => {
            let tag = tag(&key, &listing.head);
            return Ok(tag.not_modified(headers).unwrap_or_else(|| tag.apply_to(())));
        }
    };
    let tag = &response.tag;
    Ok(tag.not_modified(headers).unwrap_or_else(|| tag.apply_to(json(response.body.clone()))))
}

fn list_query(key: &ResponseCacheKey) -> InstanceListQuery {
    let filter = to_instance_filter(key.filter.as_ref());
    let page = i64::try_from(key.page.number).expect("a page is at most 2^53 - 1");
    InstanceListQuery { mode: key.mode.into(), limit: key.page.limit.into(), page, filter }
}

fn print(key: &ResponseCacheKey, page: &InstanceListPage) -> String {
    let filters: Vec<_> = key.filter.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let total = u64::try_from(page.total).expect("a number of rows is not negative");
    let pagination = Pagination::new(total, key.page, key.mode, &filters);
    let pagination = serde_json::to_string(&pagination).expect("numbers and texts can be printed");
    let mut body = String::with_capacity(page.rows.len() + pagination.len() + 64);
    body.push_str("{\"testInstances\":[");
    body.push_str(&page.rows);
    body.push_str("],\"pagination\":");
    body.push_str(&pagination);
    body.push('}');
    body
}

/// The tag of a page at a state of its task.
fn tag(key: &ResponseCacheKey, head: &TaskHead) -> EntityTag {
    let (name, text) = name_and_text(key.filter.as_ref());
    let PageQuery { limit, number } = key.page;
    let request = format!("{} {} {limit} {number} {name}={text}", key.task, key.mode);
    EntityTag::of_revision(head.revision, head.revised_at.0, &request, crate::state::BUILD)
}

/// A ready JSON body.
pub(super) fn json(body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body.into())
        .into_response()
}
