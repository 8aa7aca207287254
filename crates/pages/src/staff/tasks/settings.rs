//! Changing a task; its steps have pages of their own.

use super::{TaskTab, TaskTabs, choices};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::Failure;
use app::tasks::{TaskUpdate, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::InterfaceLang;
use domain::id::TaskId;
use domain::role::{Permission, Right};
use serde::Deserialize;

/// The tab with a task's settings, which takes its own form.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/{task}/settings", get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/tasks/settings.html")]
struct TaskSettingsPage<'form> {
    frame: StaffLayout,
    tabs: TaskTabs,
    id: String,
    values: &'form FormValues,
    errors: &'form FormErrors,
    method: &'static str,
    langs: Vec<(&'static str, String)>,
    /// Whether the reader may say when persons are erased.
    may_erase: bool,
}

impl TaskSettingsPage<'_> {
    fn place(&self, field: &str) -> String {
        format!("/fields/{field}")
    }
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TaskSettingsQuery {
    said: String,
}

/// `GET /staff/tasks/{task}/settings`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Query(query): Query<TaskSettingsQuery>,
) -> Result<Response, PageError> {
    staff.caller().require(Right::WriteTasks)?;
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let said = match query.said.as_str() {
        "kept" => Some("Saved."),
        "copied" => {
            Some("Task copied, without candidates and dates. Set its title and dates here.")
        }
        _ => None,
    };
    let mut values = written(&view);
    let days = state.app.tasks().task_retention(staff.caller(), &task).await?;
    values.set("erase", days.map(|days| days.to_string()).unwrap_or_default());
    page(&staff, &view, &values, &FormErrors::default(), said)
}

/// `POST /staff/tasks/{task}/settings`.
pub async fn change(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let update = read(&values, &view, &mut errors);
    let days = values.number("erase", &mut errors, "/eraseAfterDays");
    if !errors.is_empty() {
        return page(&staff, &view, &values, &errors, None);
    }
    // Days are kept by themselves: nothing of either may be left half done, so the rest is looked
    // at first.
    let faults = state.app.tasks().check_task_update(staff.caller(), &task, update.clone()).await?;
    if !faults.is_empty() {
        return page(&staff, &view, &values, &FormErrors::of(Failure::Faults(faults))?, None);
    }
    if staff.may(Permission::Erase)
        && let Err(failure) =
            state.app.tasks().set_task_retention(staff.caller(), &task, days).await
    {
        return page(&staff, &view, &values, &FormErrors::of(failure)?, None);
    }
    match state.app.tasks().update_task(staff.caller(), &task, update).await {
        Ok(_) => Ok(reply::redirect(&format!("/staff/tasks/{task}/settings?said=kept"))),
        Err(failure) => page(&staff, &view, &values, &FormErrors::of(failure)?, None),
    }
}

/// The form as the task is kept.
fn written(view: &TaskView) -> FormValues {
    let mut values = FormValues::default();
    values.set("title", &view.title);
    values.set("folder", &view.folder);
    values.set("labels", view.labels.join(", "));
    values.set("lang", &view.lang);
    values.set_instant("after", view.switch.window.after);
    values.set_instant("before", view.switch.window.before);
    values.set_if("active", view.switch.active);
    values.set_if("favorite", view.favorite);
    let names = |list: &[domain::access::settings::ProgramOrStage]| {
        list.iter().map(|named| named.name.as_str()).collect::<Vec<_>>().join("\n")
    };
    values.set("stages", names(&view.stages));
    values.set("programs", names(&view.programs));
    values.set("tags", choices::tags_text(&view.tags));
    values
}

fn read(values: &FormValues, view: &TaskView, errors: &mut FormErrors) -> TaskUpdate {
    let after = values.instant("after", errors, "/fields/activeAfter");
    let before = values.instant("before", errors, "/fields/activeBefore");
    let labels = values.list("labels");
    TaskUpdate {
        title: Some(values.non_empty("title").unwrap_or_default()),
        active: Some(values.has("active")),
        favorite: Some(values.has("favorite")),
        folder: Some(values.non_empty("folder").unwrap_or_default()),
        lang: InterfaceLang::parse(values.text("lang")),
        active_after: Some(after),
        active_before: Some(before),
        labels: choices::label_change(&view.labels, labels),
        tags: Some(choices::tags(values, errors, "/fields/tags")),
        programs: Some(values.lines("programs")),
        stages: Some(values.lines("stages")),
        ..TaskUpdate::default()
    }
}

fn page(
    staff: &SignedInStaff,
    view: &TaskView,
    values: &FormValues,
    errors: &FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let method = choices::METHODS.iter().find(|(word, _)| *word == view.access_method.as_str());
    let page = TaskSettingsPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, view.title.clone())
            .with_crumb("Tasks", "/staff/tasks")
            .with_notice(said)
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, TaskTab::Settings),
        id: view.id.to_string(),
        method: method.map(|(_, words)| *words).unwrap_or_default(),
        langs: choices::langs(),
        may_erase: staff.may(Permission::Erase),
        values,
        errors,
    };
    reply::page(choices::status(errors), &page)
}
