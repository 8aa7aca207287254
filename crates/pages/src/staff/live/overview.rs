//! The picture of now. Its table is a piece of its own, which the script asks for again and again.

use super::{ADDRESS, TaskTab, TaskTabs, seconds};
use crate::html_time::{HtmlTime, format_duration};
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::administration::{
    LimitExtension, LiveOverview, MOST_RUNNING, RunningInstance, RunningStep, TimeLimitScope,
};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{StepId, TaskId};
use domain::time::Timestamp;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "staff/live/overview.html")]
struct LiveOverviewPage {
    frame: StaffLayout,
    /// Of the one task that is shown.
    tabs: Option<TaskTabs>,
    query: LiveOverviewQuery,
    picture: LiveTableFragment,
    /// Id and title of those with open tests.
    tasks: Vec<(String, String)>,
    source: String,
}

#[derive(Template)]
#[template(path = "staff/live/picture.html")]
struct LiveTableFragment {
    at: HtmlTime,
    total: u64,
    shown: usize,
    is_cut: bool,
    steps: Vec<LiveStepRow>,
    lines: Vec<LiveInstanceRow>,
}

struct LiveStepRow {
    action: String,
    step: String,
    title: String,
    task_title: String,
    instances: u64,
}

struct LiveInstanceRow {
    address: String,
    who: String,
    step: String,
    state: &'static str,
    class: &'static str,
    page: String,
    answered: u32,
    questions: u32,
    left: Option<RemainingTime>,
    seen: HtmlTime,
    returns: u32,
}

/// Time that runs out.
struct RemainingTime {
    /// Milliseconds since 1970, for the script that counts down.
    end: i64,
    text: String,
    of: &'static str,
}

/// The task that is watched, and what an act on all of its instances did.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct LiveOverviewQuery {
    task: String,
    said: String,
    count: u64,
}

impl LiveOverviewQuery {
    fn is(&self, task: &str) -> bool {
        self.task == task
    }

    fn within(&self) -> Option<TaskId> {
        Some(self.task.as_str()).filter(|task| !task.is_empty()).map(TaskId::from)
    }
}

/// `GET /staff/live`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<LiveOverviewQuery>,
) -> Result<Response, PageError> {
    let live = state.app.instances().live_overview(staff.caller(), query.within()).await?;
    let said = match query.said.as_str() {
        "extended" => Some(format!("Time extended for {} running tests.", query.count)),
        "nothing" => {
            Some("Nothing was extended: enter a whole number of minutes, at least 1.".to_owned())
        }
        _ => None,
    };
    let mut tasks: Vec<(String, String)> = Vec::new();
    for step in &live.steps {
        if !tasks.iter().any(|(task, _)| *task == step.task.as_str()) {
            tasks.push((step.task.to_string(), step.task_title.clone()));
        }
    }
    let (mut frame, mut tabs) = (StaffLayout::new(&staff, StaffArea::Live, "Live"), None);
    if let Some(task) = query.within() {
        let title = state.app.tasks().task(staff.caller(), &task).await?.title;
        frame = StaffLayout::new(&staff, StaffArea::Tasks, format!("{title}: live"))
            .with_crumb("Tasks", "/staff/tasks");
        frame = frame.with_crumb(title, format!("/staff/tasks/{task}"));
        tabs = Some(TaskTabs::new(&staff, &task, TaskTab::Live));
    }
    let page = LiveOverviewPage {
        frame: frame.with_notice(said).with_script("staff/live.js"),
        tabs,
        source: format!("{ADDRESS}/get/table?task={}", query.task),
        picture: picture(live, query.within().as_ref()),
        tasks,
        query,
    };
    reply::page(StatusCode::OK, &page)
}

/// `GET /staff/live/get/table`.
pub async fn table_fragment(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<LiveOverviewQuery>,
) -> Result<Response, PageError> {
    let live = state.app.instances().live_overview(staff.caller(), query.within()).await?;
    reply::page(StatusCode::OK, &picture(live, query.within().as_ref()))
}

/// `POST /staff/live/{task}/do/extend-all`: more time for everybody in a step.
pub async fn extend_step(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let extension =
        LimitExtension { place: TimeLimitScope::Test, seconds: seconds(&values, &mut errors) };
    let step = StepId::from(values.text("step"));
    if extension.seconds == 0 {
        return Ok(reply::redirect(&format!("{ADDRESS}?task={task}&said=nothing")));
    }
    let done = state
        .app
        .instances()
        .extend_step(staff.caller(), &TaskId::from(task.clone()), &step, extension)
        .await?;
    Ok(reply::redirect(&format!(
        "{ADDRESS}?task={task}&said=extended&count={}",
        done.extended.len()
    )))
}

fn picture(live: LiveOverview, within: Option<&TaskId>) -> LiveTableFragment {
    let steps: Vec<RunningStep> = live
        .steps
        .into_iter()
        .filter(|step| within.is_none_or(|task| *task == step.task))
        .collect();
    let total = steps.iter().map(|step| step.instances).sum();
    LiveTableFragment {
        at: live.at.into(),
        total,
        is_cut: (live.list.len() as u64) < total,
        shown: live.list.len().min(MOST_RUNNING),
        lines: live.list.into_iter().map(|running| line(running, &steps, live.at)).collect(),
        steps: steps.into_iter().map(step).collect(),
    }
}

fn step(step: RunningStep) -> LiveStepRow {
    LiveStepRow {
        action: format!("{ADDRESS}/{}/do/extend-all", step.task),
        step: step.step.to_string(),
        title: step.title,
        task_title: step.task_title,
        instances: step.instances,
    }
}

fn line(running: RunningInstance, steps: &[RunningStep], now: Timestamp) -> LiveInstanceRow {
    let entry = steps.iter().find(|step| step.step == running.step);
    LiveInstanceRow {
        address: format!("{ADDRESS}/{}/{}", running.task, running.instance),
        who: running.name.unwrap_or_else(|| running.candidate.to_string()),
        step: entry.map(|step| format!("{} · {}", step.task_title, step.title)).unwrap_or_default(),
        state: if running.is_standing { "reopened, not started" } else { "running" },
        class: if running.is_standing { "warn" } else { "running" },
        page: running.page.map_or_else(
            || "before the first".to_owned(),
            |page| format!("{page} of {}", running.pages),
        ),
        answered: running.answered,
        questions: running.questions,
        left: running.ends.map(|(place, end)| left(place, end, now)),
        seen: running.seen_at.into(),
        returns: running.returns,
    }
}

fn left(place: TimeLimitScope, end: Timestamp, now: Timestamp) -> RemainingTime {
    let seconds = u32::try_from((end.0 - now.0).max(0) / 1000).unwrap_or(u32::MAX);
    let of = match place {
        TimeLimitScope::Test => "",
        TimeLimitScope::Section(_) => "of the section",
        TimeLimitScope::Page(_) => "of the page",
    };
    RemainingTime { end: end.0, text: format_duration(seconds), of }
}
