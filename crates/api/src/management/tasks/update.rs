//! `PATCH /tasks/{id}`: changes a task and its steps.

use super::conduct::read_conduct;
use super::create;
use super::form::read_access_form;
use super::schema::ManagedTask;
use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{BodyField, BodyObject};
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values::{self, MOST_ENTRIES, attempt_limit};
use app::caller::Caller;
use app::candidates::LabelChange;
use app::tasks::{StepUpdate, TaskUpdate};
use axum::{Extension, Json, extract};
use domain::access::settings::InterfaceLang;
use domain::id::{StepId, TaskId};
use domain::instance::Scope;
use utoipa::ToSchema;

/// A change of a task; what is absent stays.
#[derive(ToSchema)]
#[schema(as = TaskChange)]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct UpdateTaskRequest {
    /// `title`, `active`, `favorite`, `folder`, `lang`, `activeAfter`, `activeBefore`,
    /// `labels: {add, remove}`, `tags`, `programs`, `stages`, `accessForm`, `emailTemplates` (in
    /// place of all there are); absent stays.
    #[schema(value_type = Object)]
    fields: serde_json::Value,
    /// By step id: `title`, `active`, `activeAfter`, `activeBefore`, `attemptLimit` and the conduct
    /// of a step.
    #[schema(value_type = Option<Object>)]
    steps: Option<serde_json::Value>,
}

/// Changes a task and its steps, all or nothing. What is absent stays.
#[utoipa::path(patch, path = "/tasks/{id}", tag = "Tasks", operation_id = "updateTask",
    params(("id" = String, Path)), request_body = UpdateTaskRequest,
    responses((status = 200, body = ManagedTask), CommonErrors, PathErrors, BodyErrors))]
pub async fn update_task(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    incoming: RawRequest,
) -> Result<Json<ManagedTask>, Problem> {
    caller.require_scope(Scope::TasksWrite)?;
    let ([id], change) = read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, shape).await?;
    Ok(Json(state.app.update_task(&caller, &TaskId::from(id), change).await?.into()))
}

fn shape(object: &BodyObject<'_>) -> Option<TaskUpdate> {
    let fields = object.required("fields").object(fields);
    let steps = object
        .optional("steps")
        .map(0..=MOST_ENTRIES, |id, field| Some((StepId::from(id), step(&field)?)));
    let steps = steps.unwrap_or_default().into_iter().map(|(_, step)| step).collect();
    Some(TaskUpdate { steps, ..fields? })
}

fn fields(object: &BodyObject<'_>) -> TaskUpdate {
    let names = |name| object.optional(name).set(0..=MOST_ENTRIES, |item| values::text(&item));
    let tags = object.optional("tags");
    TaskUpdate {
        title: values::name(&object.optional("title")),
        active: object.optional("active").boolean(),
        favorite: object.optional("favorite").boolean(),
        folder: values::folder(&object.optional("folder")),
        lang: object.optional("lang").one_of(InterfaceLang::ALL, InterfaceLang::as_str),
        active_after: values::moment_or_none(object.optional("activeAfter")),
        active_before: values::moment_or_none(object.optional("activeBefore")),
        labels: object.optional("labels").object(task_labels).unwrap_or_default(),
        tags: tags.is_present().then(|| values::tags(&tags)),
        programs: names("programs"),
        stages: names("stages"),
        access_form: object
            .optional("accessForm")
            .nullable(|field| field.object(read_access_form).flatten()),
        email_templates: object
            .optional("emailTemplates")
            .list(0..=MOST_ENTRIES, |item| item.object(create::read_email_template).flatten()),
        ..TaskUpdate::default()
    }
}

fn task_labels(object: &BodyObject<'_>) -> LabelChange {
    LabelChange {
        add: values::names(&object.optional("add")),
        remove: values::texts(&object.optional("remove")),
    }
}

fn step(field: &BodyField<'_>) -> Option<StepUpdate> {
    field.object(|object| StepUpdate {
        title: values::name(&object.optional("title")),
        active: object.optional("active").boolean(),
        active_after: values::moment_or_none(object.optional("activeAfter")),
        active_before: values::moment_or_none(object.optional("activeBefore")),
        attempt_limit: attempt_limit(&object.optional("attemptLimit")),
        conduct: read_conduct(object),
    })
}
