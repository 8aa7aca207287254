//! `GET /tasks/{taskId}/test-instances/changes`: every instance that changed since a cursor, in the
//! order of commits.

use super::schema::{self, TestInstance};
use crate::body::receive::unexpected;
use crate::detail_level::DetailLevel;
use crate::etag::EntityTag;
use crate::integration::reply::json;
use crate::openapi::{CommonErrors, PathErrors, string_enum_schema};
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
use crate::request::query::{RequestQuery, limit, mode, query, text};
use crate::state::ApiState;
use app::Failure;
use app::caller::Caller;
use app::change_feed::{ChangeFeedPage, ChangeFeedQuery, ChangedInstance};
use app::results::TaskHead;
use axum::Extension;
use axum::http::header;
use axum::response::Response;
use domain::fault::{ErrorCode, Faults};
use domain::id::TaskId;
use domain::instance::InstanceChange;
use domain::json::quote;
use domain::role::Right;
use std::fmt::Write as _;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// A run of changes.
#[derive(serde::Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used: a run is put together from ready text")]
pub struct ChangeRun {
    /// The changes, oldest first.
    changes: Vec<TestInstanceChange>,
    /// Where to go on; `since` again when nothing has changed.
    cursor: String,
    /// Whether more changes are there already.
    has_more: bool,
}

/// The latest change of one instance.
#[derive(serde::Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub struct TestInstanceChange {
    /// The place of this change in the feed.
    cursor: String,
    #[schema(schema_with = change_kinds)]
    kind: String,
    /// Seconds since the epoch.
    at: i64,
    /// Id of the test instance.
    test_instance_id: String,
    /// The instance at the time of reading. Null is reserved: a reader that meets it drops its
    /// copy.
    #[schema(required)]
    test_instance: Option<TestInstance>,
}

fn change_kinds() -> RefOr<Schema> {
    string_enum_schema(
        "What happened to the instance.",
        InstanceChange::ALL,
        InstanceChange::as_str,
    )
}

query! {
    /// Where the run begins, and how it is printed.
    struct ListChangesQuery {
        /// A cursor of this feed; from the beginning when omitted.
        since: Option<String> = text(),
        limit: u32 = limit(),
        mode: DetailLevel = mode(),
    }
}

/// Follows the changes of a task's test instances.
///
/// Ordered by commit and free of gaps: a reader that keeps its cursor sees, at least once, every
/// instance that changed, each in its latest state. An instance that changed several times since
/// the cursor is shown once.
#[utoipa::path(
    get, path = "/tasks/{taskId}/test-instances/changes", tag = "Test instances",
    operation_id = "listTestInstanceChanges",
    params(("taskId" = String, Path), ListChangesQuery),
    responses(
        (status = 200, body = ChangeRun), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors
    )
)]
pub async fn changes(
    axum::extract::State(state): axum::extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadResults)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let task = TaskId::from(path.take_text("taskId"));
    path.finish(&mut faults);
    let path_faults = faults.clone();
    let parameters = ListChangesQuery::read_judged(&head, true, &mut faults);
    let unexpected = unexpected(body).await;
    faults.extend(unexpected.clone());
    if !faults.is_empty() {
        let is_known = cursor_exists(&state, &caller, &task, &parameters).await?;
        let mut faults = path_faults;
        ListChangesQuery::read_judged(&head, is_known, &mut faults);
        faults.extend(unexpected);
        return Err(faults.into());
    }

    let request = parameters.canonical(&task);
    let tag = move |task: &TaskHead| {
        EntityTag::of_revision(task.revision, task.revised_at.0, &request, crate::state::BUILD)
    };
    let headers = head.headers().clone();
    let is_sent = headers.contains_key(header::IF_NONE_MATCH);
    let of_head = tag.clone();
    let is_known = move |task: &TaskHead| is_sent && of_head(task).not_modified(&headers).is_some();
    let feed = state
        .app
        .results()
        .change_feed(&caller, &task, parameters.query(), schema::write_json, is_known)
        .await?;
    let tag = tag(&feed.head);
    let Some(run) = feed.run else {
        return Ok(tag.not_modified(head.headers()).unwrap_or_else(|| tag.apply_to(())));
    };
    Ok(tag.apply_to(json(print(&run))))
}

/// Whether the cursor is none of the request's faults; where there is no such task it is not
/// judged.
async fn cursor_exists(
    state: &ApiState,
    caller: &Caller,
    task: &TaskId,
    parameters: &ListChangesQuery,
) -> Result<bool, Problem> {
    let Some(since) = &parameters.since else { return Ok(true) };
    match state.app.results().cursor_exists(caller, task, since).await {
        Err(Failure::NotFound) => Ok(true),
        other => Ok(other?),
    }
}

impl ListChangesQuery {
    fn read_judged(head: &RequestHead, is_known_cursor: bool, faults: &mut Faults) -> Self {
        let mut query = head.query();
        let read = <Self as RequestQuery>::read(&mut query);
        if !is_known_cursor {
            query.refuse("since", ErrorCode::UnknownCursor, "must be a cursor of this task's feed");
        }
        query.finish(faults);
        read
    }

    fn query(&self) -> ChangeFeedQuery {
        ChangeFeedQuery {
            mode: self.mode.into(),
            limit: self.limit.into(),
            since: self.since.clone(),
        }
    }

    /// Everything the body depends on beside the task's revision.
    fn canonical(&self, task: &TaskId) -> String {
        format!(
            "changes {task} {} {} {}",
            self.mode,
            self.limit,
            self.since.as_deref().unwrap_or_default()
        )
    }
}

fn print(run: &ChangeFeedPage) -> String {
    let mut body = String::from("{\"changes\":[");
    for (index, change) in run.changes.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        print_change(change, &mut body);
    }
    let _ = write!(body, "],\"cursor\":\"{}\",\"hasMore\":{}}}", run.cursor, run.has_more);
    body
}

fn print_change(change: &ChangedInstance, out: &mut String) {
    let ChangedInstance { cursor, kind, at, instance, printed } = change;
    let (at, instance) = (at.seconds(), quote(instance));
    let _ = write!(
        out,
        "{{\"cursor\":\"{cursor}\",\"kind\":\"{kind}\",\"at\":{at},\"testInstanceId\":{instance},\
        \"testInstance\":{printed}}}"
    );
}
