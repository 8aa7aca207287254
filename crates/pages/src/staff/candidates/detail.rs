//! One candidate: facts, way in, attempts, mail, and changing what may be changed.

use super::{TaskTab, TaskTabs, candidate_list_path, choices, list, person_form};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::mail::purpose;
use crate::staff::support::{
    AreaRoutes, FormErrors, FormValues, SignedInStaff, StaffArea, StaffLayout,
};
use crate::state::PagesState;
use app::candidates::roster::{CandidateAttempt, CandidateDetail};
use app::candidates::{CandidateStepUpdate, CandidateUpdate};
use app::erasure::ErasureReceipt;
use app::mail::{MailFilter, MailQuery, MailView};
use app::tasks::{TaskStepView, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::{AttemptLimit, Overridable, StepOverride};
use domain::id::{CandidateId, TaskId};
use domain::instance::InstanceState;
use domain::mail::MailState;
use domain::role::Permission;
use serde::Deserialize;

const MOST_MAILS: i64 = 50;

/// One candidate's page, which takes its own form.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks/{task}/candidates/{candidate}", get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/candidates/one.html")]
struct CandidateDetailPage<'form> {
    frame: StaffLayout,
    tabs: TaskTabs,
    task: String,
    file: &'form CandidateDetail,
    id: String,
    values: &'form FormValues,
    errors: &'form FormErrors,
    stages: Vec<(String, String)>,
    programs: Vec<(String, String)>,
    steps: Vec<CandidateStepFields>,
    attempts: Vec<CandidateAttemptRow>,
    mails: Vec<CandidateMailRow>,
    added: HtmlTime,
    last_active: Option<HtmlTime>,
    tags: Vec<(String, String)>,
    answers: Vec<(String, String)>,
    may_results: bool,
    may_erase: bool,
    took_part: bool,
}

struct CandidateStepFields {
    title: String,
    active: String,
    after: String,
    before: String,
    limit: String,
    place: String,
}

struct CandidateAttemptRow {
    id: String,
    step: String,
    word: &'static str,
    class: &'static str,
    ignored: bool,
    started: HtmlTime,
    completed: Option<HtmlTime>,
    waiting: i64,
}

struct CandidateMailRow {
    template: String,
    recipient: String,
    word: &'static str,
    class: &'static str,
    at: HtmlTime,
}

#[derive(Template)]
#[template(path = "staff/candidates/erased.html")]
struct CandidateErasedPage {
    frame: StaffLayout,
    tabs: TaskTabs,
    task: String,
    receipt: ErasureReceipt,
    removed: Vec<(String, u64)>,
}

/// Which notice the page shows after a form: a word of ours, or nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CandidateDetailQuery {
    said: String,
}

/// `GET /staff/tasks/{task}/candidates/{candidate}`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
    Query(query): Query<CandidateDetailQuery>,
) -> Result<Response, PageError> {
    let said = match query.said.as_str() {
        "added" => Some("Added."),
        "kept" => Some("Saved."),
        "renewed" => Some(
            "New code created. The old code and its link no longer work, and open sessions have ended.",
        ),
        _ => None,
    };
    detail_page(&state, &staff, &task, &candidate, None, FormErrors::default(), said).await
}

/// `POST /staff/tasks/{task}/candidates/{candidate}`.
pub async fn change(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let (values, mut errors) = (FormValues(pairs), FormErrors::default());
    let view = state.app.tasks().task(staff.caller(), &task).await?;
    let file = state.app.candidates().candidate_detail(staff.caller(), &task, &candidate).await?;
    let update = read(&values, &view, &file, &mut errors);
    if errors.is_empty() {
        match state
            .app
            .candidates()
            .update_candidate(staff.caller(), &task, &candidate, update)
            .await
        {
            Ok(_) => {
                return Ok(reply::redirect(&format!(
                    "{}/{candidate}?said=kept",
                    candidate_list_path(&task)
                )));
            }
            Err(failure) => errors = FormErrors::of(failure)?,
        }
    }
    detail_page(&state, &staff, &task, &candidate, Some(values), errors, None).await
}

fn read(
    values: &FormValues,
    view: &TaskView,
    file: &CandidateDetail,
    errors: &mut FormErrors,
) -> CandidateUpdate {
    let labels = choices::label_change(&file.candidate.labels, values.list("labels"));
    let rating = values.number("rating", errors, "/fields/rating");
    CandidateUpdate {
        fullname: values.non_empty("fullname"),
        email: values.non_empty("email"),
        group: values.non_empty("group"),
        favorite: Some(values.has("favorite")),
        active: Some(values.has("active")),
        labels,
        active_after: Some(values.instant("after", errors, "/fields/activeAfter")),
        active_before: Some(values.instant("before", errors, "/fields/activeBefore")),
        time_factor: Some(person_form::time_factor(values, errors, "/fields/timeFactor")),
        stage: Some(values.non_empty("stage")),
        programs: Some(person_form::programs(values, view)),
        rating: Some(rating),
        notes: Some(values.non_empty("notes")),
        steps: view
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| (step.id.clone(), step_change(values, index, step, errors)))
            .collect(),
    }
}

/// A step's own values; an empty field is the step's.
fn step_change(
    values: &FormValues,
    index: usize,
    step: &TaskStepView,
    errors: &mut FormErrors,
) -> CandidateStepUpdate {
    let name = |field: &str| format!("steps.{index}.{field}");
    let at = format!("/steps/{}", step.id);
    let mut date = |field: &str| {
        values
            .instant(&name(field), errors, &at)
            .map_or(Overridable::Default, |at| Overridable::Value(Some(at)))
    };
    let (after, before) = (date("after"), date("before"));
    let limit = match values.number::<i64>(&name("limit"), errors, &at).map(AttemptLimit::try_from)
    {
        None => Overridable::Default,
        Some(Ok(limit)) => Overridable::Value(limit),
        Some(Err(_)) => {
            errors.add(&at, "Attempts must be at least 1, or -1 for no limit.");
            Overridable::Default
        }
    };
    let active = match values.text(name("active")) {
        "open" => Overridable::Value(true),
        "closed" => Overridable::Value(false),
        _ => Overridable::Default,
    };
    CandidateStepUpdate {
        active: Some(active),
        after: Some(after),
        before: Some(before),
        limit: Some(limit),
    }
}

/// The form as the candidate is kept.
fn written(view: &TaskView, file: &CandidateDetail) -> FormValues {
    let candidate = &file.candidate;
    let mut values = FormValues::default();
    values.set("fullname", candidate.fullname.clone().unwrap_or_default());
    values.set("email", candidate.email.clone().unwrap_or_default());
    values.set("group", &candidate.group);
    values.set("labels", candidate.labels.join(", "));
    values.set("stage", candidate.stage.clone().unwrap_or_default());
    values.set("rating", candidate.rating.map(|rating| rating.to_string()).unwrap_or_default());
    values.set("notes", candidate.notes.clone().unwrap_or_default());
    values.set("timeFactor", candidate.time_factor.to_string());
    values.set_instant("after", candidate.window.after);
    values.set_instant("before", candidate.window.before);
    values.set_if("active", candidate.active);
    values.set_if("favorite", file.favorite);
    for program in &candidate.programs {
        values.set("program", program.to_string());
    }
    for (index, step) in view.steps.iter().enumerate() {
        write_own(&mut values, index, candidate.steps.get(&step.id).copied().unwrap_or_default());
    }
    values
}

fn write_own(values: &mut FormValues, index: usize, own: StepOverride) {
    let name = |field: &str| format!("steps.{index}.{field}");
    let active = match own.active {
        Overridable::Default => "",
        Overridable::Value(true) => "open",
        Overridable::Value(false) => "closed",
    };
    values.set(name("active"), active);
    values.set_instant(name("after"), own.after.or(None));
    values.set_instant(name("before"), own.before.or(None));
    if let Overridable::Value(limit) = own.attempt_limit {
        values.set(name("limit"), i64::from(limit).to_string());
    }
}

/// The candidate's page, with what was typed if a change was refused.
pub async fn detail_page(
    state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    candidate: &CandidateId,
    typed: Option<FormValues>,
    errors: FormErrors,
    said: Option<&str>,
) -> Result<Response, PageError> {
    let view = state.app.tasks().task(staff.caller(), task).await?;
    let file = state.app.candidates().candidate_detail(staff.caller(), task, candidate).await?;
    let filter = MailFilter { candidate: Some(candidate.clone()), ..MailFilter::default() };
    let mails = state
        .app
        .mail()
        .mails(staff.caller(), MailQuery { filter, behind: None, limit: MOST_MAILS })
        .await?;
    let values = typed.unwrap_or_else(|| written(&view, &file));
    let row = &file.candidate;
    let name =
        row.fullname.clone().or(row.email.clone()).unwrap_or_else(|| row.invitation_code.clone());
    let own = |(index, step): (usize, &TaskStepView)| CandidateStepFields {
        title: step.title.clone(),
        active: format!("steps.{index}.active"),
        after: format!("steps.{index}.after"),
        before: format!("steps.{index}.before"),
        limit: format!("steps.{index}.limit"),
        place: format!("/steps/{}", step.id),
    };
    let page = CandidateDetailPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, name)
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(view.title.clone(), candidate_list_path(task))
            .with_notice(said)
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, task, TaskTab::Candidates),
        task: task.to_string(),
        id: candidate.to_string(),
        stages: list::stages(&view, "None"),
        programs: view
            .programs
            .iter()
            .map(|program| (program.uuid.to_string(), program.name.clone()))
            .collect(),
        steps: view.steps.iter().enumerate().map(own).collect(),
        attempts: file.attempts.iter().map(|attempt| attempt_row(&view, attempt)).collect(),
        mails: mails.mails.into_iter().map(mail_row).collect(),
        added: file.created_at.into(),
        last_active: file.last_activity_at.map(Into::into),
        tags: row.tags.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        answers: answers(&file),
        may_results: staff.may(Permission::ReadResults),
        may_erase: staff.may(Permission::Erase),
        took_part: row.logged_in || !file.attempts.is_empty(),
        file: &file,
        values: &values,
        errors: &errors,
    };
    reply::page(choices::status(&errors), &page)
}

/// The page after an erasure, with its receipt.
pub async fn erased_page(
    state: &PagesState,
    staff: &SignedInStaff,
    task: &TaskId,
    receipt: ErasureReceipt,
) -> Result<Response, PageError> {
    let view = state.app.tasks().task(staff.caller(), task).await?;
    let page = CandidateErasedPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, "Erased")
            .with_crumb("Tasks", "/staff/tasks")
            .with_crumb(view.title, candidate_list_path(task))
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, task, TaskTab::Candidates),
        task: task.to_string(),
        removed: receipt.record()?.removed.into_iter().collect(),
        receipt,
    };
    reply::page(StatusCode::OK, &page)
}

fn answers(file: &CandidateDetail) -> Vec<(String, String)> {
    let form = file
        .form
        .as_deref()
        .and_then(|text| serde_json::from_str::<serde_json::Map<_, _>>(text).ok());
    let text =
        |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    form.unwrap_or_default().into_iter().map(|(name, value)| (name, text(value))).collect()
}

fn attempt_row(view: &TaskView, attempt: &CandidateAttempt) -> CandidateAttemptRow {
    let step = view.steps.iter().find(|step| step.id == attempt.step);
    let (word, class) = match attempt.state {
        InstanceState::Complete => ("Complete", "badge done"),
        _ => ("In progress", "badge running"),
    };
    CandidateAttemptRow {
        id: attempt.id.to_string(),
        step: step.map(|step| step.title.clone()).unwrap_or_default(),
        word,
        class,
        ignored: attempt.ignored,
        started: attempt.started_at.into(),
        completed: attempt.completed_at.map(Into::into),
        waiting: attempt.waiting,
    }
}

fn mail_row(view: MailView) -> CandidateMailRow {
    let mail = view.mail;
    let (word, class) = match mail.state {
        MailState::Waiting => ("Waiting", "badge warn"),
        MailState::Sent => ("Sent", "badge done"),
        _ => ("Not sent", "badge bad"),
    };
    CandidateMailRow {
        template: purpose(&mail),
        recipient: mail.recipient.unwrap_or_default(),
        word,
        class,
        at: mail.finished_at.unwrap_or(mail.send_at).into(),
    }
}
