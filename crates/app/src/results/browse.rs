//! Staff's table of a task's instances: filtered by everything lists and searches filter by, in one of three orders.

use crate::App;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::json::from_json;
use crate::results::head_for;
use domain::decimal::Decimal;
use domain::id::TaskId;
use domain::instance::Scope;
use domain::role::Permission;
use serde::Deserialize;
use serde_json::value::RawValue;
use storage::Transaction;
pub use storage::browse::{Browsed, Order, Run, Spot, Wanted};
pub use storage::candidate::Filter as Whose;
pub use storage::search::Meta;

/// Rows looked through at once where a label makes some fall out.
const STRIDE: i64 = 1000;

/// Which page of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrowseQuery {
    pub wanted: Wanted,
    pub order: Order,
    pub is_descending: bool,
    pub from: From,
    /// 1 to 1000.
    pub limit: usize,
}

/// Where a page lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    #[default]
    First,
    Behind(Spot),
    Before(Spot),
    Last,
}

/// A page of the table, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    pub rows: Vec<Browsed>,
    pub has_earlier: bool,
    pub has_later: bool,
    /// All instances of the task, whatever is asked for.
    pub instance_count: i64,
}

/// The published figures of a basic result, each with the digits of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    pub points: Decimal,
    pub maximum: Decimal,
    pub ratio: Decimal,
}

impl App {
    /// A page of a task's instances. Names are given to whoever may see candidates.
    ///
    /// # Errors
    /// [`Failure::InsufficientScope`] without `results:read`; [`Failure::NotFound`] for the task.
    pub async fn browse_instances(&self, caller: &Caller, task: &TaskId, query: BrowseQuery) -> Result<Leaf, Failure> {
        caller.require(Scope::ResultsRead)?;
        self.settled().await?;
        let sees_names = caller.permit(Permission::Candidates).is_ok();
        let (caller, task) = (caller.clone(), task.clone());
        let read = move |tx: &mut dyn Transaction| {
            let head = head_for(tx, &caller, &task)?;
            let mut leaf = leaf(tx, &caller, &task, &query)?;
            leaf.instance_count = head.instance_count;
            if !sees_names {
                leaf.rows.iter_mut().for_each(|row| (row.fullname, row.email) = (None, None));
            }
            Ok(leaf)
        };
        self.storage().read(read).await
    }
}

fn leaf(tx: &mut dyn Transaction, caller: &Caller, task: &TaskId, query: &BrowseQuery) -> Result<Leaf, Failure> {
    let (is_backward, behind) = match query.from {
        From::First => (false, None),
        From::Behind(spot) => (false, Some(spot)),
        From::Before(spot) => (true, Some(spot)),
        From::Last => (true, None),
    };
    let run = Run { order: query.order, is_descending: query.is_descending != is_backward, behind, limit: 0 };
    let mut rows = collect(tx, caller, task, query, run)?;
    let has_more = rows.len() > query.limit;
    rows.truncate(query.limit);
    let (has_earlier, has_later) =
        if is_backward { (has_more, behind.is_some()) } else { (behind.is_some(), has_more) };
    if is_backward {
        rows.reverse();
    }
    Ok(Leaf { rows, has_earlier, has_later, instance_count: 0 })
}

/// One row more than asked for, when there is one.
fn collect(
    tx: &mut dyn Transaction,
    caller: &Caller,
    task: &TaskId,
    query: &BrowseQuery,
    mut run: Run,
) -> Result<Vec<Browsed>, Failure> {
    let enough = query.limit + 1;
    run.limit = if query.wanted.label.is_some() { STRIDE } else { i64::try_from(enough).unwrap_or(STRIDE) };
    let mut rows = Vec::new();
    loop {
        let found = storage::browse::page(tx, &caller.organization, task, &query.wanted, &run)?;
        let is_end = i64::try_from(found.len()).unwrap_or(i64::MAX) < run.limit;
        run.behind = found.last().map(|row| row.spot);
        for row in found {
            if has_label(&row, query.wanted.label.as_deref())? {
                rows.push(row);
            }
        }
        if is_end || rows.len() >= enough {
            rows.truncate(enough);
            return Ok(rows);
        }
    }
}

fn has_label(row: &Browsed, label: Option<&str>) -> Result<bool, Failure> {
    let Some(label) = label else { return Ok(true) };
    let labels: Vec<String> = from_json(&row.labels)?;
    Ok(labels.iter().any(|own| own == label))
}

/// The figures of a kept result, as they were printed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Board<'text> {
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
pub fn figures(row: &Browsed) -> Result<Option<Figures>, Failure> {
    #[derive(Deserialize)]
    struct Basic<'text> {
        #[serde(borrow)]
        scoreboard: Board<'text>,
    }
    let Some(basic) = row.result_basic.as_deref().filter(|_| !row.state.is_open()) else { return Ok(None) };
    let Basic { scoreboard } = from_json(basic)?;
    let decimal = |literal: &RawValue| {
        Decimal::parse(literal.get()).ok_or_else(|| Failure::internal("a kept figure is no decimal"))
    };
    Ok(Some(Figures {
        points: decimal(scoreboard.points_achieved)?,
        maximum: decimal(scoreboard.max_achievable_points)?,
        ratio: decimal(scoreboard.achievement_ratio)?,
    }))
}
