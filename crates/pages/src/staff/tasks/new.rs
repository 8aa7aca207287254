//! Making a task with its steps.

use super::choices;
use super::step_form::{self, StepBlock};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::mail::mail_language;
use app::tasks::{EmailTemplate, NewStep, NewTask};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::{AccessSwitch, InterfaceLang};
use domain::id::TestId;
use domain::instance::AccessMethod;
use domain::role::Right;
use domain::time::TimeWindow;
use serde::Deserialize;

/// The form that makes a task.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/new", get(show).post(create))]
}

#[derive(Template)]
#[template(path = "staff/tasks/new.html")]
struct NewTaskPage<'form> {
    frame: StaffLayout,
    values: &'form FormValues,
    errors: &'form FormErrors,
    tests: Vec<(String, String)>,
    methods: Vec<(&'static str, &'static str)>,
    langs: Vec<(&'static str, String)>,
    steps: Vec<StepBlock<'form>>,
}

impl NewTaskPage<'_> {
    fn place(&self, field: &str) -> String {
        format!("/{field}")
    }
}

/// The test that is chosen already, for whoever comes from its page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewTaskQuery {
    test: String,
}

/// `GET /staff/tasks/new`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<NewTaskQuery>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let mut values = FormValues::default();
    values.set_if("active", true);
    step_form::write_new(&mut values, 0, &query.test);
    page(&state, &staff, &values, &FormErrors::default()).await
}

/// `POST /staff/tasks/new`: makes it, or asks for one step more.
pub async fn create(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let mut values = FormValues(pairs);
    if values.has("more") {
        let count = steps(&values);
        step_form::write_new(&mut values, count, "");
        return page(&state, &staff, &values, &FormErrors::default()).await;
    }
    let mut errors = FormErrors::default();
    let new = read(&values, &mut errors);
    if !errors.is_empty() {
        return page(&state, &staff, &values, &errors).await;
    }
    match state.app.tasks().create_task(staff.caller(), new).await {
        Ok(task) => Ok(reply::redirect(&format!("/staff/tasks/{}?said=made", task.id))),
        Err(failure) => page(&state, &staff, &values, &FormErrors::of(failure)?).await,
    }
}

fn steps(values: &FormValues) -> usize {
    values.block_count(|index| format!("steps.{index}.test"))
}

fn read(values: &FormValues, errors: &mut FormErrors) -> NewTask {
    let window = TimeWindow {
        after: values.instant("after", errors, "/activeAfter"),
        before: values.instant("before", errors, "/activeBefore"),
    };
    let lang = InterfaceLang::parse(values.text("lang")).unwrap_or(InterfaceLang::Default);
    let of_step = |index: usize| {
        let fields = step_form::read(values, index, &index.to_string(), errors);
        NewStep {
            test: TestId::from(values.text(format!("steps.{index}.test"))),
            title: fields.title,
            switch: fields.switch,
            attempt_limit: fields.attempt_limit,
            conduct: fields.conduct,
        }
    };
    let steps = (0..steps(values)).map(of_step).collect();
    NewTask {
        switch: AccessSwitch { active: values.has("active"), window },
        access_method: AccessMethod::parse(values.text("method"))
            .unwrap_or(AccessMethod::InvitationCode),
        lang,
        folder: values.non_empty("folder").unwrap_or_default(),
        favorite: values.has("favorite"),
        labels: values.list("labels"),
        tags: choices::tags(values, errors, "/tags"),
        programs: values.lines("programs"),
        stages: values.lines("stages"),
        email_templates: vec![default_template(lang)],
        ..NewTask::of(values.non_empty("title").unwrap_or_default(), steps)
    }
}

/// An invitation that says the default text, so that staff can invite without writing one first.
fn default_template(lang: InterfaceLang) -> EmailTemplate {
    EmailTemplate {
        name: "Invitation".to_owned(),
        subject: mail_language(lang.as_str()).mail.invitation_subject.to_owned(),
        body: None,
    }
}

async fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    values: &FormValues,
    errors: &FormErrors,
) -> Result<Response, PageError> {
    let count = steps(values);
    let page = NewTaskPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "New task")
            .with_crumb("Tasks", "/staff/tasks")
            .with_script("staff/people.js"),
        tests: choices::tests(state, staff).await?,
        methods: choices::METHODS.to_vec(),
        langs: choices::langs(),
        steps: (0..count)
            .map(|index| StepBlock::new(index, index, "", values, errors).with_new_steps(count))
            .collect(),
        values,
        errors,
    };
    reply::page(choices::status(errors), &page)
}
