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
use app::Failure;
use app::administration::ReleaseAct;
use app::candidates::roster::TaskCounts;
use app::result_release::ResultRelease;
use app::tasks::{TaskStepView, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use domain::access::settings::{
    AnswerReview, ResultSharing, ScreenRecording, ShareWhen, StepConduct, WebcamRecording,
};
use domain::id::{StepId, TaskId, TestId};
use domain::role::Permission;
use domain::time::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;

/// The first tab of a task.
pub fn routes() -> AreaRoutes {
    vec![
        ("/staff/tasks/{task}", get(show)),
        ("/staff/tasks/{task}/do/copy", post(copy)),
        ("/staff/tasks/{task}/steps/{step}/do/release", post(release)),
    ]
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
    may_release: bool,
    may_copy: bool,
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
    /// What candidates see of their results, and what staff may do about it.
    release: Option<StepRelease>,
}

/// Where the results of a step stand with its candidates.
struct StepRelease {
    id: String,
    /// In a sentence.
    state: &'static str,
    can_release: bool,
    can_withdraw: bool,
}

impl StepRelease {
    /// None where the step shares nothing.
    fn of(task: &TaskView, step: &TaskStepView) -> Option<Self> {
        let StepConduct { sharing, review, share_when, .. } = &step.conduct;
        if *sharing == ResultSharing::Nothing && *review == AnswerReview::None {
            return None;
        }
        let ResultRelease { released_at, withdrawn_at } = step.release;
        let waits = *share_when == ShareWhen::Released && released_at.is_none();
        let never_closes =
            task.switch.window.before.is_none() && step.switch.window.before.is_none();
        let state = match (withdrawn_at, share_when) {
            (Some(_), _) => "Results withdrawn: candidates see nothing",
            (None, ShareWhen::Released) if waits => "Results not released yet",
            (None, ShareWhen::Released) => "Results released",
            (None, ShareWhen::Completed) => "Results shown on submission",
            (None, ShareWhen::Settled) => "Results shown when graded",
            (None, ShareWhen::Closed) if never_closes => {
                "Results are not shown: neither the step nor the task has a date at which it closes"
            }
            (None, ShareWhen::Closed) => "Results shown when the step has closed",
        };
        Some(Self {
            id: step.id.to_string(),
            state,
            can_release: withdrawn_at.is_some() || waits,
            can_withdraw: withdrawn_at.is_none() && !waits,
        })
    }
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
    let said = match query.said.as_str() {
        "made" => Some("Task created. Add candidates, or share its link."),
        "not-copied" => Some("Nothing was copied: a test of this task is archived."),
        "released" => Some("Results released."),
        "withdrawn" => {
            Some("Results withdrawn. Candidates see nothing of them until you release them again.")
        }
        _ => None,
    };
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
        may_release: staff.may(Permission::Administer),
        may_copy: staff.may(Permission::WriteTasks),
        counts,
        link,
        steps,
    };
    reply::page(StatusCode::OK, &page)
}

/// `POST /staff/tasks/{task}/do/copy`: to the settings of the copy, whose title and dates come
/// next.
pub async fn copy(
    State(pages_state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<TaskId>,
) -> Result<Response, PageError> {
    let tasks = pages_state.app.tasks();
    let new = tasks.task(staff.caller(), &task).await?.to_copy();
    match tasks.create_task(staff.caller(), new).await {
        Ok(copy) => Ok(reply::redirect(&format!("/staff/tasks/{}/settings?said=copied", copy.id))),
        Err(Failure::Faults(_)) => {
            Ok(reply::redirect(&format!("/staff/tasks/{task}?said=not-copied")))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// What staff decide about showing the results of a step.
#[derive(Deserialize)]
pub struct ReleaseForm {
    act: String,
}

/// `POST /staff/tasks/{task}/steps/{step}/do/release`.
pub async fn release(
    State(pages_state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, step)): Path<(TaskId, StepId)>,
    Form(form): Form<ReleaseForm>,
) -> Result<Response, PageError> {
    let (act, said) = match form.act.as_str() {
        "release" => (ReleaseAct::Release, "released"),
        "withdraw" => (ReleaseAct::Withdraw, "withdrawn"),
        _ => return Err(PageError::Failed(Failure::NotFound)),
    };
    let instances = pages_state.app.instances();
    instances.release_step_results(staff.caller(), &task, &step, act).await?;
    Ok(reply::redirect(&format!("/staff/tasks/{task}?said={said}")))
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
        (conduct.sharing != ResultSharing::Nothing, "Scores shown to candidates"),
        (conduct.review == AnswerReview::Answers, "Answers shown to candidates"),
        (conduct.review == AnswerReview::Solutions, "Right answers shown to candidates"),
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
        release: StepRelease::of(task, step),
        remarks: remarks.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect(),
    }
}
