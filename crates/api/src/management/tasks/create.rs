//! `POST /tasks`: makes a task with its steps.

use super::conduct::{ConductRequest, SwitchRequest};
use super::form::{AccessFormRequest, EmailTemplateRequest};
use super::schema::ManagedTask;
use crate::body::BodyObject;
use crate::body::receive::ONE_MEBIBYTE;
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::request::value::{
    attempt_limit, boolean, folder_name, id, labels, list, name, names, nullable, object, tags,
    word,
};
use crate::request::{
    RequestObject as _, ValueReader as _, flattened, optional, or_default, or_value, request,
};
use crate::state::ApiState;
use crate::values::MOST_ENTRIES;
use app::caller::Caller;
use app::tasks::{NewStep, NewTask};
use axum::{Extension, Json, extract};
use domain::access::settings::InterfaceLang;
use domain::fault::{ErrorCode, Faults};
use domain::id::TestId;
use domain::instance::AccessMethod;
use domain::json::JsonPointer;
use domain::role::Right;

request! {
    /// A task to be made.
    pub(in crate::management) struct CreateTaskRequest as "NewTask" for NewTask {
        /// The title candidates and staff read.
        title = name(),
        /// Whether it is open, and when.
        switch = flattened::<SwitchRequest>(),
        /// How candidates get in; `invitation-code` when omitted.
        access_method = or_value(word::<AccessMethod>(), AccessMethod::InvitationCode),
        /// Fields to fill in at first entry; null or omitted without.
        access_form = or_default(nullable(object::<AccessFormRequest>())),
        /// The language of the pages; `default`, also when omitted, follows the candidate.
        lang = or_value(word::<InterfaceLang>(), InterfaceLang::Default),
        /// The folder it stands in; the default one when omitted.
        folder = or_default(folder_name()),
        /// Marks it as a favourite.
        favorite = or_default(boolean()),
        /// Free marks.
        labels = or_default(names()),
        /// Names with values, such as `City: Izmir`.
        tags = or_default(tags()),
        /// Names of the programs candidates can be in.
        programs = or_default(labels()),
        /// Names of the stages candidates go through.
        stages = or_default(labels()),
        /// The templates of invitations.
        email_templates =
            or_default(list(0..=MOST_ENTRIES, object::<EmailTemplateRequest>())),
        /// The steps, in delivery order.
        steps = list(1..=MOST_ENTRIES, object::<CreateStepRequest>()),
    }
}

request! {
    /// A step to be made.
    struct CreateStepRequest as "NewStep" for NewStep {
        /// Id of the test.
        test = id::<TestId>(),
        /// The title candidates read; the test's when omitted.
        title = optional(name()),
        /// Whether it is open, and when.
        switch = flattened::<SwitchRequest>(),
        /// How often it may be taken; -1 is unlimited, 1 when omitted.
        attempt_limit = or_default(attempt_limit()),
        /// What it demands and records.
        conduct = flattened::<ConductRequest>(),
    }
}

/// Makes a task with its steps, all or nothing; every fault is told at once.
#[utoipa::path(
    post, path = "/tasks", tag = "Tasks", operation_id = "createTask",
    request_body = CreateTaskRequest,
    responses((status = 200, body = ManagedTask), CommonErrors, BodyErrors)
)]
pub async fn create_task(
    extract::State(state): extract::State<ApiState>,
    Extension(caller): Extension<Caller>,
    RawRequest { head, body }: RawRequest,
) -> Result<Json<ManagedTask>, Problem> {
    caller.require(Right::WriteTasks)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    let new = document.read(CreateTaskRequest::read).flatten();
    if new.is_none() {
        let steps = document.read_quietly(readable_steps).unwrap_or_default();
        // Without a task to make, faults that need the library are still told beside those of form.
        let found = state.app.tasks().check_tests_of_steps(&caller, steps).await?;
        document.add_faults(found);
    }
    document.finish(&mut faults);
    faults.into_result()?;
    let new = new.ok_or(ErrorCode::InternalError)?;
    Ok(Json(state.app.tasks().create_task(&caller, new).await?.into()))
}

/// The steps that can be read, whatever becomes of the task.
fn readable_steps(task: &BodyObject<'_>) -> Vec<(JsonPointer, NewStep)> {
    let mut steps = Vec::new();
    task.required("steps").list(1..=MOST_ENTRIES, |field| {
        steps.push((field.pointer(), object::<CreateStepRequest>().read(&field)?));
        Some(())
    });
    steps
}
