//! `POST /tasks/{taskId}/test-instances/filter`: instances that fit what the body names, run by
//! run.

use super::schema::{self, TestInstance};
use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{BodyDocument, BodyField, BodyObject};
use crate::detail_level::DetailLevel;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, string_enum_schema};
use crate::pagination::read_limit;
use crate::parameters::{LimitParameter, ModeParameter};
use crate::problem::Problem;
use crate::raw_request::{RawRequest, RequestHead};
use crate::server::ApiState;
use app::Failure;
use app::caller::Caller;
use app::instance_search::{
    InstanceMetaFilter, InstanceSearchFilter, InstanceSearchPage, InstanceSearchQuery, Whose,
};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::{ErrorCode, Faults};
use domain::id::{InstanceId, TaskId};
use domain::instance::{InstanceState, Scope};
use domain::time::Timestamp;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

/// The end of the year 9999, in milliseconds.
const LAST_MILLISECOND: i64 = 253_402_300_799_999;

domain::string_enum! {
    enum InstanceSearchKind {
        Meta = "meta",
        Info = "info",
    }
}

const OF_A_KIND: &[&str] = &[
    "group",
    "label",
    "stepId",
    "status",
    "from",
    "to",
    "displayName",
    "email",
    "credential1",
    "code",
    "uniqId",
];

/// What the instances must have; all fields given must hold.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
pub enum TestInstanceSearch {
    Meta(MetaSearch),
    Info(InfoSearch),
}

/// What the instances are themselves.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct MetaSearch {
    #[schema(schema_with = meta_kind)]
    kind: String,
    /// The instance's own group is exactly this.
    #[schema(nullable = false, min_length = 1)]
    group: Option<String>,
    /// The instance has this label.
    #[schema(nullable = false, min_length = 1)]
    label: Option<String>,
    /// The step that was attempted.
    #[schema(nullable = false, min_length = 1)]
    step_id: Option<String>,
    #[schema(schema_with = statuses, required = false)]
    status: Option<String>,
    /// Started then or later; milliseconds since the epoch.
    #[schema(nullable = false, minimum = 0, maximum = 253_402_300_799_999_i64)]
    from: Option<i64>,
    /// Started then or earlier; milliseconds since the epoch.
    #[schema(nullable = false, minimum = 0, maximum = 253_402_300_799_999_i64)]
    to: Option<i64>,
}

/// What their candidates have now, exactly; at least one.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct InfoSearch {
    #[schema(schema_with = info_kind)]
    kind: String,
    /// The full name.
    #[schema(nullable = false, min_length = 1)]
    display_name: Option<String>,
    /// The e-mail address.
    #[schema(nullable = false, min_length = 1)]
    email: Option<String>,
    /// The first credential.
    #[schema(nullable = false, min_length = 1)]
    credential1: Option<String>,
    /// The invitation code.
    #[schema(nullable = false, min_length = 1)]
    code: Option<String>,
    /// The uniqId of the candidate's tracking.
    #[schema(nullable = false, min_length = 1)]
    uniq_id: Option<String>,
}

fn meta_kind() -> RefOr<Schema> {
    string_enum_schema(
        "Searches by what the instances are themselves.",
        &[InstanceSearchKind::Meta],
        InstanceSearchKind::as_str,
    )
}

fn info_kind() -> RefOr<Schema> {
    string_enum_schema(
        "Searches by what their candidates have now.",
        &[InstanceSearchKind::Info],
        InstanceSearchKind::as_str,
    )
}

fn statuses() -> RefOr<Schema> {
    string_enum_schema(
        "Whether they are under way, completed or reopened.",
        InstanceState::ALL,
        InstanceState::as_str,
    )
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

#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its description is used")]
struct PositionParameter {
    /// The run begins behind this test instance; at the first match when omitted.
    #[param(nullable = false, min_length = 1)]
    last_doc_id: Option<String>,
}

/// The query, read.
struct SearchInstancesQuery {
    mode: DetailLevel,
    limit: u32,
    last: Option<InstanceId>,
}

/// Searches the test instances of a task, oldest first.
#[utoipa::path(post, path = "/tasks/{taskId}/test-instances/filter", tag = "Test instances",
    operation_id = "searchTestInstances",
    params(("taskId" = String, Path), ModeParameter, LimitParameter, PositionParameter),
    request_body = TestInstanceSearch,
    responses((status = 200, body = TestInstanceRun), CommonErrors, PathErrors, BodyErrors))]
pub async fn search(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require_scope(Scope::ResultsRead)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let sought = document.read(shape).flatten();
    let mut faults = Faults::new();
    let [task] = read::path_ids(&head, ["taskId"], &mut faults);
    let task = TaskId::from(task);
    let asked = SearchInstancesQuery::read(&head, true, &mut faults);
    let (Some(sought), true) = (sought, faults.is_empty() && !document.is_faulty()) else {
        return Err(refusal(&state, &caller, &task, &head, document, &asked).await);
    };
    let SearchInstancesQuery { mode, limit, last: after } = asked;
    let query =
        InstanceSearchQuery { mode: mode.into(), limit: limit.into(), after, filter: sought };
    let run = state.app.search_instances(&caller, &task, query, schema::write_json).await?;
    Ok(reply::json(print(&run, limit, mode)?))
}

/// All faults, with that of the position if it has one.
async fn refusal(
    state: &ApiState,
    caller: &Caller,
    task: &TaskId,
    head: &RequestHead,
    document: BodyDocument,
    asked: &SearchInstancesQuery,
) -> Problem {
    let is_known = match &asked.last {
        None => Ok(true),
        Some(last) => state.app.position_exists(caller, task, last).await,
    };
    let is_known = match is_known {
        Ok(is_known) => is_known,
        // Where there is no such task a position is not judged.
        Err(Failure::NotFound) => true,
        Err(failure) => return failure.into(),
    };
    let mut faults = Faults::new();
    let [_] = read::path_ids(head, ["taskId"], &mut faults);
    SearchInstancesQuery::read(head, is_known, &mut faults);
    document.finish(&mut faults);
    faults.into()
}

impl SearchInstancesQuery {
    fn read(head: &RequestHead, is_known_position: bool, faults: &mut Faults) -> Self {
        let read = |query: &mut crate::query::QueryReader<'_>| {
            let (mode, limit) = (DetailLevel::read(query), read_limit(query));
            let last = query.text("lastDocId").map(InstanceId::from);
            if !is_known_position {
                query.refuse(
                    "lastDocId",
                    ErrorCode::UnknownCursor,
                    "must be a test instance of this task",
                );
            }
            Self { mode, limit, last }
        };
        read::read_query(head, read, faults)
    }
}

fn shape(object: &BodyObject<'_>) -> Option<InstanceSearchFilter> {
    match object.required("kind").filter_one_of(InstanceSearchKind::ALL, InstanceSearchKind::as_str)
    {
        Some(InstanceSearchKind::Meta) => Some(meta(object)),
        Some(InstanceSearchKind::Info) => Some(InstanceSearchFilter::Candidate(info(object))),
        None => {
            object.allow_keys(OF_A_KIND);
            None
        }
    }
}

fn text(object: &BodyObject<'_>, name: &'static str) -> Option<String> {
    object.optional(name).filter_text().map(str::to_owned)
}

fn meta(object: &BodyObject<'_>) -> InstanceSearchFilter {
    let moment = |field: &BodyField<'_>| field.integer(0..=LAST_MILLISECOND).map(Timestamp);
    let to = object.optional("to");
    let meta = InstanceMetaFilter {
        group: text(object, "group"),
        step: text(object, "stepId"),
        state: object.optional("status").filter_one_of(InstanceState::ALL, InstanceState::as_str),
        from: moment(&object.optional("from")),
        to: moment(&to),
    };
    if meta.from.zip(meta.to).is_some_and(|(from, to)| from > to) {
        to.refuse(ErrorCode::InvalidRange, "must not lie before the moment it begins at");
    }
    InstanceSearchFilter::Meta { meta, label: text(object, "label") }
}

fn info(object: &BodyObject<'_>) -> Whose {
    let fields =
        ["displayName", "email", "credential1", "code", "uniqId"].map(|name| object.optional(name));
    if !fields.iter().any(BodyField::is_present) {
        object.refuse(ErrorCode::MissingCriterion, "must name what to search by beside its kind");
    }
    let [fullname, email, credential1, code, uniq_id] =
        fields.map(|field| field.filter_text().map(str::to_owned));
    Whose { fullname, email, code, credential1, uniq_id }
}

fn print(run: &InstanceSearchPage, limit: u32, mode: DetailLevel) -> Result<String, ErrorCode> {
    let next = run.last.as_ref().map(|last| format!("?limit={limit}&lastDocId={last}&mode={mode}"));
    let pagination = reply::to_json(&RunPagination { limit, last_doc_id: run.last.clone(), next })?;
    Ok(format!("{{\"testInstances\":[{}],\"pagination\":{pagination}}}", run.rows))
}
