//! Where users arrive: today's picture for what they may do, and the tests they take themselves.

use crate::candidate_session;
use crate::html_time::HtmlTime;
use crate::lang;
use crate::page_error::PageError;
use crate::refusal::reason;
use crate::reply;
use crate::staff::support::{AreaRoutes, ROOT, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use crate::visitor_request::VisitorRequest;
use app::administration::LiveOverview;
use app::clock_watch::ClockConfidence;
use app::delivery::own::OwnTask;
use app::delivery::steps::CandidateStepView;
use app::mail::{MailFilter, MailQuery};
use app::outbox;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use domain::callback::MessageState;
use domain::id::TaskId;
use domain::mail::MailState;
use domain::role::Permission;

/// The first page of staff, and the way into a user's own assessments.
pub fn routes() -> AreaRoutes {
    vec![
        ("/staff", get(show)),
        ("/staff/", get(redirect_trailing_slash)),
        ("/staff/own/{task}/do/enter", post(enter)),
    ]
}

/// Failures looked for; more are told as "or more".
const MOST_FAILED: i64 = 20;

#[derive(Template)]
#[template(path = "staff/home.html")]
struct StaffHomePage {
    frame: StaffLayout,
    username: String,
    roles: Vec<&'static str>,
    figures: Vec<HomeTile>,
    own: Vec<OwnTaskCard>,
    is_staff: bool,
    /// Whether the server's clock jumped or has to be confirmed.
    is_clock_in_doubt: bool,
}

/// A figure that leads to where one does something about it.
struct HomeTile {
    figure: String,
    name: &'static str,
    about: String,
    address: String,
    is_urgent: bool,
}

/// A task that the user takes.
struct OwnTaskCard {
    title: String,
    action: String,
    is_active: bool,
    steps: Vec<OwnStepRow>,
}

struct OwnStepRow {
    title: String,
    state: &'static str,
    class: &'static str,
    why: Option<&'static str>,
    opens: Option<HtmlTime>,
    closes: Option<HtmlTime>,
}

/// `GET /staff`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
) -> Result<Response, PageError> {
    let own = state.app.delivery().own_tasks(&staff.0).await?;
    let user = &staff.0.user;
    let page = StaffHomePage {
        frame: StaffLayout::new(&staff, StaffArea::Home, "Welcome"),
        username: user.fullname.clone().unwrap_or_else(|| user.username.clone()),
        roles: user.roles.iter().map(|role| super::users::role_name(*role)).collect(),
        figures: figures(&state, &staff).await?,
        own: own.into_iter().map(own_task).collect(),
        is_clock_in_doubt: staff.may(Permission::Administer) && needs_confirmation(&state),
        is_staff: user.roles.iter().any(|role| role.is_staff()),
    };
    reply::page(StatusCode::OK, &page)
}

/// After an ordinary pause of the server nobody has to do anything.
fn needs_confirmation(state: &PagesState) -> bool {
    let standing = state.app.clock_status();
    standing.is_some_and(|standing| {
        standing.is_held || standing.confidence == ClockConfidence::Unconfirmed
    })
}

/// `GET /staff/`, as people type it.
pub async fn redirect_trailing_slash() -> Response {
    reply::redirect(ROOT)
}

/// `POST /staff/own/{task}/do/enter`: to the task's own pages, as its candidate.
pub async fn enter(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    guest: VisitorRequest,
    Path(task): Path<String>,
) -> Result<Response, PageError> {
    let entered = state.app.delivery().enter_own_task(&staff.0, &TaskId::from(task)).await?;
    Ok(candidate_session::start_session(&state, guest.client_context(), &entered).await)
}

/// Only what the user may see, and only what asks for something.
async fn figures(state: &PagesState, staff: &SignedInStaff) -> Result<Vec<HomeTile>, PageError> {
    let mut figures = Vec::new();
    if staff.may(Permission::Administer) {
        figures.push(live(&state.app.instances().live_overview(staff.caller(), None).await?));
    }
    if staff.may(Permission::Evaluate) {
        figures.push(waiting(state, staff).await?);
    }
    if staff.may(Permission::ReadTasks) {
        let (total, _) = state.app.tasks().list_tasks(staff.caller(), 1, 0).await?;
        figures.push(tile(total, "Tasks", "of the organization", "/staff/tasks", false));
    }
    if staff.may(Permission::Candidates) {
        figures.extend(failed_mail(state, staff).await?);
    }
    if staff.may(Permission::Manage) && !staff.caller().is_limited() {
        figures.extend(failed_messages(state, staff).await?);
    }
    Ok(figures)
}

fn tile(
    count: u64,
    name: &'static str,
    about: impl Into<String>,
    address: &str,
    is_urgent: bool,
) -> HomeTile {
    HomeTile {
        figure: count.to_string(),
        name,
        about: about.into(),
        address: address.to_owned(),
        is_urgent,
    }
}

fn live(live: &LiveOverview) -> HomeTile {
    let open = live.steps.iter().map(|step| step.instances).sum();
    let mut tasks: Vec<_> = live.steps.iter().map(|step| &step.task).collect();
    tasks.dedup();
    let about = match tasks.len() {
        0 => "nobody is taking a test".to_owned(),
        1 => "in one task".to_owned(),
        more => format!("in {more} tasks"),
    };
    tile(open, "Open tests now", about, "/staff/live", false)
}

async fn waiting(state: &PagesState, staff: &SignedInStaff) -> Result<HomeTile, PageError> {
    let tasks = state.app.evaluation().waiting_tasks(staff.caller()).await?;
    let answers = tasks.iter().map(|task| task.answers).sum();
    let about = if answers == 0 { "everything is graded" } else { "waiting for grading" };
    Ok(tile(answers, "Answers", about, "/staff/evaluate", false))
}

async fn failed_mail(
    pages_state: &PagesState,
    staff: &SignedInStaff,
) -> Result<Option<HomeTile>, PageError> {
    let filter = MailFilter { state: Some(MailState::Failed), ..MailFilter::default() };
    let run = pages_state
        .app
        .mail()
        .mails(staff.caller(), MailQuery { filter, behind: None, limit: MOST_FAILED })
        .await?;
    let address = "/staff/mail?state=failed";
    Ok(failed(run.mails.len(), run.has_more, "Mails", address.to_owned()))
}

async fn failed_messages(
    pages_state: &PagesState,
    staff: &SignedInStaff,
) -> Result<Vec<HomeTile>, PageError> {
    let mut tiles = Vec::new();
    for webhook in pages_state.app.webhooks().list_webhooks(staff.caller()).await? {
        let target = outbox::OutboxTarget::Webhook(webhook.row.id.clone());
        let filter = outbox::OutboxFilter {
            state: Some(MessageState::Failed),
            ..outbox::OutboxFilter::default()
        };
        let query = outbox::OutboxLogQuery { filter, behind: None, limit: MOST_FAILED };
        let run = pages_state.app.webhooks().messages(staff.caller(), &target, query).await?;
        let address = format!("/staff/webhooks/{}?state=failed", webhook.row.id);
        tiles.extend(failed(run.messages.len(), run.has_more, "Webhook messages", address));
    }
    Ok(tiles)
}

fn failed(count: usize, has_more: bool, name: &'static str, address: String) -> Option<HomeTile> {
    let figure = if has_more { format!("{count}+") } else { count.to_string() };
    (count > 0).then(|| HomeTile {
        figure,
        name,
        about: "failed".to_owned(),
        address,
        is_urgent: true,
    })
}

fn own_task(task: OwnTask) -> OwnTaskCard {
    OwnTaskCard {
        title: task.title,
        action: format!("/staff/own/{}/do/enter", task.task),
        is_active: task.is_active,
        steps: task.steps.into_iter().map(own_step).collect(),
    }
}

fn own_step(step: CandidateStepView) -> OwnStepRow {
    let (state, class) = match (&step.open_instance, step.is_completed, step.access.is_ok()) {
        (Some(_), ..) => ("begun", "running"),
        (None, true, _) => ("done", "done"),
        (None, false, true) => ("can be taken", "open"),
        (None, false, false) => ("closed", ""),
    };
    let why = match step.access {
        Err(refusal) if !step.is_completed => Some(reason(lang::Language::english(), refusal)),
        _ => None,
    };
    OwnStepRow {
        title: step.title,
        state,
        class,
        why,
        opens: step.window.after.map(Into::into),
        closes: step.window.before.map(Into::into),
    }
}
