//! One candidate: facts, way in, attempts, mail, and changing what may be changed.

use super::{Tab, Table, TaskTabs, choices, list, person_form, roll_address};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::staff::{Area, Frame, Given, Staff, Told};
use crate::trouble::Trouble;
use app::candidates::roll::{Attempt, CandidateFile};
use app::candidates::{CandidateUpdate, StepChange};
use app::erasure::ErasureReceipt;
use app::mail::{Filter, MailQuery, MailView};
use app::tasks::{StepView, TaskView};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::{AttemptLimit, Own, StepOverride};
use domain::id::{CandidateId, TaskId};
use domain::instance::State as Standing;
use domain::mail::MailState;
use domain::role::Permission;
use serde::Deserialize;

const MOST_MAILS: i64 = 50;

pub fn table() -> Table {
    vec![("/staff/tasks/{task}/candidates/{candidate}", get(show).post(change))]
}

#[derive(Template)]
#[template(path = "staff/candidates/one.html")]
struct Page<'form> {
    frame: Frame,
    tabs: TaskTabs,
    task: String,
    file: &'form CandidateFile,
    id: String,
    given: &'form Given,
    told: &'form Told,
    stages: Vec<(String, String)>,
    programs: Vec<(String, String)>,
    steps: Vec<OwnStep>,
    attempts: Vec<Sat>,
    mails: Vec<Letter>,
    added: Moment,
    last_active: Option<Moment>,
    tags: Vec<(String, String)>,
    answers: Vec<(String, String)>,
    may_results: bool,
    may_erase: bool,
    took_part: bool,
}

struct OwnStep {
    title: String,
    active: String,
    after: String,
    before: String,
    limit: String,
    place: String,
}

struct Sat {
    id: String,
    step: String,
    word: &'static str,
    class: &'static str,
    ignored: bool,
    started: Moment,
    completed: Option<Moment>,
    waiting: i64,
}

struct Letter {
    template: String,
    recipient: String,
    word: &'static str,
    class: &'static str,
    at: Moment,
}

#[derive(Template)]
#[template(path = "staff/candidates/erased.html")]
struct Erased {
    frame: Frame,
    tabs: TaskTabs,
    task: String,
    receipt: ErasureReceipt,
    removed: Vec<(String, u64)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    said: String,
}

/// `GET /staff/tasks/{task}/candidates/{candidate}`.
pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let said = match asked.said.as_str() {
        "added" => Some("Added."),
        "kept" => Some("Kept."),
        "renewed" => Some("The code is new. The old one and its link are dead, and open sessions have ended."),
        _ => None,
    };
    page(&desk, &staff, &task, &candidate, None, Told::default(), said).await
}

/// `POST /staff/tasks/{task}/candidates/{candidate}`.
pub async fn change(
    State(desk): State<Desk>,
    staff: Staff,
    Path((task, candidate)): Path<(TaskId, CandidateId)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let (given, mut told) = (Given(pairs), Told::default());
    let view = desk.app.task(staff.caller(), &task).await?;
    let file = desk.app.candidate_file(staff.caller(), &task, &candidate).await?;
    let update = read(&given, &view, &file, &mut told);
    if told.is_empty() {
        match desk.app.update_candidate(staff.caller(), &task, &candidate, update).await {
            Ok(_) => return Ok(reply::go(&format!("{}/{candidate}?said=kept", roll_address(&task)))),
            Err(failure) => told = Told::of(failure)?,
        }
    }
    page(&desk, &staff, &task, &candidate, Some(given), told, None).await
}

fn read(given: &Given, view: &TaskView, file: &CandidateFile, told: &mut Told) -> CandidateUpdate {
    let labels = choices::relabelled(&file.candidate.labels, given.list("labels"));
    let rating = given.number("rating", told, "/fields/rating");
    CandidateUpdate {
        fullname: given.some("fullname"),
        email: given.some("email"),
        group: given.some("group"),
        favorite: Some(given.has("favorite")),
        active: Some(given.has("active")),
        labels,
        active_after: Some(given.instant("after", told, "/fields/activeAfter")),
        active_before: Some(given.instant("before", told, "/fields/activeBefore")),
        time_factor: Some(person_form::time_factor(given, told, "/fields/timeFactor")),
        stage: Some(given.some("stage")),
        programs: Some(person_form::programs(given, view)),
        rating: Some(rating),
        notes: Some(given.some("notes")),
        steps: view
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| (step.id.clone(), own(given, index, step, told)))
            .collect(),
    }
}

/// A step's own values; an empty field is the step's.
fn own(given: &Given, index: usize, step: &StepView, told: &mut Told) -> StepChange {
    let name = |field: &str| format!("steps.{index}.{field}");
    let at = format!("/steps/{}", step.id);
    let mut date = |field: &str| given.instant(&name(field), told, &at).map_or(Own::Default, |at| Own::Value(Some(at)));
    let (after, before) = (date("after"), date("before"));
    let limit = match given.number::<i64>(&name("limit"), told, &at).map(AttemptLimit::try_from) {
        None => Own::Default,
        Some(Ok(limit)) => Own::Value(limit),
        Some(Err(_)) => {
            told.add(&at, "Attempts must be at least 1, or -1 for no limit.");
            Own::Default
        }
    };
    let active = match given.text(name("active")) {
        "open" => Own::Value(true),
        "closed" => Own::Value(false),
        _ => Own::Default,
    };
    StepChange { active: Some(active), after: Some(after), before: Some(before), limit: Some(limit) }
}

/// The form as the candidate is kept.
fn written(view: &TaskView, file: &CandidateFile) -> Given {
    let candidate = &file.candidate;
    let mut given = Given::default();
    given.set("fullname", candidate.fullname.clone().unwrap_or_default());
    given.set("email", candidate.email.clone().unwrap_or_default());
    given.set("group", &candidate.group);
    given.set("labels", candidate.labels.join(", "));
    given.set("stage", candidate.stage.clone().unwrap_or_default());
    given.set("rating", candidate.rating.map(|rating| rating.to_string()).unwrap_or_default());
    given.set("notes", candidate.notes.clone().unwrap_or_default());
    given.set("timeFactor", candidate.time_factor.to_string());
    given.set_instant("after", candidate.window.after);
    given.set_instant("before", candidate.window.before);
    given.set_if("active", candidate.active);
    given.set_if("favorite", file.favorite);
    for program in &candidate.programs {
        given.set("program", program.to_string());
    }
    for (index, step) in view.steps.iter().enumerate() {
        write_own(&mut given, index, candidate.steps.get(&step.id).copied().unwrap_or_default());
    }
    given
}

fn write_own(given: &mut Given, index: usize, own: StepOverride) {
    let name = |field: &str| format!("steps.{index}.{field}");
    let active = match own.active {
        Own::Default => "",
        Own::Value(true) => "open",
        Own::Value(false) => "closed",
    };
    given.set(name("active"), active);
    given.set_instant(name("after"), own.after.or(None));
    given.set_instant(name("before"), own.before.or(None));
    if let Own::Value(limit) = own.attempt_limit {
        given.set(name("limit"), i64::from(limit).to_string());
    }
}

/// The candidate's page, with what was typed if a change was refused.
pub async fn page(
    desk: &Desk,
    staff: &Staff,
    task: &TaskId,
    candidate: &CandidateId,
    typed: Option<Given>,
    told: Told,
    said: Option<&str>,
) -> Result<Response, Trouble> {
    let view = desk.app.task(staff.caller(), task).await?;
    let file = desk.app.candidate_file(staff.caller(), task, candidate).await?;
    let filter = Filter { candidate: Some(candidate.clone()), ..Filter::default() };
    let mails = desk.app.mails(staff.caller(), MailQuery { filter, behind: None, limit: MOST_MAILS }).await?;
    let given = typed.unwrap_or_else(|| written(&view, &file));
    let row = &file.candidate;
    let name = row.fullname.clone().or(row.email.clone()).unwrap_or_else(|| row.invitation_code.clone());
    let own = |(index, step): (usize, &StepView)| OwnStep {
        title: step.title.clone(),
        active: format!("steps.{index}.active"),
        after: format!("steps.{index}.after"),
        before: format!("steps.{index}.before"),
        limit: format!("steps.{index}.limit"),
        place: format!("/steps/{}", step.id),
    };
    let page = Page {
        frame: Frame::new(staff, Area::Tasks, name)
            .under("Tasks", "/staff/tasks")
            .under(view.title.clone(), roll_address(task))
            .said(said)
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, task, Tab::Candidates),
        task: task.to_string(),
        id: candidate.to_string(),
        stages: list::stages(&view, "None"),
        programs: view.programs.iter().map(|program| (program.uuid.to_string(), program.name.clone())).collect(),
        steps: view.steps.iter().enumerate().map(own).collect(),
        attempts: file.attempts.iter().map(|attempt| sat(&view, attempt)).collect(),
        mails: mails.mails.into_iter().map(letter).collect(),
        added: file.created_at.into(),
        last_active: file.last_activity_at.map(Into::into),
        tags: row.tags.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        answers: answers(&file),
        may_results: staff.may(Permission::ReadResults),
        may_erase: staff.may(Permission::Erase),
        took_part: row.logged_in || !file.attempts.is_empty(),
        file: &file,
        given: &given,
        told: &told,
    };
    reply::page(choices::status(&told), &page)
}

/// The page after an erasure, with its receipt.
pub async fn erased(desk: &Desk, staff: &Staff, task: &TaskId, receipt: ErasureReceipt) -> Result<Response, Trouble> {
    let view = desk.app.task(staff.caller(), task).await?;
    let page = Erased {
        frame: Frame::new(staff, Area::Tasks, "Erased")
            .under("Tasks", "/staff/tasks")
            .under(view.title, roll_address(task))
            .with_script("staff/people.js"),
        tabs: TaskTabs::new(staff, task, Tab::Candidates),
        task: task.to_string(),
        removed: receipt.record()?.removed.into_iter().collect(),
        receipt,
    };
    reply::page(StatusCode::OK, &page)
}

fn answers(file: &CandidateFile) -> Vec<(String, String)> {
    let form = file.form.as_deref().and_then(|text| serde_json::from_str::<serde_json::Map<_, _>>(text).ok());
    let text = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    form.unwrap_or_default().into_iter().map(|(name, value)| (name, text(value))).collect()
}

fn sat(view: &TaskView, attempt: &Attempt) -> Sat {
    let step = view.steps.iter().find(|step| step.id == attempt.step);
    let (word, class) = match attempt.state {
        Standing::Complete => ("Complete", "badge done"),
        _ => ("In progress", "badge running"),
    };
    Sat {
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

fn letter(view: MailView) -> Letter {
    let mail = view.mail;
    let (word, class) = match mail.state {
        MailState::Waiting => ("Waiting", "badge warn"),
        MailState::Sent => ("Sent", "badge done"),
        _ => ("Not sent", "badge bad"),
    };
    Letter {
        template: mail.template,
        recipient: mail.recipient.unwrap_or_default(),
        word,
        class,
        at: mail.finished_at.unwrap_or(mail.send_at).into(),
    }
}
