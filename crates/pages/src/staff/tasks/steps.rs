//! The steps of a task: their order, one more, one less, and the settings of each.

use super::list::{Openness, openness};
use super::step_form::{self, StepBlock};
use super::{TaskTab, TaskTabs, choices};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::Failure;
use app::tasks::{NewStep, StepUpdate, TaskStepView, TaskUpdate, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use domain::access::prerequisite::Prerequisite;
use domain::access::settings::AttemptLimit;
use domain::id::{StepId, TaskId, TestId};
use domain::role::{Permission, Right};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// Pages and forms of a task's steps.
pub fn routes() -> AreaRoutes {
    vec![
        ("/staff/tasks/{task}/steps", get(list)),
        ("/staff/tasks/{task}/steps/new", get(new_form).post(add)),
        ("/staff/tasks/{task}/steps/{step}", get(show).post(change)),
        ("/staff/tasks/{task}/steps/{step}/do/move", post(move_step)),
        ("/staff/tasks/{task}/steps/{step}/do/remove", post(remove)),
    ]
}

#[derive(Template)]
#[template(path = "staff/tasks/steps.html")]
struct TaskStepsPage {
    frame: StaffLayout,
    tabs: TaskTabs,
    errors: FormErrors,
    base: String,
    rows: Vec<TaskStepRow>,
    may_write: bool,
}

struct TaskStepRow {
    id: String,
    title: String,
    /// Id and title, for those who may read tests.
    test: Option<(String, String)>,
    state: Openness,
    opens: Option<HtmlTime>,
    closes: Option<HtmlTime>,
    attempts: String,
    conditions: Vec<String>,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "staff/tasks/step.html")]
struct StepEditPage<'form> {
    frame: StaffLayout,
    tabs: TaskTabs,
    errors: &'form FormErrors,
    action: String,
    back: String,
    /// What can be chosen for a step that is new.
    tests: Vec<(String, String)>,
    /// The test of a step that is there: its address and title, where they may be read.
    test: Option<(String, String)>,
    is_new: bool,
    step: StepBlock<'form>,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TaskStepsQuery {
    said: String,
}

/// `GET /staff/tasks/{task}/steps`.
pub async fn list(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Query(query): Query<TaskStepsQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "added" => Some("Step added."),
        "kept" => Some("Saved. Attempts already started keep the settings they started with."),
        "moved" => Some("Order changed."),
        "removed" => Some("Step removed."),
        _ => None,
    };
    overview(&state, &staff, &task, FormErrors::default(), said).await
}

async fn overview(
    pages_state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    errors: FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let view = pages_state.app.tasks().task(staff.caller(), task).await?;
    let tests = titles(pages_state, staff).await?;
    let now = pages_state.app.now();
    let row = |step: &TaskStepView| TaskStepRow {
        id: step.id.to_string(),
        title: step.title.clone(),
        test: tests.get(&step.test).map(|title| (step.test.to_string(), title.clone())),
        state: openness(step.switch, now),
        opens: step.switch.window.after.map(Into::into),
        closes: step.switch.window.before.map(Into::into),
        attempts: attempts(step.attempt_limit),
        conditions: step
            .conduct
            .prerequisites
            .iter()
            .map(|condition| condition_of(&view, condition))
            .collect(),
        fault: errors.at(format!("/steps/{}", step.id)).map(str::to_owned),
    };
    let page = TaskStepsPage {
        frame: page_layout(staff, &view, "Steps").with_notice(said),
        tabs: TaskTabs::new(staff, task, TaskTab::Steps),
        base: format!("/staff/tasks/{task}/steps"),
        rows: view.steps.iter().map(row).collect(),
        may_write: staff.may(Permission::WriteTasks),
        errors,
    };
    reply::page(choices::status(&page.errors), &page)
}

/// `GET /staff/tasks/{task}/steps/new`.
pub async fn new_form(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let mut values = FormValues::default();
    step_form::write_new(&mut values, view.steps.len(), "");
    new_page(&state, &staff, &view, &values, &FormErrors::default()).await
}

/// `POST /staff/tasks/{task}/steps/new`.
pub async fn add(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let (values, mut errors, index) = (FormValues(pairs), FormErrors::default(), view.steps.len());
    let fields = step_form::read(&values, index, &index.to_string(), &mut errors);
    if !errors.is_empty() {
        return new_page(&state, &staff, &view, &values, &errors).await;
    }
    let new = NewStep {
        test: TestId::from(values.text(format!("steps.{index}.test"))),
        title: fields.title,
        switch: fields.switch,
        attempt_limit: fields.attempt_limit,
        conduct: fields.conduct,
    };
    match state.app.tasks().add_step(staff.caller(), &task, new).await {
        Ok(_) => Ok(reply::redirect(&format!("/staff/tasks/{task}/steps?said=added"))),
        Err(failure) => new_page(&state, &staff, &view, &values, &FormErrors::of(failure)?).await,
    }
}

async fn new_page(
    state: &PagesState,
    staff: &SignedInStaff,
    view: &TaskView,
    values: &FormValues,
    errors: &FormErrors,
) -> Result<Response, PageError> {
    let index = view.steps.len();
    let page = StepEditPage {
        frame: page_layout(staff, view, "New step")
            .with_crumb("Steps", format!("/staff/tasks/{}/steps", view.id)),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Steps),
        action: format!("/staff/tasks/{}/steps/new", view.id),
        back: format!("/staff/tasks/{}/steps", view.id),
        tests: choices::tests(state, staff).await?,
        test: None,
        is_new: true,
        step: StepBlock::new(index, index, "", values, errors).with_task_steps(view),
        errors,
    };
    reply::page(choices::status(errors), &page)
}

/// `GET /staff/tasks/{task}/steps/{step}`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, step)): Path<(TaskId, StepId)>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let index = step_index(&view, &step)?;
    let mut values = FormValues::default();
    step_form::write(&mut values, index, &view, &view.steps[index]);
    page(&state, &staff, (&view, index), &values, &FormErrors::default()).await
}

/// `POST /staff/tasks/{task}/steps/{step}`.
pub async fn change(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, step)): Path<(TaskId, StepId)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let index = step_index(&view, &step)?;
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let update = read(&values, &view, index, &mut errors);
    if !errors.is_empty() {
        return page(&state, &staff, (&view, index), &values, &errors).await;
    }
    let update = TaskUpdate { steps: BTreeMap::from([(step, update)]), ..TaskUpdate::default() };
    match state.app.tasks().update_task(staff.caller(), &task, update).await {
        Ok(_) => Ok(reply::redirect(&format!("/staff/tasks/{task}/steps?said=kept"))),
        Err(failure) => {
            page(&state, &staff, (&view, index), &values, &FormErrors::of(failure)?).await
        }
    }
}

fn read(values: &FormValues, view: &TaskView, index: usize, errors: &mut FormErrors) -> StepUpdate {
    let step = &view.steps[index];
    let mut stored = FormValues::default();
    step_form::write(&mut stored, index, view, step);
    let mut fields = step_form::read(values, index, step.id.as_str(), errors);
    if step_form::has_same_prerequisites(&stored, values, index) {
        fields.conduct.prerequisites = None;
    }
    StepUpdate {
        title: Some(fields.title.unwrap_or_default()),
        active: Some(fields.switch.active),
        active_after: Some(fields.switch.window.after),
        active_before: Some(fields.switch.window.before),
        attempt_limit: Some(fields.attempt_limit),
        conduct: fields.conduct,
    }
}

async fn page(
    state: &PagesState,
    staff: &SignedInStaff,
    (view, index): (&TaskView, usize),
    values: &FormValues,
    errors: &FormErrors,
) -> Result<Response, PageError> {
    let step = &view.steps[index];
    let test = titles(state, staff).await?.remove(&step.test);
    let page = StepEditPage {
        frame: page_layout(staff, view, &step.title)
            .with_crumb("Steps", format!("/staff/tasks/{}/steps", view.id)),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Steps),
        action: format!("/staff/tasks/{}/steps/{}", view.id, step.id),
        back: format!("/staff/tasks/{}/steps", view.id),
        tests: Vec::new(),
        test: test.map(|title| (format!("/staff/tests/{}", step.test), title)),
        is_new: false,
        step: StepBlock::new(index, &step.id, &step.title, values, errors).with_task_steps(view),
        errors,
    };
    reply::page(choices::status(errors), &page)
}

/// Where a step goes in the order of its task.
#[derive(Deserialize)]
pub struct MoveStepForm {
    to: String,
}

/// `POST /staff/tasks/{task}/steps/{step}/do/move`: one place up or down.
pub async fn move_step(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, step)): Path<(TaskId, StepId)>,
    Form(moved): Form<MoveStepForm>,
) -> Result<Response, PageError> {
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let from = step_index(&view, &step)?;
    let to = if moved.to == "up" { from.saturating_sub(1) } else { from + 1 };
    state.app.tasks().move_step(staff.caller(), &task, &step, to).await?;
    Ok(reply::redirect(&format!("/staff/tasks/{task}/steps?said=moved")))
}

/// `POST /staff/tasks/{task}/steps/{step}/do/remove`.
pub async fn remove(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, step)): Path<(TaskId, StepId)>,
) -> Result<Response, PageError> {
    match state.app.tasks().remove_step(staff.caller(), &task, &step).await {
        Ok(_) => Ok(reply::redirect(&format!("/staff/tasks/{task}/steps?said=removed"))),
        Err(failure) => overview(&state, &staff, &task, FormErrors::of(failure)?, None).await,
    }
}

fn step_index(view: &TaskView, step: &StepId) -> Result<usize, PageError> {
    view.steps
        .iter()
        .position(|entry| entry.id == *step)
        .ok_or(PageError::Failed(Failure::NotFound))
}

fn page_layout(staff: &SignedInStaff, view: &TaskView, title: &str) -> StaffLayout {
    let frame = StaffLayout::new(staff, StaffArea::Tasks, title).with_script("staff/people.js");
    frame
        .with_crumb("Tasks", "/staff/tasks")
        .with_crumb(view.title.clone(), format!("/staff/tasks/{}", view.id))
}

/// Titles of the tests, for those who may read them.
pub async fn titles(
    state: &PagesState,
    staff: &SignedInStaff,
) -> Result<HashMap<TestId, String>, PageError> {
    if !staff.may(Permission::ReadTests) {
        return Ok(HashMap::new());
    }
    let tests = state.app.test_library().list_tests(staff.caller(), true).await?;
    Ok(tests.into_iter().map(|test| (test.id, crate::rendering::plain(&test.title))).collect())
}

/// How often a candidate may take a step.
pub fn attempts(limit: AttemptLimit) -> String {
    match limit {
        AttemptLimit::Unlimited => "Any number of attempts".to_owned(),
        AttemptLimit::AtMost(1) => "One attempt".to_owned(),
        AttemptLimit::AtMost(limit) => format!("{limit} attempts"),
    }
}

/// A condition in words.
fn condition_of(task: &TaskView, condition: &Prerequisite) -> String {
    let title = |id: &StepId| {
        let step = task.steps.iter().find(|step| step.id == *id);
        step.map_or_else(|| "another step".to_owned(), |step| format!("“{}”", step.title))
    };
    match condition {
        Prerequisite::Stage { stages } => {
            format!(
                "in stage {}",
                stages.iter().map(String::as_str).collect::<Vec<_>>().join(" or ")
            )
        }
        Prerequisite::Program { programs } => {
            let names = task.programs.iter().filter(|program| programs.contains(&program.uuid));
            format!(
                "in program {}",
                names.map(|program| program.name.as_str()).collect::<Vec<_>>().join(" or ")
            )
        }
        Prerequisite::Completion { step } => format!("after {} is completed", title(step)),
        Prerequisite::Score { step, figure, minimum } => {
            let which = match figure.as_str() {
                "average" => "average result",
                "last" => "last result",
                _ => "best result",
            };
            format!("{which} of {} at least {}", title(step), String::from(*minimum))
        }
    }
}
