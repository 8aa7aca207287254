//! `PATCH /tasks/{id}`: changes a task and its steps.

use super::schema::DetailedTask;
use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{BodyField, BodyObject};
use crate::integration::validate_then_run::validate_then_run;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors, string_enum_schema};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::NoQuery;
use crate::state::ApiState;
use crate::values::{self, MOST_ENTRIES};
use app::caller::Caller;
use app::candidates::LabelChange;
use app::tasks::{StepUpdate, TaskUpdate};
use axum::response::Response;
use axum::{Extension, extract};
use domain::access::settings::InterfaceLang;
use domain::fault::Faults;
use domain::id::{StepId, TaskId};
use domain::instance::Scope;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// A change of a task and its steps; what is absent stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct TaskPatch {
    /// What changes about the task; it may be empty.
    fields: TaskPatchFields,
    /// By step id.
    #[schema(nullable = false)]
    steps: Option<BTreeMap<String, StepPatch>>,
}

/// What changes about the task; what is absent stays.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct TaskPatchFields {
    /// The title.
    #[schema(nullable = false, min_length = 2, max_length = 200, pattern = "^[^<>/]*$")]
    title: Option<String>,
    /// Switched off, the task keeps everybody out at once.
    #[schema(nullable = false)]
    active: Option<bool>,
    /// Whether it is marked as a favourite.
    #[schema(nullable = false)]
    favorite: Option<bool>,
    /// The folder it stands in.
    #[schema(nullable = false, min_length = 2, max_length = 200, pattern = "^[^<>/]*$")]
    folder: Option<String>,
    #[schema(schema_with = languages, required = false)]
    lang: Option<String>,
    /// Seconds since the epoch; null removes the limit.
    active_before: Option<i64>,
    /// Seconds since the epoch; null removes the limit.
    active_after: Option<i64>,
    /// Labels to add and to remove.
    #[schema(nullable = false)]
    labels: Option<LabelPatch>,
}

/// Labels to add and to remove; removing an absent one does nothing.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct LabelPatch {
    /// Labels to add.
    #[schema(nullable = false)]
    add: Option<Vec<String>>,
    /// Labels to remove.
    #[schema(nullable = false)]
    remove: Option<Vec<String>>,
}

/// A change of a step; what is absent stays.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct StepPatch {
    /// The title candidates read.
    #[schema(nullable = false, min_length = 2, max_length = 200, pattern = "^[^<>/]*$")]
    title: Option<String>,
    /// Switched off, the step keeps everybody out at once.
    #[schema(nullable = false)]
    active: Option<bool>,
    /// Seconds since the epoch; null removes the limit.
    active_before: Option<i64>,
    /// Seconds since the epoch; null removes the limit.
    active_after: Option<i64>,
    /// -1: unlimited.
    #[schema(nullable = false, minimum = -1, maximum = 2_147_483_647_i64)]
    attempt_limit: Option<i64>,
}

pub fn languages() -> RefOr<Schema> {
    string_enum_schema(
        "The language of the pages, as two letters.",
        &InterfaceLang::ALL[1..],
        InterfaceLang::as_str,
    )
}

/// Changes a task and its steps, all or nothing.
#[utoipa::path(patch, path = "/tasks/{id}", tag = "Tasks", operation_id = "changeTask",
    params(("id" = String, Path)), request_body = TaskPatch,
    responses((status = 200, body = DetailedTask), CommonErrors, PathErrors, BodyErrors))]
pub async fn update(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require_scope(Scope::TasksWrite)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [id] = read::path_ids(&head, ["id"], &mut faults);
    read::query::<NoQuery>(&head, &mut faults);
    let change = document.read(shape).unwrap_or_default();
    let task = TaskId::from(id);
    let check = state.app.check_task_update(&caller, &task, change.clone());
    let change = state.app.update_task(&caller, &task, change);
    let changed = validate_then_run(document, faults, check, change).await?;
    Ok(reply::json(reply::to_json(&DetailedTask::from(changed))?))
}

fn shape(object: &BodyObject<'_>) -> TaskUpdate {
    let fields = object.required("fields").object(fields).unwrap_or_default();
    let mut steps = BTreeMap::new();
    object.optional("steps").map(0..=MOST_ENTRIES, |id, field| {
        steps.extend(step(&field).map(|step| (StepId::from(id), step)));
        Some(())
    });
    TaskUpdate { steps, ..fields }
}

fn fields(object: &BodyObject<'_>) -> TaskUpdate {
    TaskUpdate {
        title: values::name(&object.optional("title")),
        active: object.optional("active").boolean(),
        favorite: object.optional("favorite").boolean(),
        folder: values::name(&object.optional("folder")),
        lang: object.optional("lang").one_of(&InterfaceLang::ALL[1..], InterfaceLang::as_str),
        active_before: values::moment_or_none(object.optional("activeBefore")),
        active_after: values::moment_or_none(object.optional("activeAfter")),
        labels: object.optional("labels").object(labels).unwrap_or_default(),
        ..TaskUpdate::default()
    }
}

fn labels(object: &BodyObject<'_>) -> LabelChange {
    LabelChange {
        add: values::names(&object.optional("add")),
        remove: values::names(&object.optional("remove")),
    }
}

fn step(field: &BodyField<'_>) -> Option<StepUpdate> {
    field.object(|object| StepUpdate {
        title: values::name(&object.optional("title")),
        active: object.optional("active").boolean(),
        active_before: values::moment_or_none(object.optional("activeBefore")),
        active_after: values::moment_or_none(object.optional("activeAfter")),
        attempt_limit: values::attempt_limit(&object.optional("attemptLimit")),
        ..StepUpdate::default()
    })
}
