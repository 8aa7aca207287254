//! `GET /staff/tasks/{task}/results`: the table of a task's instances.

use super::asked::{Asked, written};
use super::export::{Offer, offers};
use super::{Area, Frame, Staff, percent, standing};
use crate::desk::Desk;
use crate::moment::Moment;
use crate::reply;
use crate::staff::tasks::{Tab, TaskTabs};
use crate::trouble::Trouble;
use app::correction_jobs::CorrectionProgress;
use app::results::browse::{Browsed, Leaf, figures};
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TaskId;

#[derive(Template)]
#[template(path = "staff/results.html")]
struct Page {
    frame: Frame,
    tabs: TaskTabs,
    offers: Vec<Offer>,
    base: String,
    asked: Asked,
    faults: Vec<&'static str>,
    steps: Vec<(String, String)>,
    rows: Vec<Row>,
    total: i64,
    /// Corrections that are being worked into the results.
    corrections: Vec<CorrectionProgress>,
    is_filtered: bool,
    heads: Vec<Head>,
    /// None where there is nowhere to go.
    first: Option<String>,
    earlier: Option<String>,
    later: Option<String>,
    last: Option<String>,
}

impl Page {
    fn is_bad(&self, field: &str) -> bool {
        self.faults.contains(&field)
    }
}

/// A column, perhaps one to sort by.
struct Head {
    name: &'static str,
    is_number: bool,
    /// Where its order is; none for columns without one.
    address: Option<String>,
    /// As ARIA says it.
    sorted: &'static str,
}

struct Row {
    address: String,
    name: String,
    detail: String,
    step: String,
    state: &'static str,
    state_class: &'static str,
    is_ignored: bool,
    started: Moment,
    completed: Option<Moment>,
    points: String,
    ratio: String,
    level: String,
    passed: Option<bool>,
    waiting: i64,
}

pub async fn show(
    State(desk): State<Desk>,
    staff: Staff,
    Path(task): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let id = TaskId::from(task);
    let task = desk.app.task(staff.caller(), &id).await?;
    let (query, faults) = asked.query();
    let leaf = desk.app.browse_instances(staff.caller(), &id, query).await?;
    let corrections = desk.app.corrections_at_work(staff.caller(), &id).await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    reply::page(status, &Page { corrections, ..page(&staff, &task, asked, faults, leaf)? })
}

fn page(staff: &Staff, task: &TaskView, asked: Asked, faults: Vec<&'static str>, leaf: Leaf) -> Result<Page, Trouble> {
    let base = format!("/staff/tasks/{}/results", task.id);
    let steps: Vec<_> = task.steps.iter().map(|step| (step.id.to_string(), step.title.clone())).collect();
    let to = |place: String| asked.address(&base, &asked.sort, &place);
    let (first, last) = (leaf.rows.first().map(|row| row.spot), leaf.rows.last().map(|row| row.spot));
    let rows = leaf.rows.iter().map(|row| shown(row, &base, &steps)).collect::<Result<_, _>>()?;
    Ok(Page {
        frame: Frame::new(staff, Area::Tasks, format!("Results of {}", task.title)).under("Tasks", "/staff/tasks"),
        tabs: TaskTabs::new(staff, &task.id, Tab::Results),
        offers: offers(&base, &asked),
        heads: heads(&asked, &base),
        first: leaf.has_earlier.then(|| to(String::new())),
        earlier: first.filter(|_| leaf.has_earlier).map(|spot| to(format!("before={}", written(spot)))),
        later: last.filter(|_| leaf.has_later).map(|spot| to(format!("after={}", written(spot)))),
        last: leaf.has_later.then(|| to("last=1".to_owned())),
        is_filtered: asked.is_filtered(),
        total: leaf.instance_count,
        corrections: Vec::new(),
        steps,
        rows,
        base,
        asked,
        faults,
    })
}

fn heads(asked: &Asked, base: &str) -> Vec<Head> {
    let head = |name, order: &str| {
        let is_here = asked.sort.trim_start_matches('-') == order || (order == "created" && asked.sort.is_empty());
        let is_descending = is_here && asked.sort.starts_with('-');
        let next = if is_here && !is_descending { format!("-{order}") } else { order.to_owned() };
        Head {
            name,
            is_number: order == "ratio",
            address: (!order.is_empty()).then(|| asked.address(base, &next, "")),
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
        Head { is_number: true, ..head("Points", "") },
        head("Ratio", "ratio"),
        head("Verdict", ""),
    ]
}

fn shown(row: &Browsed, base: &str, steps: &[(String, String)]) -> Result<Row, Trouble> {
    let figures = figures(row)?;
    let (state, state_class) = standing(row.state, row.erased_at.is_some());
    let is_open = row.state.is_open();
    let unnamed = if row.erased_at.is_some() { "Erased person".to_owned() } else { row.candidate_id.clone() };
    Ok(Row {
        address: format!("{base}/{}", row.id),
        detail: row.email.clone().filter(|_| row.fullname.is_some()).unwrap_or_default(),
        name: row.fullname.clone().or_else(|| row.email.clone()).unwrap_or(unnamed),
        step: steps.iter().find(|(id, _)| *id == row.step_id).map_or_else(String::new, |(_, title)| title.clone()),
        state,
        state_class,
        is_ignored: row.ignored,
        started: row.started_at.into(),
        completed: row.completed_at.map(Moment::from),
        points: figures.as_ref().map(|it| format!("{} of {}", it.points, it.maximum)).unwrap_or_default(),
        ratio: figures.as_ref().map(|it| percent(it.ratio)).unwrap_or_default(),
        level: row.level.clone().filter(|_| !is_open).unwrap_or_default(),
        passed: row.passed.filter(|_| !is_open),
        waiting: row.waiting,
    })
}
