//! `PATCH /tasks/{id}`: changes a task and its steps.

use super::conduct::ConductRequest;
use super::form::{AccessFormRequest, EmailTemplateRequest};
use super::schema::ManagedTask;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::management::read;
use crate::openapi::{BodyErrors, CommonErrors, PathErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{
    attempt_limit, boolean, folder_name, labels, list, map_of, moment, name, names, nullable,
    object, tags, word,
};
use crate::request::{RequestObject as _, flattened, optional, or_default, request};
use crate::state::ApiState;
use crate::values::MOST_ENTRIES;
use app::caller::Caller;
use app::candidates::LabelChange;
use app::tasks::{StepUpdate, TaskUpdate};
use axum::{Extension, Json, extract};
use domain::access::settings::InterfaceLang;
use domain::id::{StepId, TaskId};
use domain::role::Right;
use std::collections::BTreeMap;

request! {
    /// A change of a task; what is absent stays.
    pub(in crate::management) struct UpdateTaskRequest as "TaskChange"
        into TaskUpdate by to_update
    {
        /// What changes of the task itself.
        fields: TaskUpdate = object::<TaskFieldsRequest>(),
        /// What changes of its steps, by step id.
        steps: BTreeMap<StepId, StepUpdate> =
            or_default(map_of::<StepId, _>(0..=MOST_ENTRIES, object::<StepChangeRequest>())),
    }
}

request! {
    /// What changes of a task; what is absent stays.
    struct TaskFieldsRequest as "TaskChangeFields" for TaskUpdate {
        /// The title candidates and staff read.
        title = optional(name()),
        /// Switched off, it keeps everybody out at once.
        active = optional(boolean()),
        /// Whether it is marked as a favourite.
        favorite = optional(boolean()),
        /// The folder it stands in; the empty name is the default folder.
        folder = optional(folder_name()),
        /// The language of the pages; `default` follows the candidate.
        lang = optional(word::<InterfaceLang>()),
        /// Not open before this moment, in seconds since the epoch; null removes the limit.
        active_after = optional(nullable(moment())),
        /// Not open from this moment on, in seconds since the epoch; null removes the limit.
        active_before = optional(nullable(moment())),
        /// Labels to add and to remove.
        labels = or_default(object::<TaskLabelsRequest>()),
        /// All tags, name to value; they replace the present ones.
        tags = optional(tags()),
        /// Names of all programs; those that stay keep their uuids.
        programs = optional(labels()),
        /// Names of all stages; those that stay keep their uuids.
        stages = optional(labels()),
        /// Fields to fill in at first entry; null removes the form.
        access_form = optional(nullable(object::<AccessFormRequest>())),
        /// The templates of invitations, in place of all there are.
        email_templates =
            optional(list(0..=MOST_ENTRIES, object::<EmailTemplateRequest>())),
        ..TaskUpdate::default()
    }
}

request! {
    /// Labels to add and to remove; removing an absent one does nothing.
    struct TaskLabelsRequest as "TaskLabelChange" for LabelChange {
        /// Labels to add.
        add = or_default(names()),
        /// Labels to remove.
        remove = or_default(labels()),
    }
}

request! {
    /// A change of a step; what is absent stays.
    struct StepChangeRequest as "StepChange" for StepUpdate {
        /// The title candidates read.
        title = optional(name()),
        /// Switched off, it keeps everybody out at once.
        active = optional(boolean()),
        /// Not open before this moment, in seconds since the epoch; null removes the limit.
        active_after = optional(nullable(moment())),
        /// Not open from this moment on, in seconds since the epoch; null removes the limit.
        active_before = optional(nullable(moment())),
        /// How often it may be taken; -1 is unlimited.
        attempt_limit = optional(attempt_limit()),
        /// What it demands and records.
        conduct = flattened::<ConductRequest>(),
    }
}

fn to_update(change: UpdateTaskRequest, _: &BodyObject<'_>) -> Option<TaskUpdate> {
    Some(TaskUpdate { steps: change.steps, ..change.fields })
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
    caller.require(Right::WriteTasks)?;
    let ([id], change) =
        read::path_and_body(incoming, ["id"], ONE_MEBIBYTE, UpdateTaskRequest::read).await?;
    Ok(Json(state.app.tasks().update_task(&caller, &TaskId::from(id), change).await?.into()))
}
