//! The tasks of the organization, newest first, searched by title, folder and label.

use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{AreaRoutes, SignedInStaff, StaffArea, StaffLayout};
use crate::state::PagesState;
use app::results::ListingDetail;
use app::tasks::{TaskFilter, TaskView};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::access::settings::AccessSwitch;
use domain::role::Permission;
use domain::substring_search::SubstringSearch;
use domain::time::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

const SIZE: u64 = 25;

/// The list of tasks.
pub fn routes() -> AreaRoutes {
    vec![("/staff/tasks", get(show))]
}

#[derive(Template)]
#[template(path = "staff/tasks/list.html")]
struct TaskListPage {
    frame: StaffLayout,
    query: TaskListQuery,
    rows: Vec<TaskListRow>,
    total: u64,
    may_write: bool,
    previous: Option<String>,
    next: Option<String>,
}

struct TaskListRow {
    id: String,
    title: String,
    folder: String,
    labels: Vec<String>,
    favorite: bool,
    steps: usize,
    made: HtmlTime,
    state: Openness,
}

/// A word about whether a task is open, and its badge's class.
pub struct Openness {
    pub word: &'static str,
    pub class: &'static str,
}

/// Filters and place of the list of tasks, as text; absent ones are empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TaskListQuery {
    q: String,
    folder: String,
    label: String,
    favorite: String,
    page: String,
}

impl TaskListQuery {
    fn is_empty(&self) -> bool {
        [&self.q, &self.folder, &self.label, &self.favorite].iter().all(|text| text.is_empty())
    }

    fn filter(&self) -> TaskFilter {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        TaskFilter {
            folders: some(&self.folder).map(|folder| vec![folder]),
            labels: some(&self.label).map(|label| vec![label]),
            favorite: (!self.favorite.is_empty()).then_some(true),
            title: some(&self.q).map(|text| SubstringSearch::new(&text)),
        }
    }

    fn address(&self, page: u64) -> String {
        let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (q, folder, label) = (escaped(&self.q), escaped(&self.folder), escaped(&self.label));
        let favorite = escaped(&self.favorite);
        format!("/staff/tasks?q={q}&folder={folder}&label={label}&favorite={favorite}&page={page}")
    }
}

/// `GET /staff/tasks`.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Query(query): Query<TaskListQuery>,
) -> Result<Response, PageError> {
    let number = query.page.parse::<u64>().unwrap_or(1).clamp(1, 1_000_000);
    let (total, _) = state
        .app
        .tasks()
        .search_tasks(staff.caller(), query.filter(), ListingDetail::Basic, 1, 0)
        .await?;
    // The list is kept in the order of making; the page begins with the newest.
    let end = total.saturating_sub((number - 1) * SIZE);
    let skip = end.saturating_sub(SIZE);
    let limit = u32::try_from(end - skip).unwrap_or_default();
    let mut views = Vec::new();
    if limit > 0 {
        (_, views) = state
            .app
            .tasks()
            .search_tasks(staff.caller(), query.filter(), ListingDetail::Detailed, limit, skip)
            .await?;
    }
    let now = state.app.now();
    let page = TaskListPage {
        frame: StaffLayout::new(&staff, StaffArea::Tasks, "Tasks"),
        rows: views.into_iter().rev().map(|view| row(view, now)).collect(),
        total,
        may_write: staff.may(Permission::WriteTasks),
        previous: (number > 1).then(|| query.address(number - 1)),
        next: (skip > 0).then(|| query.address(number + 1)),
        query,
    };
    reply::page(StatusCode::OK, &page)
}

fn row(view: TaskView, now: Timestamp) -> TaskListRow {
    TaskListRow {
        id: view.id.to_string(),
        title: view.title,
        folder: view.folder,
        labels: view.labels,
        favorite: view.favorite,
        steps: view.steps.len(),
        made: view.created_at.into(),
        state: openness(view.switch, now),
    }
}

/// Whether candidates can start at this moment.
pub fn openness(switch: AccessSwitch, now: Timestamp) -> Openness {
    let is_early = switch.window.after.is_some_and(|after| now < after);
    let is_over = switch.window.before.is_some_and(|before| now >= before);
    let (word, class) = match (switch.active, is_early, is_over) {
        (false, _, _) => ("Inactive", "badge bad"),
        (true, true, _) => ("Not yet open", "badge warn"),
        (true, false, true) => ("Ended", "badge"),
        (true, false, false) => ("Open", "badge done"),
    };
    Openness { word, class }
}
