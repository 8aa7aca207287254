//! `PATCH /tasks/{id}`: changes a task and its steps.

use super::schema::DetailedTask;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::integration::validate_then_run::validate_then_run;
use crate::integration::{read, reply};
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::query::NoQuery;
use crate::request::value::{
    attempt_limit, boolean, map_of, moment, name, names, nullable, object, word_of,
};
use crate::request::{RequestObject as _, optional, or_default, request, required_or_default};
use crate::state::ApiState;
use crate::values::MOST_ENTRIES;
use app::caller::Caller;
use app::candidates::LabelChange;
use app::tasks::{StepUpdate, TaskUpdate};
use axum::response::Response;
use axum::{Extension, extract};
use domain::access::settings::InterfaceLang;
use domain::fault::Faults;
use domain::id::{StepId, TaskId};
use domain::role::Right;
use std::collections::BTreeMap;

request! {
    /// A change of a task and its steps; what is absent stays.
    struct UpdateTaskRequest as "TaskPatch" into TaskUpdate by to_update {
        /// What changes about the task; it may be empty.
        fields: TaskUpdate = required_or_default(object::<TaskFieldsRequest>()),
        /// By step id.
        steps: BTreeMap<StepId, StepUpdate> =
            or_default(map_of::<StepId, _>(0..=MOST_ENTRIES, object::<StepFieldsRequest>())),
    }
}

request! {
    /// What changes about the task; what is absent stays.
    struct TaskFieldsRequest as "TaskPatchFields" for TaskUpdate {
        /// The title.
        title = optional(name()),
        /// Switched off, the task keeps everybody out at once.
        active = optional(boolean()),
        /// Whether it is marked as a favourite.
        favorite = optional(boolean()),
        /// The folder it stands in.
        folder = optional(name()),
        /// The language of the pages, as two letters.
        lang = optional(word_of(&InterfaceLang::OF_CONTRACT[1..])),
        /// Seconds since the epoch; null removes the limit.
        active_before = optional(nullable(moment())),
        /// Seconds since the epoch; null removes the limit.
        active_after = optional(nullable(moment())),
        /// Labels to add and to remove.
        labels = or_default(object::<TaskLabelsRequest>()),
        ..TaskUpdate::default()
    }
}

request! {
    /// Labels to add and to remove; removing an absent one does nothing.
    struct TaskLabelsRequest as "TaskLabelPatch" for LabelChange {
        /// Labels to add.
        add = or_default(names()),
        /// Labels to remove.
        remove = or_default(names()),
    }
}

request! {
    /// A change of a step; what is absent stays.
    struct StepFieldsRequest as "StepPatch" for StepUpdate {
        /// The title candidates read.
        title = optional(name()),
        /// Switched off, the step keeps everybody out at once.
        active = optional(boolean()),
        /// Seconds since the epoch; null removes the limit.
        active_before = optional(nullable(moment())),
        /// Seconds since the epoch; null removes the limit.
        active_after = optional(nullable(moment())),
        /// How often it may be attempted; -1: unlimited.
        attempt_limit = optional(attempt_limit()),
        ..StepUpdate::default()
    }
}

fn to_update(sent: UpdateTaskRequest, _: &BodyObject<'_>) -> Option<TaskUpdate> {
    Some(TaskUpdate { steps: sent.steps, ..sent.fields })
}

/// Changes a task and its steps, all or nothing.
#[utoipa::path(patch, path = "/tasks/{id}", tag = "Tasks", operation_id = "changeTask",
    params(("id" = String, Path)), request_body = UpdateTaskRequest,
    responses((status = 200, body = DetailedTask), CommonErrors, PathErrors, BodyErrors))]
pub async fn update(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Response, Problem> {
    caller.require(Right::WriteTasks)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    let [id] = read::path_ids(&head, ["id"], &mut faults);
    read::query::<NoQuery>(&head, &mut faults);
    let change = document.read(UpdateTaskRequest::read).flatten().unwrap_or_default();
    let task = TaskId::from(id);
    let tasks = state.app.tasks();
    let check = tasks.check_task_update(&caller, &task, change.clone());
    let change = tasks.update_task(&caller, &task, change);
    let changed = validate_then_run(document, faults, check, change).await?;
    Ok(reply::json(reply::to_json(&DetailedTask::from(changed))?))
}
