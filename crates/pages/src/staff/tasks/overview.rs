//! One task at a glance: its numbers, its link and its steps.

use super::list::{Openness, openness};
use super::steps::{attempts, titles};
use super::{TaskTab, TaskTabs, choices, qr};
use crate::address;
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{AreaRoutes, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::candidates::roster::TaskCounts;
use app::tasks::{TaskStepView, TaskView};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::{ScreenRecording, WebcamRecording};
use domain::id::{TaskId, TestId};
use domain::role::Permission;
use domain::time::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;

/// The first tab of a task.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/{task}", get(show))]
}

#[derive(Template)]
#[template(path = "staff/tasks/overview.html")]
struct TaskOverviewPage {
    frame: StaffLayout,
    tabs: TaskTabs,
    id: String,
    state: Openness,
    folder: String,
    labels: Vec<String>,
    method: &'static str,
    opens: Option<HtmlTime>,
    closes: Option<HtmlTime>,
    counts: TaskCounts,
    link: String,
    qr: qr::TaskQrCode,
    steps: Vec<TaskOverviewStep>,
    may_see_candidates: bool,
}

struct TaskOverviewStep {
    title: String,
    test: String,
    link: String,
    state: Openness,
    opens: Option<HtmlTime>,
    closes: Option<HtmlTime>,
    attempts: String,
    remarks: Vec<&'static str>,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TaskOverviewQuery {
    said: String,
}

/// `GET /staff/tasks/{task}`.
pub async fn show(
    State(pages_state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
    Query(query): Query<TaskOverviewQuery>,
) -> Result<Response, PageError> {
    let view = pages_state.app.tasks().task(staff.caller(), &task).await?;
    let counts = pages_state.app.candidates().task_counts(staff.caller(), &task).await?;
    let tests = titles(&pages_state, &staff).await?;
    let now = pages_state.app.now();
    let link = format!("{}{}", pages_state.app.settings().public_url, address::task(&task));
    let said =
        (query.said == "made").then_some("The task is made. Add candidates, or give out its link.");
    let steps =
        view.steps.iter().map(|step| step_row(&pages_state, &view, step, &tests, now)).collect();
    let method = choices::METHODS.iter().find(|(word, _)| *word == view.access_method.as_str());
    let page = TaskOverviewPage {
        frame: StaffLayout::new(&staff, StaffArea::Tasks, view.title.clone())
            .with_crumb("Tasks", "/staff/tasks")
            .with_notice(said)
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(&staff, &task, TaskTab::Overview),
        state: openness(view.switch, now),
        method: method.map(|(_, words)| *words).unwrap_or_default(),
        opens: view.switch.window.after.map(Into::into),
        closes: view.switch.window.before.map(Into::into),
        qr: qr::draw(&link).unwrap_or_default(),
        id: task.to_string(),
        folder: view.folder,
        labels: view.labels,
        may_see_candidates: staff.may(Permission::Candidates),
        counts,
        link,
        steps,
    };
    reply::page(StatusCode::OK, &page)
}

fn step_row(
    pages_state: &PagesState,
    task: &TaskView,
    step: &TaskStepView,
    tests: &HashMap<TestId, String>,
    now: Timestamp,
) -> TaskOverviewStep {
    let conduct = &step.conduct;
    let remarks = [
        (conduct.practice_mode, "Practice"),
        (conduct.fullscreen.is_some(), "Full screen"),
        (conduct.webcam_recording != WebcamRecording::None, "Webcam"),
        (conduct.screen_recording != ScreenRecording::None, "Screen recorded"),
        (conduct.identity_photo, "Identity photo"),
        (!conduct.documents.is_empty(), "Documents"),
        (!conduct.prerequisites.is_empty(), "Conditions"),
    ];
    TaskOverviewStep {
        title: step.title.clone(),
        test: tests.get(&step.test).cloned().unwrap_or_default(),
        link: format!(
            "{}{}",
            pages_state.app.settings().public_url,
            address::step(&task.id, &step.id)
        ),
        state: openness(step.switch, now),
        opens: step.switch.window.after.map(Into::into),
        closes: step.switch.window.before.map(Into::into),
        attempts: attempts(step.attempt_limit),
        remarks: remarks.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect(),
    }
}
