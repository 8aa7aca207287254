//! `POST /tasks`: makes a task with its steps.

use super::conduct::read_conduct;
use super::form::read_access_form;
use super::schema::ManagedTask;
use crate::body::receive::ONE_MEBIBYTE;
use crate::body::{BodyField, BodyObject};
use crate::openapi::{BodyErrors, CommonErrors};
use crate::problem::Problem;
use crate::raw_request::RawRequest;
use crate::state::ApiState;
use crate::values::{self, MOST_ENTRIES, attempt_limit};
use app::caller::Caller;
use app::tasks::{EmailTemplate, NewStep, NewTask};
use axum::{Extension, Json, extract};
use domain::access::settings::{AccessSwitch, InterfaceLang};
use domain::fault::Faults;
use domain::id::TestId;
use domain::instance::{AccessMethod, Scope};
use domain::time::TimeWindow;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A task to be made.
#[derive(ToSchema)]
#[schema(as = NewTask, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub(in crate::management) struct CreateTaskRequest {
    /// 2 to 200 characters, none of `<`, `>`, `/`.
    title: String,
    /// `invitation-code` when omitted; or `single-credential`, `double-credential`, `no-auth`.
    access_method: Option<String>,
    /// True when omitted; switched off, it keeps everybody out.
    active: Option<bool>,
    /// Not open before this moment, in seconds since the epoch.
    active_after: Option<i64>,
    /// Not open from this moment on, in seconds since the epoch.
    active_before: Option<i64>,
    /// The language of the pages, as two letters; `default` when omitted follows the candidate.
    lang: Option<String>,
    /// The folder it stands in; the default one when omitted.
    folder: Option<String>,
    /// Marks it as a favourite.
    favorite: Option<bool>,
    /// Free marks.
    labels: Option<Vec<String>>,
    /// Names with values, such as `City: Izmir`.
    tags: Option<BTreeMap<String, String>>,
    /// Names.
    programs: Option<Vec<String>>,
    /// Names.
    stages: Option<Vec<String>>,
    /// Fields to fill in at first entry,
    /// `{fields: [{key, label, kind, required, options, assign}], fixed: [{assign, value}]}`.
    #[schema(value_type = Option<Object>)]
    access_form: Option<serde_json::Value>,
    /// `{name, subject, body}`. Subject and body may hold `{{fullname}}`, `{{task}}`,
    /// `{{organization}}`, `{{link}}`, `{{code}}`, `{{taskLink}}` and `{{credential1}}`. The body
    /// is plain text of up to 10000 characters; without one an invitation in the candidate's
    /// language is sent.
    #[schema(value_type = Option<Vec<Object>>)]
    email_templates: Option<Vec<serde_json::Value>>,
    /// 1 to 100 steps, in delivery order.
    steps: Vec<CreateStepRequest>,
}

/// A step to be made.
#[derive(ToSchema)]
#[schema(as = NewStep, rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
struct CreateStepRequest {
    /// Id of the test.
    test: String,
    /// The test's title when omitted.
    title: Option<String>,
    /// True when omitted; switched off, it keeps everybody out.
    active: Option<bool>,
    /// Not open before this moment, in seconds since the epoch.
    active_after: Option<i64>,
    /// Not open from this moment on, in seconds since the epoch.
    active_before: Option<i64>,
    /// -1: unlimited.
    attempt_limit: Option<i64>,
    /// `{kind: stage, stages}`, `{kind: program, programs}`, `{kind: completion, step}` or
    /// `{kind: score, step, figure, minimum}`; `step` is the number of another step, from 1.
    #[schema(value_type = Option<Vec<Object>>)]
    prerequisites: Option<Vec<serde_json::Value>>,
    /// `NONE` when omitted; or `PHOTO`, `VIDEO`.
    webcam_recording: Option<String>,
    /// `NONE` when omitted; or `SCREENSHOT`, `SCREENCAPTURE`.
    screen_recording: Option<String>,
    /// Takes the test in full screen: `{}`, or with limits
    /// `{resume: {maxCount, maxSeconds}, terminateAfterCount, terminateAfterSeconds,
    /// terminateAfterTotalSeconds, flagAfterTotalSeconds}`; null or omitted does not.
    #[schema(value_type = Option<Object>)]
    fullscreen: Option<serde_json::Value>,
    /// Whether a photo that shows who the candidate is has to be sent before the start.
    identity_photo: Option<bool>,
    /// Names of the documents to be sent before the start.
    documents: Option<Vec<String>>,
    /// Whether it is for practice.
    practice_mode: Option<bool>,
    /// What candidates may see of their results.
    sharing: Option<String>,
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
    caller.require_scope(Scope::TasksWrite)?;
    let document = head.json(body, ONE_MEBIBYTE).await?;
    let mut faults = Faults::new();
    head.query().finish(&mut faults);
    let (new, steps) = document.read(task).unwrap_or_default();
    if new.is_none() {
        // Without a task to make, faults that need the library are still told beside those of form.
        let found = state.app.check_tests_of_steps(&caller, steps).await?;
        document.add_faults(found);
    }
    document.finish(&mut faults);
    faults.into_result()?;
    let new = new.ok_or(domain::fault::ErrorCode::InternalError)?;
    Ok(Json(state.app.create_task(&caller, new).await?.into()))
}

type StepAtPointer = (domain::json::JsonPointer, NewStep);

/// The task, and the steps that could be read whatever became of the task.
fn task(object: &BodyObject<'_>) -> (Option<NewTask>, Vec<StepAtPointer>) {
    let title = values::name(&object.required("title"));
    let mut steps: Vec<StepAtPointer> = Vec::new();
    let read = object.required("steps").list(1..=MOST_ENTRIES, |field| {
        let at = field.pointer().clone();
        let step = step(&field)?;
        steps.push((at, step.clone()));
        Some(step)
    });
    let method = object.optional("accessMethod").one_of(AccessMethod::ALL, AccessMethod::as_str);
    let form =
        object.optional("accessForm").nullable(|field| field.object(read_access_form).flatten());
    let templates = object.optional("emailTemplates");
    let rest = NewTask {
        switch: switch(object),
        access_method: method.unwrap_or(AccessMethod::InvitationCode),
        access_form: form.flatten(),
        lang: object
            .optional("lang")
            .one_of(InterfaceLang::ALL, InterfaceLang::as_str)
            .unwrap_or(InterfaceLang::Default),
        folder: values::folder(&object.optional("folder")).unwrap_or_default(),
        favorite: object.optional("favorite").boolean().unwrap_or(false),
        labels: values::names(&object.optional("labels")),
        tags: values::tags(&object.optional("tags")),
        programs: values::texts(&object.optional("programs")),
        stages: values::texts(&object.optional("stages")),
        email_templates: templates
            .list(0..=MOST_ENTRIES, |item| item.object(read_email_template).flatten())
            .unwrap_or_default(),
        ..NewTask::of("", Vec::new())
    };
    let new = title.zip(read).map(|(title, steps)| NewTask { title, steps, ..rest });
    (new, steps)
}

fn step(field: &BodyField<'_>) -> Option<NewStep> {
    let shape = |object: &BodyObject<'_>| {
        let test = object.required("test").text(1..=64).map(TestId::from);
        let title = values::name(&object.optional("title"));
        let (switch, limit) = (switch(object), attempt_limit(&object.optional("attemptLimit")));
        let conduct = read_conduct(object);
        Some(NewStep {
            test: test?,
            title,
            switch,
            attempt_limit: limit.unwrap_or_default(),
            conduct,
        })
    };
    field.object(shape).flatten()
}

/// A switch that is on unless said otherwise, and dates; null is no limit.
fn switch(object: &BodyObject<'_>) -> AccessSwitch {
    let active = object.optional("active").boolean().unwrap_or(true);
    let after = values::moment_or_none(object.optional("activeAfter")).flatten();
    let before = values::moment_or_none(object.optional("activeBefore")).flatten();
    AccessSwitch { active, window: TimeWindow { after, before } }
}

pub(super) fn read_email_template(object: &BodyObject<'_>) -> Option<EmailTemplate> {
    let (name, subject) =
        (values::text(&object.required("name")), values::text(&object.required("subject")));
    let body = object.optional("body").nullable(|field| values::note(&field)).flatten();
    Some(EmailTemplate { name: name?, subject: subject?, body })
}
