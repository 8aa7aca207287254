//! `POST /tasks/{taskId}/test-instances/filter`: instances that fit what the body names, run by
//! run.

use super::schema::{self, TestInstance};
use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{BodyDocument, BodyObject};
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
use crate::request::query::{RequestQuery, id, limit, mode, query};
use crate::request::value::{filter_text, filter_word, integer};
use crate::request::{RequestObject as _, optional, request, request_union};
use crate::state::ApiState;
use app::Failure;
use app::caller::Caller;
use app::instance_search::{
    ExactCandidateFilter, InstanceMetaFilter, InstanceSearchFilter, InstanceSearchPage,
    InstanceSearchQuery,
};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::{ErrorCode, Faults};
use domain::id::{InstanceId, TaskId};
use domain::instance::InstanceState;
use domain::role::Right;
use domain::time::Timestamp;
use utoipa::ToSchema;

/// The end of the year 9999, in milliseconds.
const LAST_MILLISECOND: i64 = 253_402_300_799_999;

request_union! {
    /// What the instances must have; all fields given must hold.
    pub struct SearchInstancesRequest as "TestInstanceSearch" for InstanceSearchFilter, by filter_one_of "kind" {
        "meta" => MetaSearch,
        "info" => InfoSearch,
    }
}

request! {
    /// Searches by what the instances are themselves.
    struct MetaSearch as "MetaSearch" into InstanceSearchFilter by to_meta_filter {
        /// The instance's own group is exactly this.
        group: Option<String> = optional(filter_text()),
        /// The instance has this label.
        label: Option<String> = optional(filter_text()),
        /// The step that was attempted.
        step_id: Option<String> = optional(filter_text()),
        /// Whether they are under way, completed or reopened.
        status: Option<InstanceState> = optional(filter_word::<InstanceState>()),
        /// Started then or later; milliseconds since the epoch.
        from: Option<i64> = optional(integer::<i64>(0..=LAST_MILLISECOND)),
        /// Started then or earlier; milliseconds since the epoch.
        to: Option<i64> = optional(integer::<i64>(0..=LAST_MILLISECOND)),
    }
}

request! {
    /// Searches by what their candidates have now, exactly; at least one beside the kind.
    struct InfoSearch as "InfoSearch" into InstanceSearchFilter by to_info_filter {
        /// The full name.
        display_name: Option<String> = optional(filter_text()),
        /// The e-mail address.
        email: Option<String> = optional(filter_text()),
        /// The first credential.
        credential1: Option<String> = optional(filter_text()),
        /// The invitation code.
        code: Option<String> = optional(filter_text()),
        /// The uniqId of the candidate's tracking.
        uniq_id: Option<String> = optional(filter_text()),
    }
}

fn to_meta_filter(search: MetaSearch, object: &BodyObject<'_>) -> Option<InstanceSearchFilter> {
    let MetaSearch { group, label, step_id, status, from, to } = search;
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        let should = "must not lie before the moment it begins at";
        object.optional("to").refuse(ErrorCode::InvalidRange, should);
    }
    let (from, to) = (from.map(Timestamp), to.map(Timestamp));
    let meta = InstanceMetaFilter { group, step: step_id, state: status, from, to };
    Some(InstanceSearchFilter::Meta { meta, label })
}

fn to_info_filter(search: InfoSearch, object: &BodyObject<'_>) -> Option<InstanceSearchFilter> {
    if !InfoSearch::KEYS.iter().any(|name| object.optional(name).is_present()) {
        object.refuse(ErrorCode::MissingCriterion, "must name what to search by beside its kind");
    }
    let InfoSearch { display_name, email, credential1, code, uniq_id } = search;
    let person = ExactCandidateFilter { fullname: display_name, email, code, credential1, uniq_id };
    Some(InstanceSearchFilter::Candidate(person))
}

/// A run of test instances.
#[derive(serde::Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used: a run is put together from ready text")]
pub struct TestInstanceRun {
    /// The instances, in creation order.
    test_instances: Vec<TestInstance>,
    /// Where to go on.
    pagination: RunPagination,
}

/// Where a run goes on.
#[derive(serde::Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RunPagination {
    /// As asked for, not the number of rows returned.
    limit: u32,
    /// The last row, when more follow.
    #[schema(required)]
    last_doc_id: Option<String>,
    /// A query string that begins with `?`; it goes with the same body.
    #[schema(required)]
    next: Option<String>,
}

query! {
    /// Where the run begins, and how it is printed.
    struct SearchInstancesQuery {
        mode: DetailLevel = mode(),
        limit: u32 = limit(),
        /// The run begins behind this test instance; at the first match when omitted.
        last_doc_id: Option<InstanceId> = id::<InstanceId>(),
    }
}

/// Searches the test instances of a task, oldest first.
#[utoipa::path(post, path = "/tasks/{taskId}/test-instances/filter", tag = "Test instances",
    operation_id = "searchTestInstances",
    params(("taskId" = String, Path), SearchInstancesQuery),
    request_body = SearchInstancesRequest,
    responses((status = 200, body = TestInstanceRun), CommonErrors, PathErrors, BodyErrors))]
pub async fn search(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::ReadResults)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let filter = document.read(SearchInstancesRequest::read).flatten();
    let mut faults = Faults::new();
    let [task] = read::path_ids(&head, ["taskId"], &mut faults);
    let task = TaskId::from(task);
    let parameters = SearchInstancesQuery::read_judged(&head, true, &mut faults);
    let (Some(filter), true) = (filter, faults.is_empty() && !document.is_faulty()) else {
        return Err(refusal(&state, &caller, &task, &head, document, &parameters).await);
    };
    let SearchInstancesQuery { mode, limit, last_doc_id: after } = parameters;
    let query = InstanceSearchQuery { mode: mode.into(), limit: limit.into(), after, filter };
    let run =
        state.app.results().search_instances(&caller, &task, query, schema::write_json).await?;
    Ok(reply::json(print(&run, limit, mode)?))
}

/// All faults, with that of the position if it has one.
async fn refusal(
    state: &ApiState,
    caller: &Caller,
    task: &TaskId,
    head: &RequestHead,
    document: BodyDocument,
    parameters: &SearchInstancesQuery,
) -> Problem {
    let is_known = match &parameters.last_doc_id {
        None => Ok(true),
        Some(last) => state.app.results().position_exists(caller, task, last).await,
    };
    let is_known = match is_known {
        Ok(is_known) => is_known,
        // Where there is no such task a position is not judged.
        Err(Failure::NotFound) => true,
        Err(failure) => return failure.into(),
    };
    let mut faults = Faults::new();
    let [_] = read::path_ids(head, ["taskId"], &mut faults);
    SearchInstancesQuery::read_judged(head, is_known, &mut faults);
    document.finish(&mut faults);
    faults.into()
}

impl SearchInstancesQuery {
    fn read_judged(head: &RequestHead, is_known_position: bool, faults: &mut Faults) -> Self {
        let mut query = head.query();
        let read = <Self as RequestQuery>::read(&mut query);
        if !is_known_position {
            let should = "must be a test instance of this task";
            query.refuse("lastDocId", ErrorCode::UnknownCursor, should);
        }
        query.finish(faults);
        read
    }
}

fn print(run: &InstanceSearchPage, limit: u32, mode: DetailLevel) -> Result<String, ErrorCode> {
    let next = run.last.as_ref().map(|last| format!("?limit={limit}&lastDocId={last}&mode={mode}"));
    let pagination = reply::to_json(&RunPagination { limit, last_doc_id: run.last.clone(), next })?;
    Ok(format!("{{\"testInstances\":[{}],\"pagination\":{pagination}}}", run.rows))
}
