//! One instance at work or closed: time, closing, opening again.

use super::{ADDRESS, TaskTab, TaskTabs, seconds};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::Failure;
use app::administration::{
    InstanceDetail, LimitExtension, PageDetail, ReinstatedTime, Reinstatement, TimeLimitScope,
};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::{InstanceId, TaskId};
use domain::instance::{ClosingReason, InstanceState};
use domain::refusal::Refusal;
use serde::Deserialize;
use std::collections::BTreeMap;

type InstancePath = Path<(String, String)>;
type LiveFormPairs = Form<Vec<(String, String)>>;

#[derive(Template)]
#[template(path = "staff/live/one.html")]
struct LiveInstancePage {
    frame: StaffLayout,
    tabs: TaskTabs,
    errors: FormErrors,
    values: FormValues,
    address: String,
    report: String,
    who: String,
    is_open: bool,
    state: &'static str,
    is_ignored: bool,
    is_erased: bool,
    started: HtmlTime,
    due: Option<HtmlTime>,
    completed: Option<HtmlTime>,
    closing: Option<&'static str>,
    pages: Vec<PageDetail>,
    sections: Vec<u32>,
    token: String,
}

impl LiveInstancePage {
    /// Whether time was to be given there.
    fn is_place(&self, name: &str, number: &u32) -> bool {
        self.values.text("place") == format!("{name}-{number}")
    }
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LiveInstanceQuery {
    said: String,
}

/// `GET /staff/live/{task}/{instance}`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, instance)): InstancePath,
    Query(query): Query<LiveInstanceQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "extended" => Some("Time extended. The candidate's clock is updated within a few seconds."),
        "closed" => Some("The test has ended with the answers given so far."),
        "reinstated" => {
            Some("The test is open again. The time starts when the candidate opens it.")
        }
        _ => None,
    };
    page(&state, &staff, &task, &instance, FormValues::default(), FormErrors::default(), said).await
}

/// `POST /staff/live/{task}/{instance}/do/extend`.
pub async fn extend(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, instance)): InstancePath,
    Form(pairs): LiveFormPairs,
) -> Result<Response, PageError> {
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let seconds = seconds(&values, &mut errors);
    if seconds == 0 && errors.is_empty() {
        errors.add("/seconds", "Must be at least 1 minute.");
    }
    if !errors.is_empty() {
        return page(&state, &staff, &task, &instance, values, errors, None).await;
    }
    let extension = LimitExtension { place: place(values.text("place")), seconds };
    let (of, id) = (TaskId::from(task.clone()), InstanceId::from(instance.clone()));
    let done = state.app.instances().extend(staff.caller(), &of, &id, extension).await.map(|_| ());
    finish_action(&state, &staff, (&task, &instance), values, done, "extended").await
}

/// `POST /staff/live/{task}/{instance}/do/close`.
pub async fn close(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, instance)): InstancePath,
) -> Result<Response, PageError> {
    let (of, id) = (TaskId::from(task.clone()), InstanceId::from(instance.clone()));
    let done = state.app.instances().force_close(staff.caller(), &of, &id).await.map(|_| ());
    finish_action(&state, &staff, (&task, &instance), FormValues::default(), done, "closed").await
}

/// `POST /staff/live/{task}/{instance}/do/reinstate`.
pub async fn reinstate(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, instance)): InstancePath,
    Form(pairs): LiveFormPairs,
) -> Result<Response, PageError> {
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let mut time = BTreeMap::new();
    if values.is("time", "none") {
        time.insert(TimeLimitScope::Test, ReinstatedTime::Unlimited);
    } else if values.is("time", "minutes") {
        time.insert(TimeLimitScope::Test, ReinstatedTime::Seconds(seconds(&values, &mut errors)));
    }
    if !errors.is_empty() {
        return page(&state, &staff, &task, &instance, values, errors, None).await;
    }
    let pages: Vec<u32> = values.all("page").filter_map(|page| page.parse().ok()).collect();
    let how = Reinstatement {
        client_token: values.text("token").to_owned(),
        pages: Some(pages),
        start: None,
        time,
        reason: values.text("reason").trim().to_owned(),
    };
    let (of, id) = (TaskId::from(task.clone()), InstanceId::from(instance.clone()));
    let done = state.app.instances().reinstate(staff.caller(), &of, &id, how).await.map(|_| ());
    finish_action(&state, &staff, (&task, &instance), values, done, "reinstated").await
}

/// `test`, `section-2` or `page-3`.
fn place(text: &str) -> TimeLimitScope {
    let number = |rest: &str| rest.parse().unwrap_or_default();
    match (text.strip_prefix("section-"), text.strip_prefix("page-")) {
        (Some(section), _) => TimeLimitScope::Section(number(section)),
        (_, Some(page)) => TimeLimitScope::Page(number(page)),
        _ => TimeLimitScope::Test,
    }
}

async fn finish_action(
    state: &PagesState,
    staff: &SignedInStaff,
    (task, instance): (&str, &str),
    values: FormValues,
    done: Result<(), Failure>,
    said: &str,
) -> Result<Response, PageError> {
    let errors = match done {
        Ok(()) => return Ok(reply::redirect(&format!("{ADDRESS}/{task}/{instance}?said={said}"))),
        Err(Failure::Refused(refused)) => {
            let mut errors = FormErrors::default();
            errors.add("", sentence(refused.code));
            errors
        }
        Err(other) => FormErrors::of(other)?,
    };
    page(state, staff, task, instance, values, errors, None).await
}

const fn sentence(code: Refusal) -> &'static str {
    match code {
        Refusal::InstanceComplete => "The test is completed already.",
        Refusal::InstanceOpen => "The test is still open.",
        Refusal::InstanceIgnored => "This result is excluded; include it again first.",
        Refusal::InstanceErased => "The person was erased.",
        Refusal::OtherInstanceOpen => "The candidate has another open attempt of this step.",
        Refusal::NothingUnlocked => "Choose at least one page, and some time.",
        Refusal::NoTimeLimit => "There is no time limit to extend here.",
        Refusal::PageLocked => {
            "The candidate is not on that page or section, so no time is running there."
        }
        _ => "This is not possible in the current state.",
    }
}

async fn page(
    pages_state: &PagesState,
    staff: &SignedInStaff,
    task: &str,
    instance: &str,
    values: FormValues,
    errors: FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let (of, id) = (TaskId::from(task), InstanceId::from(instance));
    let detail = pages_state.app.instances().inspect_instance(staff.caller(), &of, &id).await?;
    let task_title = pages_state.app.tasks().task(staff.caller(), &of).await?.title;
    let who = name(pages_state, staff, &detail).await;
    let standing = &detail.status;
    let mut sections: Vec<u32> = detail.pages.iter().map(|page| page.section).collect();
    sections.dedup();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = LiveInstancePage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, who.clone())
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(task_title, format!("/staff/tasks/{task}"))
            .with_crumb("Live", format!("{ADDRESS}?task={task}"))
            .with_notice(said),
        tabs: TaskTabs::new(staff, &of, TaskTab::Live),
        address: format!("{ADDRESS}/{task}/{instance}"),
        report: format!("/staff/tasks/{task}/results/{instance}"),
        is_open: standing.state.is_open(),
        state: state_in_words(standing.state),
        is_ignored: standing.ignored,
        is_erased: detail.erased_at.is_some(),
        started: detail.started_at.into(),
        due: standing.due_at.map(Into::into),
        completed: standing.completed_at.map(Into::into),
        closing: standing.closing.map(closed_by),
        token: pages_state.app.new_id::<domain::id::RequestId>(pages_state.app.now()).to_string(),
        pages: detail.pages,
        sections,
        who,
        errors,
        values,
    };
    reply::page(status, &page)
}

const fn state_in_words(state: InstanceState) -> &'static str {
    match state {
        InstanceState::Started => "in progress",
        InstanceState::Resetup => "reopened",
        InstanceState::Complete => "complete",
    }
}

const fn closed_by(closing: ClosingReason) -> &'static str {
    match closing {
        ClosingReason::Submitted => "the candidate (submitted)",
        ClosingReason::TimeOver => "the time limit",
        ClosingReason::ForceClosed => "staff",
        ClosingReason::Terminated => "leaving full screen",
    }
}

/// The candidate's name, or the id for who may not read candidates.
async fn name(state: &PagesState, staff: &SignedInStaff, detail: &InstanceDetail) -> String {
    let candidate = state
        .app
        .candidates()
        .candidate(staff.caller(), &detail.task, &detail.candidate)
        .await
        .ok();
    let fullname = candidate.and_then(|view| view.fullname);
    fullname.unwrap_or_else(|| detail.candidate.to_string())
}
