//! `GET /staff/tasks/{task}/results`: the table of a task's instances.

use super::export::{ExportLink, export_links};
use super::query::{ResultListQuery, format_cursor};
use super::{percent, state_badge};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::staff::tasks::{TaskTab, TaskTabs};
use crate::state::PagesState;
use app::correction_jobs::CorrectionProgress;
use app::results::result_table::{ResultRow, ResultTablePage, published_figures};
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TaskId;

#[derive(Template)]
#[template(path = "staff/results.html")]
struct ResultListPage {
    frame: StaffLayout,
    tabs: TaskTabs,
    offers: Vec<ExportLink>,
    base: String,
    query: ResultListQuery,
    faults: Vec<&'static str>,
    steps: Vec<(String, String)>,
    rows: Vec<ResultListRow>,
    total: i64,
    /// Corrections that are being worked into the results.
    corrections: Vec<CorrectionProgress>,
    is_filtered: bool,
    heads: Vec<SortableColumn>,
    /// None where there is nowhere to go.
    first: Option<String>,
    earlier: Option<String>,
    later: Option<String>,
    last: Option<String>,
}

impl ResultListPage {
    fn is_bad(&self, field: &str) -> bool {
        self.faults.contains(&field)
    }
}

/// A column, perhaps one to sort by.
struct SortableColumn {
    name: &'static str,
    is_number: bool,
    /// Where its order is; none for columns without one.
    address: Option<String>,
    /// As ARIA says it.
    sorted: &'static str,
}

struct ResultListRow {
    address: String,
    name: String,
    detail: String,
    step: String,
    state: &'static str,
    state_class: &'static str,
    is_ignored: bool,
    started: HtmlTime,
    completed: Option<HtmlTime>,
    points: String,
    ratio: String,
    level: String,
    passed: Option<bool>,
    waiting: i64,
}

/// The results of a task, filtered and a page at a time.
pub async fn show(
    State(state): State<PagesState>,
    staff: SignedInStaff,
    Path(task): Path<String>,
    Query(list_query): Query<ResultListQuery>,
) -> Result<Response, PageError> {
    let id = TaskId::from(task);
    let task = state.app.tasks().task(staff.caller(), &id).await?;
    let (query, faults) = list_query.query();
    let leaf = state.app.results().result_table_page(staff.caller(), &id, query).await?;
    let corrections = state.app.corrections().unfinished_corrections(staff.caller(), &id).await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    reply::page(
        status,
        &ResultListPage { corrections, ..page(&staff, &task, list_query, faults, leaf)? },
    )
}

fn page(
    staff: &SignedInStaff,
    task: &TaskView,
    query: ResultListQuery,
    faults: Vec<&'static str>,
    leaf: ResultTablePage,
) -> Result<ResultListPage, PageError> {
    let base = format!("/staff/tasks/{}/results", task.id);
    let steps: Vec<_> =
        task.steps.iter().map(|step| (step.id.to_string(), step.title.clone())).collect();
    let to = |place: String| query.address(&base, &query.sort, &place);
    let (first, last) =
        (leaf.rows.first().map(|row| row.spot), leaf.rows.last().map(|row| row.spot));
    let rows =
        leaf.rows.iter().map(|row| result_row(row, &base, &steps)).collect::<Result<_, _>>()?;
    Ok(ResultListPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, format!("Results of {}", task.title))
            .with_crumb("Tasks", "/staff/tasks"),
        tabs: TaskTabs::new(staff, &task.id, TaskTab::Results),
        offers: export_links(&base, &query),
        heads: heads(&query, &base),
        first: leaf.has_earlier.then(|| to(String::new())),
        earlier: first
            .filter(|_| leaf.has_earlier)
            .map(|spot| to(format!("before={}", format_cursor(spot)))),
        later: last
            .filter(|_| leaf.has_later)
            .map(|spot| to(format!("after={}", format_cursor(spot)))),
        last: leaf.has_later.then(|| to("last=1".to_owned())),
        is_filtered: query.is_filtered(),
        total: leaf.instance_count,
        corrections: Vec::new(),
        steps,
        rows,
        base,
        query,
        faults,
    })
}

fn heads(query: &ResultListQuery, base: &str) -> Vec<SortableColumn> {
    let head = |name, order: &str| {
        let is_here = query.sort.trim_start_matches('-') == order
            || (order == "created" && query.sort.is_empty());
        let is_descending = is_here && query.sort.starts_with('-');
        let next = if is_here && !is_descending { format!("-{order}") } else { order.to_owned() };
        SortableColumn {
            name,
            is_number: order == "ratio",
            address: (!order.is_empty()).then(|| query.address(base, &next, "")),
            sorted: match (is_here, is_descending) {
                _ if order.is_empty() => "",
                (false, _) => "none",
                (true, false) => "ascending",
                (true, true) => "descending",
            },
        }
    };
    vec![
        head("Candidate", ""),
        head("Step", ""),
        head("State", ""),
        head("Started", "created"),
        head("Completed", "completed"),
        SortableColumn { is_number: true, ..head("Points", "") },
        head("Ratio", "ratio"),
        head("Verdict", ""),
    ]
}

fn result_row(
    row: &ResultRow,
    base: &str,
    steps: &[(String, String)],
) -> Result<ResultListRow, PageError> {
    let figures = published_figures(row)?;
    let (state, state_class) = state_badge(row.state, row.erased_at.is_some());
    let is_open = row.state.is_open();
    let unnamed =
        if row.erased_at.is_some() { "Erased person".to_owned() } else { row.candidate_id.clone() };
    Ok(ResultListRow {
        address: format!("{base}/{}", row.id),
        detail: row.email.clone().filter(|_| row.fullname.is_some()).unwrap_or_default(),
        name: row.fullname.clone().or_else(|| row.email.clone()).unwrap_or(unnamed),
        step: steps
            .iter()
            .find(|(id, _)| *id == row.step_id)
            .map_or_else(String::new, |(_, title)| title.clone()),
        state,
        state_class,
        is_ignored: row.ignored,
        started: row.started_at.into(),
        completed: row.completed_at.map(HtmlTime::from),
        points: figures
            .as_ref()
            .map(|it| format!("{} of {}", it.points, it.maximum))
            .unwrap_or_default(),
        ratio: figures.as_ref().map(|it| percent(it.ratio)).unwrap_or_default(),
        level: row.level.clone().filter(|_| !is_open).unwrap_or_default(),
        passed: row.passed.filter(|_| !is_open),
        waiting: row.waiting,
    })
}
