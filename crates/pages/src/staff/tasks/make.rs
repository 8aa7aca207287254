//! Making a task with its steps.

use super::step_form::{self, StepBlock};
use super::{Table, choices};
use crate::desk::Desk;
use crate::reply;
use crate::staff::{Area, Frame, Given, Staff, Told};
use crate::trouble::Trouble;
use app::tasks::{NewStep, NewTask};
use askama::Template;
use axum::extract::{Form, State};
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::{InterfaceLang, Switch};
use domain::id::TestId;
use domain::instance::AccessMethod;
use domain::role::Permission;
use domain::time::Window;

pub fn table() -> Table {
    vec![("/staff/tasks/new", get(show).post(make))]
}

#[derive(Template)]
#[template(path = "staff/tasks/new.html")]
struct Page<'form> {
    frame: Frame,
    given: &'form Given,
    told: &'form Told,
    tests: Vec<(String, String)>,
    methods: Vec<(&'static str, &'static str)>,
    langs: Vec<(&'static str, &'static str)>,
    steps: Vec<StepBlock<'form>>,
}

impl Page<'_> {
    fn place(&self, field: &str) -> String {
        format!("/{field}")
    }
}

/// `GET /staff/tasks/new`.
pub async fn show(State(desk): State<Desk>, staff: Staff) -> Result<Response, Trouble> {
    staff.caller().permit(Permission::WriteTasks)?;
    let mut given = Given::default();
    given.set_if("active", true);
    step_form::write_new(&mut given, 0);
    page(&desk, &staff, &given, &Told::default()).await
}

/// `POST /staff/tasks/new`: makes it, or asks for one step more.
pub async fn make(
    State(desk): State<Desk>,
    staff: Staff,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let mut given = Given(pairs);
    if given.has("more") {
        let count = steps(&given);
        step_form::write_new(&mut given, count);
        return page(&desk, &staff, &given, &Told::default()).await;
    }
    let mut told = Told::default();
    let new = read(&given, &mut told);
    if !told.is_empty() {
        return page(&desk, &staff, &given, &told).await;
    }
    match desk.app.create_task(staff.caller(), new).await {
        Ok(task) => Ok(reply::go(&format!("/staff/tasks/{}?said=made", task.id))),
        Err(failure) => page(&desk, &staff, &given, &Told::of(failure)?).await,
    }
}

fn steps(given: &Given) -> usize {
    given.blocks(|index| format!("steps.{index}.test"))
}

fn read(given: &Given, told: &mut Told) -> NewTask {
    let window = Window {
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
        switch: Switch { active: given.has("active"), window },
        access_method: AccessMethod::parse(given.text("method")).unwrap_or(AccessMethod::InvitationCode),
        lang: InterfaceLang::parse(given.text("lang")).unwrap_or(InterfaceLang::Default),
        folder: given.some("folder").unwrap_or_default(),
        favorite: given.has("favorite"),
        labels: given.list("labels"),
        tags: choices::tags(given, told, "/tags"),
        programs: given.lines("programs"),
        stages: given.lines("stages"),
        ..NewTask::of(given.some("title").unwrap_or_default(), steps)
    }
}

async fn page(desk: &Desk, staff: &Staff, given: &Given, told: &Told) -> Result<Response, Trouble> {
    let count = steps(given);
    let page = Page {
        frame: Frame::new(staff, Area::Tasks, "New task").under("Tasks", "/staff/tasks").with_script("staff/people.js"),
        tests: choices::tests(desk, staff).await?,
        methods: choices::METHODS.to_vec(),
        langs: choices::langs(),
        steps: (0..count).map(|index| StepBlock::new(index, index, "", given, told).beside(count)).collect(),
        given,
        told,
    };
    reply::page(choices::status(told), &page)
}
