//! `GET /staff/tasks/{task}/results`: the table of a task's results.

use super::export::{ExportLink, export_links};
use super::query::{LIMIT, ResultListQuery, format_cursor};
use super::shown_figures::{ShownFigure, count};
use super::{result_state, state_class};
use crate::html_time::HtmlTime;
use crate::page_error::PageError;
use crate::reply;
use crate::staff::support::{SignedInStaff, StaffArea, StaffLayout};
use crate::staff::tasks::{TaskTab, TaskTabs};
use crate::state::PagesState;
use app::Failure;
use app::correction_jobs::CorrectionProgress;
use app::results::result_table::{
    BoundedCount, ResultOrder, ResultOverview, ResultRow, ResultTablePage, ResultTableStart,
    published_figures,
};
use app::tasks::TaskView;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::id::TaskId;
use domain::role::Right;

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
    levels: Vec<String>,
    outcomes: Vec<OutcomeChip>,
    /// Filters that are set, with the address without each.
    chips: Vec<FilterChip>,
    rows: Vec<ResultListRow>,
    /// "214 results", and which of them the page shows.
    total: String,
    place: String,
    /// "all 5,000" or "these 214".
    exported: String,
    /// Why a file was not made.
    refusal: &'static str,
    sees_names: bool,
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

    fn day_ranges(&self) -> Vec<DayRange<'_>> {
        let query = &self.query;
        vec![
            DayRange {
                name: "Completed",
                ends: [
                    ("completedFrom", "From", &query.completed_from),
                    ("completedTo", "Until", &query.completed_to),
                ],
            },
            DayRange {
                name: "Started",
                ends: [("from", "From", &query.from), ("to", "Until", &query.to)],
            },
        ]
    }
}

/// Two days, each with its field, its label and what was typed.
struct DayRange<'query> {
    name: &'static str,
    ends: [(&'static str, &'static str, &'query str); 2],
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

/// An outcome to choose, with how many have it.
struct OutcomeChip {
    name: &'static str,
    count: String,
    address: String,
    is_here: bool,
}

/// A filter that is set.
struct FilterChip {
    text: String,
    address: String,
}

struct ResultListRow {
    address: String,
    name: String,
    detail: String,
    group: String,
    step: String,
    /// Word and class of the state.
    state: (&'static str, &'static str),
    started: HtmlTime,
    completed: Option<HtmlTime>,
    points: ShownFigure,
    maximum: ShownFigure,
    has_figures: bool,
    score: ShownFigure,
    /// The same from 0 to 100, for the bar.
    fill: String,
    level: String,
    outcome: &'static str,
    outcome_class: &'static str,
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
    let list_query = readable(&staff, list_query);
    let (query, faults) = list_query.query();
    let leaf = state.app.results().result_table_page(staff.caller(), &id, query).await?;
    let overview = state.app.results().result_overview(staff.caller(), &id).await?;
    let corrections = state.app.corrections().unfinished_corrections(staff.caller(), &id).await?;
    let is_refused = !faults.is_empty() || !list_query.refused.is_empty();
    let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    reply::page(
        status,
        &ResultListPage { corrections, ..page(&staff, &task, list_query, faults, leaf, overview)? },
    )
}

/// The query without what the reader may not ask for: who sees no names searches and sorts none.
fn readable(staff: &SignedInStaff, list_query: ResultListQuery) -> ResultListQuery {
    if staff.caller().require(Right::ReadCandidates).is_ok() {
        return list_query;
    }
    let is_by_name = list_query.query().0.order == ResultOrder::Name;
    let sort = if is_by_name { String::new() } else { list_query.sort };
    ResultListQuery { q: String::new(), sort, ..list_query }
}

fn page(
    staff: &SignedInStaff,
    task: &TaskView,
    query: ResultListQuery,
    faults: Vec<&'static str>,
    leaf: ResultTablePage,
    overview: ResultOverview,
) -> Result<ResultListPage, PageError> {
    let base = format!("/staff/tasks/{}/results", task.id);
    let steps: Vec<_> =
        task.steps.iter().map(|step| (step.id.to_string(), step.title.clone())).collect();
    let to = |place: String| query.address(&base, &query.sort, &place);
    let (first, last) =
        (leaf.rows.first().map(|row| row.spot), leaf.rows.last().map(|row| row.spot));
    let at = first_row_number(&query, &leaf);
    let behind = at.map(|at| format!("&at={}", at + leaf.rows.len() as u64)).unwrap_or_default();
    let before =
        at.map(|at| format!("&at={}", at.saturating_sub(LIMIT as u64).max(1))).unwrap_or_default();
    let rows =
        leaf.rows.iter().map(|row| result_row(row, &base, &steps)).collect::<Result<_, _>>()?;
    Ok(ResultListPage {
        frame: StaffLayout::new(staff, StaffArea::Tasks, format!("Results of {}", task.title))
            .with_crumb("Tasks", "/staff/tasks")
            .with_notice((query.said == "corrected").then_some(
                "The question was corrected. Earlier scores stay in each person’s history.",
            ))
            .with_script("staff/results.js"),
        tabs: TaskTabs::new(staff, &task.id, TaskTab::Results),
        offers: export_links(&base, &query),
        heads: heads(&query, &base, leaf.sees_names),
        outcomes: outcome_chips(&query, &base, &leaf, &overview),
        levels: overview.levels,
        chips: filter_chips(&query, &base, &steps),
        first: leaf.has_earlier.then(|| to(String::new())),
        earlier: first
            .filter(|_| leaf.has_earlier)
            .map(|spot| to(format!("before={}{before}", format_cursor(spot)))),
        later: last
            .filter(|_| leaf.has_later)
            .map(|spot| to(format!("after={}{behind}", format_cursor(spot)))),
        last: leaf.has_later.then(|| to("last=1".to_owned())),
        is_filtered: query.is_filtered(),
        total: format!("{} {}", bounded(leaf.fitting), noun(leaf.fitting)),
        place: place(at, &leaf),
        exported: match query.is_filtered() {
            true => format!("these {}", bounded(leaf.fitting)),
            false => format!("all {}", counted(leaf.instance_count)),
        },
        refusal: refusal(&query.refused),
        sees_names: leaf.sees_names,
        corrections: Vec::new(),
        steps,
        rows,
        base,
        query,
        faults,
    })
}

/// The number of the page's first row; none where it was not carried along.
fn first_row_number(query: &ResultListQuery, leaf: &ResultTablePage) -> Option<u64> {
    let rows = leaf.rows.len() as u64;
    match query.query().0.from {
        ResultTableStart::First => Some(1),
        ResultTableStart::Last if leaf.fitting.is_more => None,
        ResultTableStart::Last => {
            Some((leaf.fitting.count.unsigned_abs() + 1).saturating_sub(rows).max(1))
        }
        ResultTableStart::Behind(_) | ResultTableStart::Before(_) if !leaf.has_earlier => Some(1),
        ResultTableStart::Behind(_) | ResultTableStart::Before(_) => {
            let most = leaf.fitting.count.unsigned_abs();
            let at = query.at.parse::<u64>().ok().filter(|at| *at > 0)?;
            // An address that was kept may be of another time.
            let end = at.checked_add(rows)?;
            (leaf.fitting.is_more && end < u64::MAX || end <= most + 1).then_some(at)
        }
    }
}

/// "51–100 of 5,000".
fn place(at: Option<u64>, leaf: &ResultTablePage) -> String {
    let rows = leaf.rows.len() as u64;
    match at {
        _ if rows == 0 => String::new(),
        Some(at) => format!("{}–{} of {}", count(at), count(at + rows - 1), bounded(leaf.fitting)),
        None => format!("{} of {}", count(rows), bounded(leaf.fitting)),
    }
}

fn bounded(counted_rows: BoundedCount) -> String {
    let number = counted(counted_rows.count);
    if counted_rows.is_more { format!("more than {number}") } else { number }
}

fn counted(number: i64) -> String {
    count(number.unsigned_abs())
}

const fn noun(counted_rows: BoundedCount) -> &'static str {
    if counted_rows.count == 1 && !counted_rows.is_more { "result" } else { "results" }
}

fn refusal(word: &str) -> &'static str {
    match word {
        "rows" => {
            "An Excel sheet holds 1,048,575 results, and there are more. Export CSV instead, or narrow the results first."
        }
        "questions" => {
            "Columns for questions are possible for up to 100,000 results, and there are more. Narrow the results first, or export without them."
        }
        _ => "",
    }
}

fn outcome_chips(
    query: &ResultListQuery,
    base: &str,
    leaf: &ResultTablePage,
    overview: &ResultOverview,
) -> Vec<OutcomeChip> {
    let chip = |name, value: &str, counted_rows: BoundedCount| OutcomeChip {
        name,
        count: bounded(counted_rows),
        address: query.with("outcome", value).address(base, &query.sort, ""),
        is_here: query.outcome == value,
    };
    let all = BoundedCount { count: leaf.instance_count, is_more: false };
    let mut chips = vec![chip("All", "", all)];
    if overview.passed.count + overview.not_passed.count > 0 {
        chips.push(chip("Passed", "passed", overview.passed));
        chips.push(chip("Not passed", "not-passed", overview.not_passed));
    }
    if overview.waiting.count > 0 || query.outcome == "waiting" {
        chips.push(chip("Waiting for grading", "waiting", overview.waiting));
    }
    chips
}

/// The filters in words, but for the outcome, which has chips of its own.
fn filter_chips(
    query: &ResultListQuery,
    base: &str,
    steps: &[(String, String)],
) -> Vec<FilterChip> {
    let set = query.fields().into_iter().filter(|(_, value)| !value.trim().is_empty());
    let chip = |(name, value): (&'static str, &str)| {
        let value = value.trim();
        let text = match name {
            "outcome" => return None,
            "q" => format!("“{value}”"),
            "level" => format!("Level: {value}"),
            "scoreFrom" => format!("Score from {value} %"),
            "scoreTo" => format!("Score up to {value} %"),
            "completedFrom" => format!("Completed from {value}"),
            "completedTo" => format!("Completed until {value}"),
            "from" => format!("Started from {value}"),
            "to" => format!("Started until {value}"),
            "name" => format!("Name is exactly “{value}”"),
            "email" => format!("E-mail is exactly “{value}”"),
            "code" => "Invitation code".to_owned(),
            "uniqId" => format!("Unique ID: {value}"),
            "candidate" => format!("Candidate or user: {value}"),
            "externalId" => format!("External ID: {value}"),
            "group" => format!("Group: {value}"),
            "label" => format!("Label: {value}"),
            "step" => {
                let title = steps.iter().find(|(id, _)| id == value).map(|(_, title)| title);
                format!("Test: {}", title.map_or(value, String::as_str))
            }
            _ => format!("Status: {}", status_word(value)),
        };
        let without = query.with(name, "");
        Some(FilterChip { text, address: without.address(base, &query.sort, "") })
    };
    set.filter_map(chip).collect()
}

fn status_word(value: &str) -> &str {
    match value {
        "STARTED" => "In progress",
        "COMPLETE" => "Completed",
        "RESETUP" => "Reopened",
        "WAITING" => "Waiting for grading",
        "EXCLUDED" => "Excluded",
        other => other,
    }
}

fn heads(query: &ResultListQuery, base: &str, sees_names: bool) -> Vec<SortableColumn> {
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
        head("Candidate", if sees_names { "name" } else { "" }),
        head("Test", ""),
        head("Status", ""),
        head("Started", "created"),
        head("Completed", "completed"),
        head("Score", "ratio"),
        head("Outcome", ""),
    ]
}

fn result_row(
    row: &ResultRow,
    base: &str,
    steps: &[(String, String)],
) -> Result<ResultListRow, Failure> {
    let figures = published_figures(row)?;
    let is_settled = !row.state.is_open() && row.waiting == 0;
    let unnamed =
        if row.erased_at.is_some() { "Erased person".to_owned() } else { row.candidate_id.clone() };
    let figure = |of: fn(&app::results::result_table::PublishedFigures) -> ShownFigure| {
        figures.as_ref().map(of).unwrap_or_default()
    };
    let step = steps.iter().find(|(id, _)| *id == row.step_id);
    let (outcome, outcome_class) = match row.passed.filter(|_| is_settled) {
        Some(true) => ("Passed", "done"),
        Some(false) => ("Not passed", ""),
        None => ("", ""),
    };
    let word = result_state(row.state, row.erased_at.is_some(), row.ignored, row.waiting);
    Ok(ResultListRow {
        address: format!("{base}/{}", row.id),
        detail: row.email.clone().filter(|_| row.fullname.is_some()).unwrap_or_default(),
        name: row.fullname.clone().or_else(|| row.email.clone()).unwrap_or(unnamed),
        group: Some(row.group_name.clone()).filter(|group| group != "default").unwrap_or_default(),
        step: step.map(|(_, title)| title.clone()).unwrap_or_default(),
        state: (word, state_class(word)),
        started: row.started_at.into(),
        completed: row.completed_at.map(HtmlTime::from),
        points: figure(|it| ShownFigure::of(it.points)),
        maximum: figure(|it| ShownFigure::of(it.maximum)),
        has_figures: figures.is_some(),
        score: figure(|it| ShownFigure::percent(it.ratio)),
        fill: figures
            .as_ref()
            .and_then(|it| it.ratio.millionths())
            .map(|ratio| (ratio.clamp(0, 1_000_000) / 10_000).to_string())
            .unwrap_or_default(),
        level: row.level.clone().filter(|_| is_settled).unwrap_or_default(),
        outcome,
        outcome_class,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(rows: usize, count: i64, is_more: bool, has_earlier: bool) -> ResultTablePage {
        let row = ResultRow {
            id: "Ti1".into(),
            step_id: "St1".into(),
            candidate_id: "Ca1".into(),
            spot: app::results::result_table::ResultCursor { key: 1, ordinal: 1 },
            state: domain::instance::InstanceState::Complete,
            ignored: false,
            closing: None,
            started_at: domain::time::Timestamp(0),
            completed_at: None,
            erased_at: None,
            waiting: 0,
            result_basic: None,
            group_name: "default".into(),
            labels: "[]".into(),
            fullname: None,
            email: None,
            passed: None,
            level: None,
        };
        ResultTablePage {
            rows: vec![row; rows],
            has_earlier,
            has_later: false,
            instance_count: count,
            fitting: BoundedCount { count, is_more },
            sees_names: true,
        }
    }

    fn shown(after: &str, last: &str, at: &str, leaf: &ResultTablePage) -> String {
        let query = ResultListQuery {
            after: after.into(),
            last: last.into(),
            at: at.into(),
            ..ResultListQuery::default()
        };
        place(first_row_number(&query, leaf), leaf)
    }

    #[test]
    fn a_page_says_where_it_lies_and_an_address_that_lies_does_not() {
        assert_eq!(shown("", "", "", &leaf(50, 5000, false, false)), "1–50 of 5,000");
        assert_eq!(shown("5.5", "", "51", &leaf(50, 5000, false, true)), "51–100 of 5,000");
        assert_eq!(shown("", "1", "", &leaf(50, 5000, false, true)), "4,951–5,000 of 5,000");
        let many = leaf(50, 100_000, true, true);
        assert_eq!(shown("5.5", "", "51", &many), "51–100 of more than 100,000");
        assert_eq!(shown("", "1", "", &many), "50 of more than 100,000");
        for at in ["", "0", "-1", "x", "4990", "18446744073709551616"] {
            assert_eq!(shown("5.5", "", at, &leaf(50, 5000, false, true)), "50 of 5,000", "{at}");
        }
        assert_eq!(shown("", "", "", &leaf(0, 0, false, false)), "");
        assert_eq!(shown("5.5", "", "18446744073709551615", &many), "50 of more than 100,000");
    }
}
