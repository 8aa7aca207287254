//! Staff's table of a task's instances: pages behind a place in one of its orders, with who sat and
//! how it went.
//!
//! Every order is an index read from a place onwards, so that the last page costs what the first
//! does. Nothing is counted and nothing is left out by number.

use super::listing::{self, ListedCallback, ListingDetail};
use super::{candidate, search::InstanceMetaFilter};
use crate::{SqlRow, SqlValue, StorageError, Transaction};
use domain::id::{OrganizationId, TaskId};
use domain::instance::{ClosingReason, InstanceState};
use domain::time::Timestamp;

/// What the rows are ordered by; the ordinal decides between equals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultOrder {
    #[default]
    Created,
    /// Those that were completed only.
    Completed,
    /// Those that have a result only.
    Ratio,
}

/// A place in an order: the value it orders by, and the ordinal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultCursor {
    pub key: i64,
    pub ordinal: i64,
}

/// Where a page begins and how it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultPageRange {
    pub order: ResultOrder,
    pub is_descending: bool,
    /// The row before the first; none is the beginning.
    pub behind: Option<ResultCursor>,
    pub limit: i64,
}

/// What all rows have; absent is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultFilter {
    pub meta: InstanceMetaFilter,
    pub candidate: Option<candidate::ExactCandidateFilter>,
    /// The candidate's own id, or the user's.
    pub person: Option<String>,
    pub external_id: Option<String>,
    /// One of the labels. Rows may come that only look as if they had it.
    pub label: Option<String>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    pub id: String,
    pub step_id: String,
    pub candidate_id: String,
    pub spot: ResultCursor,
    pub state: InstanceState,
    pub ignored: bool,
    pub closing: Option<ClosingReason>,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
    pub erased_at: Option<Timestamp>,
    pub waiting: i64,
    pub result_basic: Option<String>,
    pub group_name: String,
    /// JSON list.
    pub labels: String,
    pub fullname: Option<String>,
    pub email: Option<String>,
    /// Of the latest version.
    pub passed: Option<bool>,
    pub level: Option<String>,
}

impl ResultOrder {
    const fn column(self) -> &'static str {
        match self {
            Self::Created => "ordinal",
            Self::Completed => "completed_at",
            Self::Ratio => "ratio",
        }
    }
}

const COLUMNS: &str = "id, step_id, candidate_id, ordinal, state, ignored, closing, started_at, completed_at, erased_at, \
    waiting, result_basic, group_name, labels, \
    (SELECT fullname FROM candidate c WHERE c.id = instance.candidate_id), \
    (SELECT email FROM candidate c WHERE c.id = instance.candidate_id), \
    (SELECT passed FROM result_version v WHERE v.instance_id = instance.id AND v.number = instance.result_number), \
    (SELECT level FROM result_version v WHERE v.instance_id = instance.id AND v.number = instance.result_number)";

/// A page of a task's instances. The task was found with its organization.
pub fn page(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    result_filter: &ResultFilter,
    run: &ResultPageRange,
) -> Result<Vec<ResultRow>, StorageError> {
    let pattern = result_filter.label.as_deref().map(like);
    let mut builder = ResultQueryBuilder {
        values: vec![SqlValue::Text(organization.as_str()), SqlValue::Text(task.as_str())],
        sql: first(),
    };
    builder.want(result_filter, pattern.as_deref());
    let sql = builder.ordered(run);
    tx.list(&sql, &builder.values, read)
}

/// The table's instances behind an ordinal, in creation order, as lists have them. The task was
/// found with its organization.
#[allow(clippy::too_many_arguments, reason = "each is a different thing to say")]
pub fn each_behind(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    result_filter: &ResultFilter,
    after: i64,
    limit: i64,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<(), StorageError> {
    let pattern = result_filter.label.as_deref().map(like);
    let mut builder = ResultQueryBuilder {
        values: vec![SqlValue::Text(organization.as_str()), SqlValue::Text(task.as_str())],
        sql: first(),
    };
    builder.want(result_filter, pattern.as_deref());
    builder.demand("ordinal >", SqlValue::Integer(after), "");
    builder.values.push(SqlValue::Integer(limit));
    let sql = listing::select(
        mode,
        &format!("{} ORDER BY ordinal LIMIT ${}", builder.sql, builder.values.len()),
    );
    tx.query(&sql, &builder.values, &mut |row| each(listing::read(row, mode)?))
}

/// Names the organization too: the statement of candidates needs it first.
fn first() -> String {
    "organization_id = $1 AND task_id = $2".to_owned()
}

/// A statement while it is put together.
struct ResultQueryBuilder<'a> {
    sql: String,
    values: Vec<SqlValue<'a>>,
}

impl<'a> ResultQueryBuilder<'a> {
    /// Puts `before $n after` to the conditions.
    fn demand(&mut self, before: &str, value: SqlValue<'a>, after: &str) {
        self.values.push(value);
        self.sql.push_str(&format!(" AND {before} ${}{after}", self.values.len()));
    }

    fn want(&mut self, result_filter: &'a ResultFilter, pattern: Option<&'a str>) {
        if let Some(filter) = &result_filter.candidate {
            let (condition, parameters) = filter.condition();
            self.values.extend(parameters);
            self.sql.push_str(&format!(
                " AND candidate_id IN (SELECT id FROM candidate WHERE {condition})"
            ));
        }
        if let Some(person) = &result_filter.person {
            // As in lists: two searches put together, because an OR would walk the whole task.
            self.values.push(SqlValue::Text(person));
            let n = self.values.len();
            self.sql.push_str(&format!(
                " AND id IN (SELECT id FROM instance WHERE task_id = $2 AND candidate_id = ${n} UNION ALL \
                SELECT id FROM instance WHERE task_id = $2 AND owner_id = ${n} AND owner_id <> candidate_id)"
            ));
        }
        if let Some(id) = &result_filter.external_id {
            self.demand("external_id =", SqlValue::Text(id), "");
        }
        for (condition, value) in result_filter.meta.demands() {
            self.demand(condition, value, "");
        }
        if let Some(pattern) = pattern {
            self.demand("labels LIKE", SqlValue::Text(pattern), " ESCAPE '!'");
        }
    }

    fn ordered(&mut self, run: &ResultPageRange) -> String {
        let column = run.order.column();
        let (sign, way) = if run.is_descending { ("<", "DESC") } else { (">", "ASC") };
        if run.order != ResultOrder::Created {
            self.sql.push_str(&format!(" AND {column} IS NOT NULL"));
        }
        if let Some(ResultCursor { key, ordinal }) = run.behind {
            if run.order == ResultOrder::Created {
                self.demand(&format!("ordinal {sign}"), SqlValue::Integer(ordinal), "");
            } else {
                self.demand(&format!("({column}, ordinal) {sign} ("), SqlValue::Integer(key), "");
                self.values.push(SqlValue::Integer(ordinal));
                self.sql.push_str(&format!(", ${})", self.values.len()));
            }
        }
        self.values.push(SqlValue::Integer(run.limit));
        let order = if run.order == ResultOrder::Created {
            String::new()
        } else {
            format!("{column} {way}, ")
        };
        let condition = &self.sql;
        let limit = self.values.len();
        format!(
            "SELECT {COLUMNS}, {} FROM instance WHERE {condition} ORDER BY {order}ordinal {way} LIMIT ${limit}",
            run.order.column()
        )
    }
}

/// The pattern of a JSON list of texts with this one in it.
fn like(label: &str) -> String {
    let quoted = domain::json::quote(label);
    let escaped: String = quoted.chars().fold(String::new(), |mut out, letter| {
        if matches!(letter, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(letter);
        out
    });
    format!("%{escaped}%")
}

fn read(row: &dyn SqlRow) -> Result<ResultRow, StorageError> {
    Ok(ResultRow {
        id: row.get(0)?,
        step_id: row.get(1)?,
        candidate_id: row.get(2)?,
        spot: ResultCursor { key: row.get(18)?, ordinal: row.get(3)? },
        state: row.get(4)?,
        ignored: row.get(5)?,
        closing: row.get(6)?,
        started_at: row.get(7)?,
        completed_at: row.get(8)?,
        erased_at: row.get(9)?,
        waiting: row.get(10)?,
        result_basic: row.get(11)?,
        group_name: row.get(12)?,
        labels: row.get(13)?,
        fullname: row.get(14)?,
        email: row.get(15)?,
        passed: row.get(16)?,
        level: row.get(17)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture, instance};
    use crate::instance::InstanceRow;

    /// Six instances: the first open, the others complete with ratios 0, 3, 1, 3 and 2; even ones
    /// with a label.
    fn browsed() -> StorageFixture {
        let fixture = StorageFixture::with_two_candidates();
        fixture.write(|tx| {
            for (n, ratio) in (1..).zip([None, Some(0), Some(3), Some(1), Some(3), Some(2)]) {
                let row = InstanceRow {
                    state: if ratio.is_some() {
                        InstanceState::Complete
                    } else {
                        InstanceState::Started
                    },
                    ratio,
                    completed_at: ratio.map(|_| NOW.plus_seconds(100 - n)),
                    labels: if n % 2 == 0 { r#"["50%_x"]"#.into() } else { r#"["50 ax"]"#.into() },
                    ..instance(&format!("Ti{n}"), if n % 2 == 1 { "Ca1" } else { "Ca2" }, n)
                };
                crate::instance::insert(tx, &row)?;
            }
            Ok(())
        });
        fixture
    }

    fn pages(
        fixture: &StorageFixture,
        result_filter: ResultFilter,
        order: ResultOrder,
        is_descending: bool,
    ) -> Vec<i64> {
        fixture.read(move |tx| {
            let (mut seen, mut behind) = (Vec::new(), None);
            loop {
                let run = ResultPageRange { order, is_descending, behind, limit: 2 };
                let rows = page(tx, &"Og1".into(), &"Tk1".into(), &result_filter, &run)?;
                let Some(last) = rows.last() else { return Ok(seen) };
                behind = Some(last.spot);
                seen.extend(rows.iter().map(|row| row.spot.ordinal));
            }
        })
    }

    #[test]
    fn every_order_is_walked_page_by_page_without_a_gap_and_equals_keep_their_order() {
        let fixture = browsed();
        let walk =
            |order, is_descending| pages(&fixture, ResultFilter::default(), order, is_descending);
        assert_eq!(walk(ResultOrder::Created, false), [1, 2, 3, 4, 5, 6]);
        assert_eq!(walk(ResultOrder::Created, true), [6, 5, 4, 3, 2, 1]);
        assert_eq!(walk(ResultOrder::Ratio, false), [2, 4, 6, 3, 5]);
        assert_eq!(walk(ResultOrder::Ratio, true), [5, 3, 6, 4, 2]);
        assert_eq!(walk(ResultOrder::Completed, false), [6, 5, 4, 3, 2]);
    }

    #[test]
    fn filters_hold_together() {
        let fixture = browsed();
        let found = |result_filter| pages(&fixture, result_filter, ResultOrder::Created, false);
        assert_eq!(
            found(ResultFilter { label: Some("50%_x".into()), ..ResultFilter::default() }),
            [2, 4, 6]
        );
        assert_eq!(
            found(ResultFilter { person: Some("Ca1".into()), ..ResultFilter::default() }),
            [1, 3, 5]
        );
        let open = InstanceMetaFilter {
            state: Some(InstanceState::Started),
            ..InstanceMetaFilter::default()
        };
        assert_eq!(found(ResultFilter { meta: open.clone(), ..ResultFilter::default() }), [1]);
        assert_eq!(
            found(ResultFilter {
                meta: open,
                person: Some("Ca2".into()),
                ..ResultFilter::default()
            }),
            Vec::<i64>::new()
        );
        let nobody = candidate::ExactCandidateFilter {
            email: Some("a@example.com".into()),
            ..Default::default()
        };
        assert_eq!(
            found(ResultFilter { candidate: Some(nobody), ..ResultFilter::default() }),
            Vec::<i64>::new()
        );
        assert_eq!(
            found(ResultFilter { external_id: Some("x".into()), ..ResultFilter::default() }),
            Vec::<i64>::new()
        );
    }

    #[test]
    fn a_run_has_the_rows_of_the_table_behind_an_ordinal() {
        let fixture = browsed();
        let found = |organization: &'static str, result_filter: ResultFilter, after: i64| {
            fixture.read(move |tx| {
                let (organization, task, mut seen) =
                    (organization.into(), "Tk1".into(), Vec::new());
                each_behind(
                    tx,
                    &organization,
                    &task,
                    &result_filter,
                    after,
                    3,
                    ListingDetail::Detailed,
                    &mut |row| {
                        seen.push(row.ordinal);
                        Ok(())
                    },
                )?;
                Ok(seen)
            })
        };
        assert_eq!(found("Og1", ResultFilter::default(), 0), [1, 2, 3]);
        assert_eq!(
            found(
                "Og1",
                ResultFilter { label: Some("50%_x".into()), ..ResultFilter::default() },
                2
            ),
            [4, 6]
        );
        assert_eq!(found("Og2", ResultFilter::default(), 0), Vec::<i64>::new());
    }

    #[test]
    fn another_organization_browses_nothing() {
        let fixture = browsed();
        let run = ResultPageRange {
            order: ResultOrder::Created,
            is_descending: false,
            behind: None,
            limit: 9,
        };
        let rows = fixture
            .read(move |tx| page(tx, &"Og2".into(), &"Tk1".into(), &ResultFilter::default(), &run));
        assert_eq!(rows, []);
    }

    #[test]
    fn every_order_goes_by_its_index_and_sorts_nothing() {
        let fixture = StorageFixture::embedded();
        for (order, index) in [
            (ResultOrder::Created, ["instance_by_ordinal (task_id=? AND", "ordinal"]),
            (ResultOrder::Ratio, ["instance_by_ratio (task_id=? AND", "(ratio,ordinal)"]),
            (
                ResultOrder::Completed,
                ["instance_by_completion (task_id=? AND", "(completed_at,ordinal)"],
            ),
        ] {
            for is_descending in [false, true] {
                let run = ResultPageRange {
                    order,
                    is_descending,
                    behind: Some(ResultCursor { key: 1, ordinal: 1 }),
                    limit: 1,
                };
                let mut builder = ResultQueryBuilder {
                    values: vec![SqlValue::Text("Og1"), SqlValue::Text("Tk1")],
                    sql: first(),
                };
                let plan = fixture.query_plan(&builder.ordered(&run));
                assert!(
                    index.iter().all(|part| plan.contains(part)) && !plan.contains("TEMP B-TREE"),
                    "{order:?}: {plan}"
                );
            }
        }
    }
}
