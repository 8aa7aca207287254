//! `GET /tasks/{taskId}/test-instances`: the instances of a task with their results, page by page.

use super::response_cache::{CachedResponse, ResponseCacheKey};
use super::schema::{self, TestInstance};
use crate::body::receive::unexpected;
use crate::detail_level::DetailLevel;
use crate::etag::EntityTag;
use crate::openapi::{CommonErrors, PathErrors};
use crate::pagination::{PageQuery, Pagination};
use crate::parameters::{LimitParameter, ModeParameter, PageParameter};
use crate::problem::Problem;
use crate::query::QueryReader;
use crate::raw_request::RawRequest;
use crate::server::ApiState;
use app::caller::Caller;
use app::results::{InstanceFilter, InstanceListQuery, TaskHead};
use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::fault::Faults;
use domain::id::TaskId;
use domain::instance::Scope;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

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

/// The filters; one at most.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its description is used")]
struct ListInstancesParams {
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ListInstancesQuery {
    mode: DetailLevel,
    page: PageQuery,
    filter: Option<(&'static str, String)>,
}

/// Lists the test instances of a task with their results.
///
/// In creation order, oldest first, for ever: a client that follows `next` while candidates start
/// and finish meets every instance exactly once. Instances of all steps, attempts and candidates
/// are listed, ignored ones too.
#[utoipa::path(
    get, path = "/tasks/{taskId}/test-instances", tag = "Test instances",
    operation_id = "listTestInstances",
    params(
        ("taskId" = String, Path), ModeParameter, LimitParameter, PageParameter, ListInstancesParams
    ),
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
    caller.require_scope(Scope::ResultsRead)?;
    let mut faults = Faults::new();
    let mut path = head.path();
    let task = TaskId::from(path.take_text("taskId"));
    path.finish(&mut faults);
    let asked = ListInstancesQuery::read(head.query(), &mut faults);
    faults.extend(unexpected(body).await);
    faults.into_result()?;

    let sheet = ResponseCacheKey { organization: caller.organization.clone(), task, query: asked };
    let kept = state.pages.get(&sheet);
    let headers = head.headers();
    let is_sent = headers.contains_key(header::IF_NONE_MATCH);
    let is_known = |now: &TaskHead| match kept.as_deref() {
        Some(kept) if kept.head == *now => true,
        _ => is_sent && sheet.tag(now).not_modified(headers).is_some(),
    };
    let is_known = (is_sent || kept.is_some()).then_some(is_known);
    let query = sheet.query.query();
    let listing =
        state.app.list_instances(&caller, &sheet.task, query, schema::write_json, is_known).await?;
    let page = match (listing.page, kept) {
        (Some(read), _) => {
            let tag = sheet.tag(&listing.head);
            let page = Arc::new(CachedResponse {
                head: listing.head,
                tag,
                body: sheet.query.print(&read).into(),
            });
            state.pages.insert(sheet, page.clone());
            page
        }
        (None, Some(kept)) if kept.head == listing.head => {
            state.pages.record_hit();
            kept
        }
        (None, _) => {
            let tag = sheet.tag(&listing.head);
            return Ok(tag.not_modified(headers).unwrap_or_else(|| tag.apply_to(())));
        }
    };
    Ok(page.tag.not_modified(headers).unwrap_or_else(|| page.tag.apply_to(json(page.body.clone()))))
}

impl ListInstancesQuery {
    pub(super) fn read(mut query: QueryReader<'_>, faults: &mut Faults) -> Self {
        let mode = DetailLevel::read(&mut query);
        let page = PageQuery::read(&mut query);
        let texts = ["ticketId", "candidateId", "externalId"].map(|name| (name, query.text(name)));
        query.exclusive(&["ticketId", "candidateId", "externalId"]);
        query.finish(faults);
        let filter = texts.into_iter().find_map(|(name, text)| Some((name, text?)));
        Self { mode, page, filter }
    }

    fn query(&self) -> InstanceListQuery {
        let filter = self.filter.as_ref().map(|(name, text)| match *name {
            "ticketId" => InstanceFilter::Ticket(text.clone()),
            "candidateId" => InstanceFilter::Candidate(text.clone()),
            _ => InstanceFilter::ExternalId(text.clone()),
        });
        let page = i64::try_from(self.page.number).unwrap_or(i64::MAX);
        InstanceListQuery { mode: self.mode.into(), limit: self.page.limit.into(), page, filter }
    }

    /// Bytes of the filter's text.
    pub(crate) fn text_bytes(&self) -> usize {
        self.filter.as_ref().map_or(0, |(_, text)| text.len())
    }

    fn print(&self, read: &app::results::InstanceListPage) -> String {
        let filters: Vec<_> =
            self.filter.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let total = u64::try_from(read.total).unwrap_or_default();
        let pagination = Pagination::new(total, self.page, self.mode, &filters);
        let mut body = String::with_capacity(read.rows.len() + 256);
        body.push_str("{\"testInstances\":[");
        body.push_str(&read.rows);
        body.push_str("],\"pagination\":");
        body.push_str(&serde_json::to_string(&pagination).unwrap_or_default());
        body.push('}');
        body
    }
}

impl ResponseCacheKey {
    fn tag(&self, head: &TaskHead) -> EntityTag {
        let Self { task, query: asked, .. } = self;
        let (name, text) =
            asked.filter.as_ref().map_or(("", ""), |(name, text)| (*name, text.as_str()));
        let request = format!(
            "{task} {} {} {} {name}={text}",
            asked.mode, asked.page.limit, asked.page.number
        );
        EntityTag::of_revision(head.revision, head.revised_at.0, &request, crate::server::BUILD)
    }
}

/// A ready JSON body.
pub(super) fn json(body: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body.into())
        .into_response()
}
