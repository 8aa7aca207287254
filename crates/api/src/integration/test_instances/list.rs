//! `GET /tasks/{taskId}/test-instances`: the instances of a task with their results, page by page.

use super::shape::{self, TestInstance};
use crate::body::receive::unexpected;
use crate::etag::Tag;
use crate::incoming::Incoming;
use crate::mode::Mode;
use crate::openapi::{CommonErrors, PathErrors};
use crate::pagination::{Page, Pagination};
use crate::parameters::{LimitParameter, ModeParameter, PageParameter};
use crate::problem::Problem;
use crate::query::Query;
use crate::server::State;
use app::caller::Caller;
use app::results::{Head, InstanceFilter, ListQuery};
use axum::Extension;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::fault::Faults;
use domain::id::TaskId;
use domain::instance::Scope;

use utoipa::{IntoParams, ToSchema};

/// A page of test instances.
#[derive(serde::Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used: a page is put together from ready text")]
pub struct TestInstancePage {
    test_instances: Vec<TestInstance>,
    pagination: Pagination,
}

/// The filters; one at most.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its description is used")]
struct Filters {
    /// Only instances whose `ticketId` is exactly this.
    #[param(nullable = false, min_length = 1)]
    ticket_id: Option<String>,
    /// Only instances whose `ticketId` or `candidate.id` is exactly this.
    #[param(nullable = false, min_length = 1)]
    candidate_id: Option<String>,
    /// Only instances whose candidate was given exactly this external id before the start.
    #[param(nullable = false, min_length = 1)]
    external_id: Option<String>,
}

/// The query, read; the filter with the name the caller used.
struct Asked {
    mode: Mode,
    page: Page,
    filter: Option<(&'static str, String)>,
}

/// Lists the test instances of a task with their results.
///
/// In creation order, oldest first, for ever: a client that follows `next` while candidates start and finish meets
/// every instance exactly once. Instances of all steps, attempts and candidates are listed, ignored ones too.
#[utoipa::path(get, path = "/tasks/{taskId}/test-instances", tag = "Test instances",
    operation_id = "listTestInstances",
    params(("taskId" = String, Path), ModeParameter, LimitParameter, PageParameter, Filters),
    responses((status = 200, body = TestInstancePage), (status = 304, description = "Nothing has changed."),
        CommonErrors, PathErrors))]
pub async fn list(
    axum::extract::State(state): axum::extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::ResultsRead)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let task = TaskId::from(path.take_text("taskId"));
    path.finish(&mut faults);
    let asked = Asked::read(head.query(), &mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;

    let key = asked.canonical(&task);
    let headers = head.headers().clone();
    let is_sent = headers.contains_key(header::IF_NONE_MATCH);
    let is_known = {
        let key = key.clone();
        move |head: &Head| is_sent && tag(head, &key).not_modified(&headers).is_some()
    };
    let listing = state.app.list_instances(&caller, &task, asked.query(), shape::print, is_known).await?;
    let tag = tag(&listing.head, &key);
    let Some(page) = listing.page else {
        return Ok(tag.not_modified(head.headers()).unwrap_or_else(|| tag.on(())));
    };
    Ok(tag.on(json(asked.print(page.total, &page.rows))))
}

impl Asked {
    fn read(mut query: Query<'_>, faults: &mut Faults) -> Self {
        let mode = Mode::read(&mut query);
        let page = Page::read(&mut query);
        let texts = ["ticketId", "candidateId", "externalId"].map(|name| (name, query.text(name)));
        query.exclusive(&["ticketId", "candidateId", "externalId"]);
        query.finish(faults);
        let filter = texts.into_iter().find_map(|(name, text)| Some((name, text?)));
        Self { mode, page, filter }
    }

    fn query(&self) -> ListQuery {
        let filter = self.filter.as_ref().map(|(name, text)| match *name {
            "ticketId" => InstanceFilter::Ticket(text.clone()),
            "candidateId" => InstanceFilter::Candidate(text.clone()),
            _ => InstanceFilter::ExternalId(text.clone()),
        });
        let page = i64::try_from(self.page.number).unwrap_or(i64::MAX);
        ListQuery { mode: self.mode.into(), limit: self.page.limit.into(), page, filter }
    }

    /// Everything the body depends on beside the task's revision.
    fn canonical(&self, task: &TaskId) -> String {
        let (name, text) = self.filter.as_ref().map_or(("", ""), |(name, text)| (*name, text.as_str()));
        format!("{task} {} {} {} {name}={text}", self.mode, self.page.limit, self.page.number)
    }

    fn print(&self, total: i64, rows: &str) -> String {
        let filters: Vec<_> = self.filter.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let total = u64::try_from(total).unwrap_or_default();
        let pagination = Pagination::new(total, self.page, self.mode, &filters);
        let mut body = String::with_capacity(rows.len() + 256);
        body.push_str("{\"testInstances\":[");
        body.push_str(rows);
        body.push_str("],\"pagination\":");
        body.push_str(&serde_json::to_string(&pagination).unwrap_or_default());
        body.push('}');
        body
    }
}

fn tag(head: &Head, key: &str) -> Tag {
    Tag::of_revision(head.revision, head.revised_at.0, key, crate::server::BUILD)
}

/// A ready JSON body.
pub(super) fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
