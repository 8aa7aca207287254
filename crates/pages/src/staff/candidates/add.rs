//! Adding one candidate.

use super::{TaskTab, TaskTabs, candidate_list_path, choices, list, person_form};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::candidates::Invitation;
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use axum::routing::get;
use domain::id::TaskId;
use domain::instance::AccessMethod;
use domain::role::Right;

/// The form that adds one candidate.
pub fn routes() -> AreaRoutes {
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
struct NewCandidatePage<'form> {
    frame: StaffLayout,
    tabs: TaskTabs,
    id: String,
    values: &'form FormValues,
    errors: &'form FormErrors,
    stages: Vec<(String, String)>,
    programs: Vec<(String, String)>,
    templates: Vec<(String, String)>,
    langs: Vec<(&'static str, String)>,
    scopes: &'static [(&'static str, &'static str)],
    credentials: usize,
    steps: Vec<NewCandidateStepDates>,
}

/// A step's own dates in the form.
struct NewCandidateStepDates {
    title: String,
    after: String,
    before: String,
    place: String,
}

/// `GET /staff/tasks/{task}/candidates/new`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteCandidates)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    page(&staff, &view, &FormValues::default(), &FormErrors::default())
}

/// `POST /staff/tasks/{task}/candidates/new`.
pub async fn add(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let mut new = person_form::read(&values, &view, &mut errors);
    new.invitation = values.non_empty("template").map(|template| Invitation { template, at: None });
    if !errors.is_empty() {
        return page(&staff, &view, &values, &errors);
    }
    match state.app.candidates().create_candidate(staff.caller(), &task, new).await {
        Ok(_) if values.has("another") => {
            Ok(reply::redirect(&format!("{}/new", candidate_list_path(&task))))
        }
        Ok(made) => {
            Ok(reply::redirect(&format!("{}/{}?said=added", candidate_list_path(&task), made.id)))
        }
        Err(failure) => {
            let mut shown = FormErrors::default();
            for (at, sentence) in FormErrors::of(failure)?.all() {
                shown.add(person_form::form_field_path(at), sentence);
            }
            page(&staff, &view, &values, &shown)
        }
    }
}

fn page(
    staff: &SignedInStaff,
    view: &TaskView,
    values: &FormValues,
    errors: &FormErrors,
) -> Result<Response, PageError> {
    let own = |(index, step): (usize, &app::tasks::TaskStepView)| NewCandidateStepDates {
        title: step.title.clone(),
        after: format!("steps.{index}.after"),
        before: format!("steps.{index}.before"),
        place: format!("/steps/{index}"),
    };
    let templates =
        view.email_templates.iter().map(|template| (template.name.clone(), template.name.clone()));
    let page = NewCandidatePage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "Add candidate")
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(view.title.clone(), candidate_list_path(&view.id))
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Candidates),
        id: view.id.to_string(),
        stages: list::stages(view, "None"),
        programs: view
            .programs
            .iter()
            .map(|program| (program.uuid.to_string(), program.name.clone()))
            .collect(),
        templates: std::iter::once((String::new(), "Do not send an invitation".to_owned()))
            .chain(templates)
            .collect(),
        langs: choices::langs(),
        scopes: &SCOPES,
        credentials: match view.access_method {
            AccessMethod::SingleCredential => 1,
            AccessMethod::DoubleCredential => 2,
            AccessMethod::InvitationCode | AccessMethod::NoAuth => 0,
        },
        steps: view.steps.iter().enumerate().map(own).collect(),
        values,
        errors,
    };
    reply::page(choices::status(errors), &page)
}
