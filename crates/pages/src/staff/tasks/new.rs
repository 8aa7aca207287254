//! Making a task with its steps.

use super::choices;
use super::step_form::{self, StepBlock};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::tasks::{NewStep, NewTask};
use askama::Template;
use axum::extract::{Form, State};
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::{AccessSwitch, InterfaceLang};
use domain::id::TestId;
use domain::instance::AccessMethod;
use domain::role::Right;
use domain::time::TimeWindow;

/// The form that makes a task.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/new", get(show).post(create))]
}

#[derive(Template)]
#[template(path = "staff/tasks/new.html")]
struct NewTaskPage<'form> {
    frame: StaffLayout,
    given: &'form FormValues,
    told: &'form FormErrors,
    tests: Vec<(String, String)>,
    methods: Vec<(&'static str, &'static str)>,
    langs: Vec<(&'static str, &'static str)>,
    steps: Vec<StepBlock<'form>>,
}

impl NewTaskPage<'_> {
    fn place(&self, field: &str) -> String {
        format!("/{field}")
    }
}

/// `GET /staff/tasks/new`.
pub async fn show(
    State(desk): State<PagesState>,
    staff: SignedInStaff,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let mut given = FormValues::default();
    given.set_if("active", true);
    step_form::write_new(&mut given, 0);
    page(&desk, &staff, &given, &FormErrors::default()).await
}

/// `POST /staff/tasks/new`: makes it, or asks for one step more.
pub async fn create(
    State(desk): State<PagesState>,
    staff: SignedInStaff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let mut given = FormValues(pairs);
    if given.has("more") {
        let count = steps(&given);
        step_form::write_new(&mut given, count);
        return page(&desk, &staff, &given, &FormErrors::default()).await;
    }
    let mut told = FormErrors::default();
    let new = read(&given, &mut told);
    if !told.is_empty() {
        return page(&desk, &staff, &given, &told).await;
    }
    match desk.app.tasks().create_task(staff.caller(), new).await {
        Ok(task) => Ok(reply::redirect(&format!("/staff/tasks/{}?said=made", task.id))),
        Err(failure) => page(&desk, &staff, &given, &FormErrors::of(failure)?).await,
    }
}

fn steps(given: &FormValues) -> usize {
    given.block_count(|index| format!("steps.{index}.test"))
}

fn read(given: &FormValues, told: &mut FormErrors) -> NewTask {
    let window = TimeWindow {
        after: given.instant("after", told, "/activeAfter"),
        before: given.instant("before", told, "/activeBefore"),
    };
    let of_step = |index: usize| {
        let fields = step_form::read(given, index, &index.to_string(), told);
        NewStep {
            test: TestId::from(given.text(format!("steps.{index}.test"))),
            title: fields.title,
            switch: fields.switch,
            attempt_limit: fields.attempt_limit,
            conduct: fields.conduct,
        }
    };
    let steps = (0..steps(given)).map(of_step).collect();
    NewTask {
        switch: AccessSwitch { active: given.has("active"), window },
        access_method: AccessMethod::parse(given.text("method"))
            .unwrap_or(AccessMethod::InvitationCode),
        lang: InterfaceLang::parse(given.text("lang")).unwrap_or(InterfaceLang::Default),
        folder: given.non_empty("folder").unwrap_or_default(),
        favorite: given.has("favorite"),
        labels: given.list("labels"),
        tags: choices::tags(given, told, "/tags"),
        programs: given.lines("programs"),
        stages: given.lines("stages"),
        ..NewTask::of(given.non_empty("title").unwrap_or_default(), steps)
    }
}

async fn page(
    desk: &PagesState,
    staff: &SignedInStaff,
    given: &FormValues,
    told: &FormErrors,
) -> Result<Response, PageError> {
    let count = steps(given);
    let page = NewTaskPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "New task")
            .with_crumb("Tasks", "/staff/tasks")
            .with_script("staff/people.js"),
        tests: choices::tests(desk, staff).await?,
        methods: choices::METHODS.to_vec(),
        langs: choices::langs(),
        steps: (0..count)
            .map(|index| StepBlock::new(index, index, "", given, told).with_new_steps(count))
            .collect(),
        given,
        told,
    };
    reply::page(choices::status(told), &page)
}
