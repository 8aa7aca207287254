//! Staff's table of a task's instances: filtered by everything lists and searches filter by, in one
//! of three orders.

use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::results::authorized_head;
use crate::services::ResultService;
use domain::decimal::Decimal;
use domain::id::TaskId;
use domain::role::Right;
use serde::Deserialize;
use serde_json::value::RawValue;
use storage::Transaction;
pub use storage::candidate::ExactCandidateFilter;
pub use storage::result_table::{
    ResultCursor, ResultFilter, ResultOrder, ResultOutcome, ResultPageRange, ResultRow,
};
pub use storage::search::InstanceMetaFilter;

/// Rows looked through at once where a label makes some fall out.
const STRIDE: i64 = 1000;
/// Rows that are counted; of more it is said that they are more.
pub const MOST_COUNTED: i64 = 100_000;
/// Levels there are to choose from.
const MOST_LEVELS: usize = 50;

/// Which page of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultTableQuery {
    pub filter: ResultFilter,
    pub order: ResultOrder,
    pub is_descending: bool,
    pub from: ResultTableStart,
    /// 1 to 1000.
    pub limit: usize,
}

/// Where a page lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultTableStart {
    #[default]
    First,
    Behind(ResultCursor),
    Before(ResultCursor),
    Last,
}

/// A page of the table, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultTablePage {
    pub rows: Vec<ResultRow>,
    pub has_earlier: bool,
    pub has_later: bool,
    /// All instances of the task, whatever is asked for.
    pub instance_count: i64,
    /// Those that fit the filter and are in the order.
    pub fitting: BoundedCount,
    /// Whether the caller may see and search names.
    pub sees_names: bool,
}

/// What results of a task can be narrowed down to at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultOverview {
    pub passed: BoundedCount,
    pub not_passed: BoundedCount,
    pub waiting: BoundedCount,
    /// In ascending order.
    pub levels: Vec<String>,
}

/// A number that is not counted to its end where it is large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BoundedCount {
    pub count: i64,
    /// There are more.
    pub is_more: bool,
}

impl BoundedCount {
    const fn of(counted: i64, most: i64) -> Self {
        if counted > most {
            Self { count: most, is_more: true }
        } else {
            Self { count: counted, is_more: false }
        }
    }
}

/// The published figures of a basic result, each with the digits of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedFigures {
    pub points: Decimal,
    pub maximum: Decimal,
    pub ratio: Decimal,
}

impl ResultService {
    /// A page of a task's instances. Names are given to whoever may see candidates.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`, and for searching or ordering by name
    /// without `candidates:read`; [`Failure::NotFound`] for the task.
    pub async fn result_table_page(
        &self,
        caller: &Caller,
        task: &TaskId,
        query: ResultTableQuery,
    ) -> Result<ResultTablePage, Failure> {
        caller.require(Right::ReadResults)?;
        require_names(caller, &query.filter, query.order)?;
        self.delivery().ensure_deadlines_swept().await?;
        let sees_names = caller.require(Right::ReadCandidates).is_ok();
        let (caller, task) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            let head = authorized_head(tx, &caller, &task)?;
            let mut leaf = leaf(tx, &caller, &task, &query)?;
            leaf.instance_count = head.instance_count;
            leaf.sees_names = sees_names;
            leaf.fitting = fitting(tx, &caller, &task, &query, &leaf)?;
            if !sees_names {
                leaf.rows.iter_mut().for_each(|row| (row.fullname, row.email) = (None, None));
            }
            Ok(leaf)
        };
        self.storage().read(read).await
    }

    /// How many instances fit a filter, counted as far as `most`.
    ///
    /// # Errors
    /// As [`ResultService::result_table_page`].
    pub async fn count_results(
        &self,
        caller: &Caller,
        task: &TaskId,
        filter: ResultFilter,
        most: i64,
    ) -> Result<BoundedCount, Failure> {
        caller.require(Right::ReadResults)?;
        require_names(caller, &filter, ResultOrder::Created)?;
        let (caller, task) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            let head = authorized_head(tx, &caller, &task)?;
            let counted = if filter == ResultFilter::default() {
                head.instance_count
            } else {
                counted(tx, &caller, &task, &filter, ResultOrder::Created, most)?
            };
            Ok(BoundedCount::of(counted, most))
        };
        self.storage().read(read).await
    }

    /// The outcomes of a task's results with their numbers, and the levels.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task.
    pub async fn result_overview(
        &self,
        caller: &Caller,
        task: &TaskId,
    ) -> Result<ResultOverview, Failure> {
        caller.require(Right::ReadResults)?;
        let (caller, task) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            authorized_head(tx, &caller, &task)?;
            let mut count = |filter: &ResultFilter| {
                let counted =
                    counted(tx, &caller, &task, filter, ResultOrder::Created, MOST_COUNTED)?;
                Ok::<_, Failure>(BoundedCount::of(counted, MOST_COUNTED))
            };
            let outcome =
                |outcome| ResultFilter { outcome: Some(outcome), ..ResultFilter::default() };
            Ok(ResultOverview {
                passed: count(&outcome(ResultOutcome::Passed))?,
                not_passed: count(&outcome(ResultOutcome::NotPassed))?,
                waiting: count(&ResultFilter { is_waiting: true, ..ResultFilter::default() })?,
                levels: storage::result_table::levels(tx, &task, MOST_LEVELS)?,
            })
        };
        self.storage().read(read).await
    }
}

/// Who may not see names learns none of them by searching or ordering.
pub(crate) fn require_names(
    caller: &Caller,
    filter: &ResultFilter,
    order: ResultOrder,
) -> Result<(), Failure> {
    if filter.text.is_some() || order == ResultOrder::Name {
        caller.require(Right::ReadCandidates)?;
    }
    Ok(())
}

fn fitting(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    query: &ResultTableQuery,
    leaf: &ResultTablePage,
) -> Result<BoundedCount, Failure> {
    let has_all = matches!(query.order, ResultOrder::Created | ResultOrder::Name);
    if has_all && query.filter == ResultFilter::default() {
        return Ok(BoundedCount { count: leaf.instance_count, is_more: false });
    }
    if !leaf.has_earlier && !leaf.has_later {
        let count = i64::try_from(leaf.rows.len()).unwrap_or(i64::MAX);
        return Ok(BoundedCount { count, is_more: false });
    }
    let counted = counted(tx, caller, task, &query.filter, query.order, MOST_COUNTED)?;
    Ok(BoundedCount::of(counted, MOST_COUNTED))
}

/// One more than `most`, when there are more.
fn counted(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    filter: &ResultFilter,
    order: ResultOrder,
    most: i64,
) -> Result<i64, Failure> {
    let organization = &caller.organization;
    Ok(storage::result_table::count(tx, organization, task, filter, order, most.saturating_add(1))?)
}

fn leaf(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    query: &ResultTableQuery,
) -> Result<ResultTablePage, Failure> {
    let (is_backward, behind) = match query.from {
        ResultTableStart::First => (false, None),
        ResultTableStart::Behind(spot) => (false, Some(spot)),
        ResultTableStart::Before(spot) => (true, Some(spot)),
        ResultTableStart::Last => (true, None),
    };
    let run = ResultPageRange {
        order: query.order,
        is_descending: query.is_descending != is_backward,
        behind,
        limit: 0,
    };
    let mut rows = collect(tx, caller, task, query, run)?;
    let has_more = rows.len() > query.limit;
    rows.truncate(query.limit);
    let (has_earlier, has_later) =
        if is_backward { (has_more, behind.is_some()) } else { (behind.is_some(), has_more) };
    if is_backward {
        rows.reverse();
    }
    Ok(ResultTablePage { rows, has_earlier, has_later, ..ResultTablePage::default() })
}

/// One row more than asked for, when there is one.
fn collect(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    query: &ResultTableQuery,
    mut run: ResultPageRange,
) -> Result<Vec<ResultRow>, Failure> {
    let enough = query.limit + 1;
    run.limit =
        if query.filter.label.is_some() { STRIDE } else { i64::try_from(enough).unwrap_or(STRIDE) };
    let mut rows = Vec::new();
    loop {
        let found =
            storage::result_table::page(tx, &caller.organization, task, &query.filter, &run)?;
        let is_end = i64::try_from(found.len()).unwrap_or(i64::MAX) < run.limit;
        run.behind = found.last().map(|row| row.spot);
        for row in found {
            if has_label(&row, query.filter.label.as_deref())? {
                rows.push(row);
            }
        }
        if is_end || rows.len() >= enough {
            rows.truncate(enough);
            return Ok(rows);
        }
    }
}

fn has_label(row: &ResultRow, label: Option<&str>) -> Result<bool, Failure> {
    let Some(label) = label else { return Ok(true) };
    let labels: Vec<String> = from_json(&row.labels)?;
    Ok(labels.iter().any(|own| own == label))
}

/// The figures of a kept result, as they were printed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScoreboardJson<'text> {
    #[serde(borrow)]
    pub points_achieved: &'text RawValue,
    #[serde(borrow)]
    pub max_achievable_points: &'text RawValue,
    #[serde(borrow)]
    pub achievement_ratio: &'text RawValue,
}

/// The figures of a row with a result that is published: none of an open instance.
///
/// # Errors
/// When the stored text does not read.
pub fn published_figures(row: &ResultRow) -> Result<Option<PublishedFigures>, Failure> {
    #[derive(Deserialize)]
    struct BasicResultJson<'text> {
        #[serde(borrow)]
        scoreboard: ScoreboardJson<'text>,
    }
    let Some(basic) = row.result_basic.as_deref().filter(|_| !row.state.is_open()) else {
        return Ok(None);
    };
    let BasicResultJson { scoreboard } = from_json(basic)?;
    let decimal = |literal: &RawValue| {
        Decimal::parse(literal.get())
            .ok_or_else(|| Failure::internal("a kept figure is no decimal"))
    };
    Ok(Some(PublishedFigures {
        points: decimal(scoreboard.points_achieved)?,
        maximum: decimal(scoreboard.max_achievable_points)?,
        ratio: decimal(scoreboard.achievement_ratio)?,
    }))
}
