//! Adding one candidate.

use super::{Tab, Table, TaskTabs, choices, list, person_form, roll_address};
use crate::desk::Desk;
use crate::reply;
use crate::staff::{Area, Frame, Given, Staff, Told};
use crate::trouble::Trouble;
use app::candidates::Invitation;
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use axum::routing::get;
use domain::id::TaskId;
use domain::instance::AccessMethod;
use domain::role::Permission;

pub fn table() -> Table {
    vec![("/staff/tasks/{task}/candidates/new", get(show).post(add))]
}

/// Among whom an own number is taken once.
const SCOPES: [(&str, &str); 4] = [
    ("task", "The whole task"),
    ("group", "The group"),
    ("labels", "The same labels"),
    ("programs", "The same programs"),
];

#[derive(Template)]
#[template(path = "staff/candidates/new.html")]
struct Page<'form> {
    frame: Frame,
    tabs: TaskTabs,
    id: String,
    given: &'form Given,
    told: &'form Told,
    stages: Vec<(String, String)>,
    programs: Vec<(String, String)>,
    templates: Vec<(String, String)>,
    langs: Vec<(&'static str, &'static str)>,
    scopes: &'static [(&'static str, &'static str)],
    credentials: usize,
    steps: Vec<OwnStep>,
}

/// A step's own dates in the form.
struct OwnStep {
    title: String,
    after: String,
    before: String,
    place: String,
}

/// `GET /staff/tasks/{task}/candidates/new`.
pub async fn show(State(desk): State<Desk>, staff: Staff, Path(task): Path<TaskId>) -> Result<Response, Trouble> {
    staff.caller().permit(Permission::Candidates)?;
    let view = desk.app.task(staff.caller(), &task).await?;
    page(&staff, &view, &Given::default(), &Told::default())
}

/// `POST /staff/tasks/{task}/candidates/new`.
pub async fn add(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let view = desk.app.task(staff.caller(), &task).await?;
    let (given, mut told) = (Given(pairs), Told::default());
    let mut new = person_form::read(&given, &view, &mut told);
    new.invitation = given.some("template").map(|template| Invitation { template, at: None });
    if !told.is_empty() {
        return page(&staff, &view, &given, &told);
    }
    match desk.app.create_candidate(staff.caller(), &task, new).await {
        Ok(_) if given.has("another") => Ok(reply::go(&format!("{}/new", roll_address(&task)))),
        Ok(made) => Ok(reply::go(&format!("{}/{}?said=added", roll_address(&task), made.id))),
        Err(failure) => {
            let mut shown = Told::default();
            for (at, sentence) in Told::of(failure)?.all() {
                shown.add(person_form::place(at), sentence);
            }
            page(&staff, &view, &given, &shown)
        }
    }
}

fn page(staff: &Staff, view: &TaskView, given: &Given, told: &Told) -> Result<Response, Trouble> {
    let own = |(index, step): (usize, &app::tasks::StepView)| OwnStep {
        title: step.title.clone(),
        after: format!("steps.{index}.after"),
        before: format!("steps.{index}.before"),
        place: format!("/steps/{index}"),
    };
    let templates = view.email_templates.iter().map(|template| (template.name.clone(), template.name.clone()));
    let page = Page {
        frame: Frame::new(staff, Area::Tasks, "Add a candidate")
            .under("Tasks", "/staff/tasks")
            .under(view.title.clone(), roll_address(&view.id))
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, Tab::Candidates),
        id: view.id.to_string(),
        stages: list::stages(view, "None"),
        programs: view.programs.iter().map(|program| (program.uuid.to_string(), program.name.clone())).collect(),
        templates: std::iter::once((String::new(), "No mail now".to_owned())).chain(templates).collect(),
        langs: choices::langs(),
        scopes: &SCOPES,
        credentials: match view.access_method {
            AccessMethod::SingleCredential => 1,
            AccessMethod::DoubleCredential => 2,
            AccessMethod::InvitationCode | AccessMethod::NoAuth => 0,
        },
        steps: view.steps.iter().enumerate().map(own).collect(),
        given,
        told,
    };
    reply::page(choices::status(told), &page)
}
