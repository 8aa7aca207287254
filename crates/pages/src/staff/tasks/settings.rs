//! Changing a task; its steps have pages of their own.

use super::{Tab, Table, TaskTabs, choices};
use crate::desk::Desk;
use crate::reply;
use crate::staff::{Area, Frame, Given, Staff, Told};
use crate::trouble::Trouble;
use app::Failure;
use app::tasks::{TaskUpdate, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::InterfaceLang;
use domain::id::TaskId;
use domain::role::Permission;
use serde::Deserialize;

pub fn table() -> Table {
    vec![("/staff/tasks/{task}/settings", get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/tasks/settings.html")]
struct Page<'form> {
    frame: Frame,
    tabs: TaskTabs,
    id: String,
    given: &'form Given,
    told: &'form Told,
    method: &'static str,
    langs: Vec<(&'static str, &'static str)>,
    /// Whether the reader may say when persons are erased.
    may_erase: bool,
}

impl Page<'_> {
    fn place(&self, field: &str) -> String {
        format!("/fields/{field}")
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

/// `GET /staff/tasks/{task}/settings`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<TaskId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    staff.caller().permit(Permission::WriteTasks)?;
    let view = desk.app.task(staff.caller(), &task).await?;
    let said = (asked.said == "kept").then_some("Kept.");
    let mut given = written(&view);
    let days = desk.app.task_retention(staff.caller(), &task).await?;
    given.set("erase", days.map(|days| days.to_string()).unwrap_or_default());
    page(&staff, &view, &given, &Told::default(), said)
}

/// `POST /staff/tasks/{task}/settings`.
pub async fn change(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<TaskId>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let view = desk.app.task(staff.caller(), &task).await?;
    let (given, mut told) = (Given(pairs), Told::default());
    let update = read(&given, &view, &mut told);
    let days = given.number("erase", &mut told, "/eraseAfterDays");
    if !told.is_empty() {
        return page(&staff, &view, &given, &told, None);
    }
    // Days are kept by themselves: nothing of either may be left half done, so the rest is looked at first.
    let faults = desk.app.check_task_update(staff.caller(), &task, update.clone()).await?;
    if !faults.is_empty() {
        return page(&staff, &view, &given, &Told::of(Failure::Faults(faults))?, None);
    }
    if staff.may(Permission::Erase)
        && let Err(failure) = desk.app.set_task_retention(staff.caller(), &task, days).await
    {
        return page(&staff, &view, &given, &Told::of(failure)?, None);
    }
    match desk.app.update_task(staff.caller(), &task, update).await {
        Ok(_) => Ok(reply::go(&format!("/staff/tasks/{task}/settings?said=kept"))),
        Err(failure) => page(&staff, &view, &given, &Told::of(failure)?, None),
    }
}

/// The form as the task is kept.
fn written(view: &TaskView) -> Given {
    let mut given = Given::default();
    given.set("title", &view.title);
    given.set("folder", &view.folder);
    given.set("labels", view.labels.join(", "));
    given.set("lang", &view.lang);
    given.set_instant("after", view.switch.window.after);
    given.set_instant("before", view.switch.window.before);
    given.set_if("active", view.switch.active);
    given.set_if("favorite", view.favorite);
    let names = |list: &[domain::access::settings::Named]| {
        list.iter().map(|named| named.name.as_str()).collect::<Vec<_>>().join("\n")
    };
    given.set("stages", names(&view.stages));
    given.set("programs", names(&view.programs));
    given.set("tags", choices::tags_text(&view.tags));
    given
}

fn read(given: &Given, view: &TaskView, told: &mut Told) -> TaskUpdate {
    let after = given.instant("after", told, "/fields/activeAfter");
    let before = given.instant("before", told, "/fields/activeBefore");
    let labels = given.list("labels");
    TaskUpdate {
        title: Some(given.some("title").unwrap_or_default()),
        active: Some(given.has("active")),
        favorite: Some(given.has("favorite")),
        folder: Some(given.some("folder").unwrap_or_default()),
        lang: InterfaceLang::parse(given.text("lang")),
        active_after: Some(after),
        active_before: Some(before),
        labels: choices::relabelled(&view.labels, labels),
        tags: Some(choices::tags(given, told, "/fields/tags")),
        programs: Some(given.lines("programs")),
        stages: Some(given.lines("stages")),
        ..TaskUpdate::default()
    }
}

fn page(staff: &Staff, view: &TaskView, given: &Given, told: &Told, said: Option<&str>) -> Result<Response, Trouble> {
    let method = choices::METHODS.iter().find(|(word, _)| *word == view.access_method.as_str());
    let page = Page {
        frame: Frame::new(staff, Area::Tasks, view.title.clone())
            .under("Tasks", "/staff/tasks")
            .said(said)
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, &view.id, Tab::Settings),
        id: view.id.to_string(),
        method: method.map(|(_, words)| *words).unwrap_or_default(),
        langs: choices::langs(),
        may_erase: staff.may(Permission::Erase),
        given,
        told,
    };
    reply::page(choices::status(told), &page)
}
