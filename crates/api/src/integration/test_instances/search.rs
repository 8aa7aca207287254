//! `POST /tasks/{taskId}/test-instances/filter`: instances that fit what the body names, run by run.

use super::shape::{self, TestInstance};
use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{Document, Field, Object};
use crate::incoming::{Head, Incoming};
use crate::integration::{read, reply};
use crate::mode::Mode;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, word_schema};
use crate::pagination::read_limit;
use crate::parameters::{LimitParameter, ModeParameter};
use crate::problem::Problem;
use crate::server::State;
use app::Failure;
use app::caller::Caller;
use app::instance_search::{Meta, SearchQuery, SearchRun, Sought, Whose};
use axum::response::Response;
use axum::{Extension, extract};
use domain::fault::{Code, Faults};
use domain::id::{InstanceId, TaskId};
use domain::instance::{Scope, State as InstanceState};
use domain::time::Timestamp;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

/// The end of the year 9999, in milliseconds.
const LAST_MILLISECOND: i64 = 253_402_300_799_999;

domain::words! {
    enum Kind {
        Meta = "meta",
        Info = "info",
    }
}

const OF_A_KIND: &[&str] =
    &["group", "label", "stepId", "status", "from", "to", "displayName", "email", "credential1", "code", "uniqId"];

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
    word_schema("Searches by what the instances are themselves.", &[Kind::Meta], Kind::as_str)
}

fn info_kind() -> RefOr<Schema> {
    word_schema("Searches by what their candidates have now.", &[Kind::Info], Kind::as_str)
}

fn statuses() -> RefOr<Schema> {
    word_schema("Whether they are under way, completed or reopened.", InstanceState::ALL, InstanceState::as_str)
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
struct Asked {
    mode: Mode,
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
    extract::State(state): extract::State<State>,
    Extension(caller): Extension<Caller>,
    Incoming { head, body }: Incoming,
) -> Result<Response, Problem> {
    caller.require(Scope::ResultsRead)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let sought = document.read(shape).flatten();
    let mut faults = Faults::new();
    let [task] = read::path(&head, ["taskId"], &mut faults);
    let task = TaskId::from(task);
    let asked = Asked::read(&head, true, &mut faults);
    let (Some(sought), true) = (sought, faults.is_empty() && !document.is_faulty()) else {
        return Err(refusal(&state, &caller, &task, &head, document, &asked).await);
    };
    let Asked { mode, limit, last: after } = asked;
    let query = SearchQuery { mode: mode.into(), limit: limit.into(), after, sought };
    let run = state.app.search_instances(&caller, &task, query, shape::print).await?;
    Ok(reply::json(print(&run, limit, mode)?))
}

/// All faults, with that of the position if it has one.
async fn refusal(
    state: &State,
    caller: &Caller,
    task: &TaskId,
    head: &Head,
    document: Document,
    asked: &Asked,
) -> Problem {
    let is_known = match &asked.last {
        None => Ok(true),
        Some(last) => state.app.check_position(caller, task, last).await,
    };
    let is_known = match is_known {
        Ok(is_known) => is_known,
        // Where there is no such task a position is not judged.
        Err(Failure::NotFound) => true,
        Err(failure) => return failure.into(),
    };
    let mut faults = Faults::new();
    let [_] = read::path(head, ["taskId"], &mut faults);
    Asked::read(head, is_known, &mut faults);
    document.finish(&mut faults);
    faults.into()
}

impl Asked {
    fn read(head: &Head, is_known_position: bool, faults: &mut Faults) -> Self {
        let read = |query: &mut crate::query::Query<'_>| {
            let (mode, limit) = (Mode::read(query), read_limit(query));
            let last = query.text("lastDocId").map(InstanceId::from);
            if !is_known_position {
                query.refuse("lastDocId", Code::UnknownCursor, "must be a test instance of this task");
            }
            Self { mode, limit, last }
        };
        read::query(head, read, faults)
    }
}

fn shape(object: &Object<'_>) -> Option<Sought> {
    match object.required("kind").filter_word(Kind::ALL, Kind::as_str) {
        Some(Kind::Meta) => Some(meta(object)),
        Some(Kind::Info) => Some(Sought::Candidate(info(object))),
        None => {
            object.known(OF_A_KIND);
            None
        }
    }
}

fn text(object: &Object<'_>, name: &'static str) -> Option<String> {
    object.optional(name).filter_text().map(str::to_owned)
}

fn meta(object: &Object<'_>) -> Sought {
    let moment = |field: &Field<'_>| field.integer(0..=LAST_MILLISECOND).map(Timestamp);
    let to = object.optional("to");
    let meta = Meta {
        group: text(object, "group"),
        step: text(object, "stepId"),
        state: object.optional("status").filter_word(InstanceState::ALL, InstanceState::as_str),
        from: moment(&object.optional("from")),
        to: moment(&to),
    };
    if meta.from.zip(meta.to).is_some_and(|(from, to)| from > to) {
        to.refuse(Code::InvalidRange, "must not lie before the moment it begins at");
    }
    Sought::Meta { meta, label: text(object, "label") }
}

fn info(object: &Object<'_>) -> Whose {
    let fields = ["displayName", "email", "credential1", "code", "uniqId"].map(|name| object.optional(name));
    if !fields.iter().any(Field::is_given) {
        object.refuse(Code::MissingCriterion, "must name what to search by beside its kind");
    }
    let [fullname, email, credential1, code, uniq_id] = fields.map(|field| field.filter_text().map(str::to_owned));
    Whose { fullname, email, code, credential1, uniq_id }
}

fn print(run: &SearchRun, limit: u32, mode: Mode) -> Result<String, Code> {
    let next = run.last.as_ref().map(|last| format!("?limit={limit}&lastDocId={last}&mode={mode}"));
    let pagination = reply::print(&RunPagination { limit, last_doc_id: run.last.clone(), next })?;
    Ok(format!("{{\"testInstances\":[{}],\"pagination\":{pagination}}}", run.rows))
}
