//! The list of a task's instances, read as cheaply as it can be: a page is a range of ordinals, a
//! filtered list goes by index, and rows are handed over borrowed.

use crate::{SqlRow, SqlValue, StorageError, Transaction, values};
use domain::id::{InstanceId, OrganizationId, TaskId};
use domain::instance::{CandidateKind, InstanceChange, InstanceState};
use domain::time::Timestamp;
use std::sync::LazyLock;

/// What a list says about its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskHead {
    pub revision: i64,
    pub revised_at: Timestamp,
    pub instance_count: i64,
}

/// What a list says about its task, where the task lies, and in which history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskHeadInFolder {
    pub head: TaskHead,
    pub folder: String,
    /// The epoch of the history that goes on; none before there is one.
    pub epoch: Option<String>,
}

/// One row of a small table, looked up by its key.
const EPOCH: &str = "(SELECT h.epoch FROM history_epoch h ORDER BY h.number DESC LIMIT 1)";

/// How much of each instance is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingDetail {
    Basic,
    Detailed,
}

/// A filter that looks at values which never change, erasure apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListingFilter<'a> {
    /// Instances of this candidate.
    Ticket(&'a str),
    /// Instances of this candidate, or of the user with this id.
    TicketOrOwner(&'a str),
    ExternalId(&'a str),
}

/// One listed instance; it lives as long as its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedInstance<'row> {
    pub id: &'row str,
    pub step_id: &'row str,
    pub candidate_id: &'row str,
    pub ordinal: i64,
    pub revision: i64,
    pub change_kind: InstanceChange,
    pub changed_at: Timestamp,
    pub state: InstanceState,
    pub ignored: bool,
    pub completed_at: Option<Timestamp>,
    /// JSON, ready to send.
    pub result_basic: Option<&'row str>,
    /// With [`ListingDetail::Detailed`].
    pub details: Option<ListedDetails<'row>>,
}

/// What a detailed list adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedDetails<'row> {
    pub candidate_kind: CandidateKind,
    pub owner_id: &'row str,
    pub folder: &'row str,
    pub group_name: &'row str,
    /// JSON list.
    pub labels: &'row str,
    /// JSON object.
    pub tags: &'row str,
    /// JSON, ready to send.
    pub result_detailed: Option<&'row str>,
}

/// What takes the rows.
pub type ListedCallback<'a> = &'a mut dyn FnMut(ListedInstance<'_>) -> Result<(), StorageError>;

const BASIC: &str = "id, step_id, candidate_id, ordinal, revision, change_kind, changed_at, state, ignored, \
    completed_at, result_basic";
const DETAILED: &str = "id, step_id, candidate_id, ordinal, revision, change_kind, changed_at, state, ignored, \
    completed_at, result_basic, candidate_kind, owner_id, folder, group_name, labels, tags, result_detailed";

const fn columns(mode: ListingDetail) -> &'static str {
    match mode {
        ListingDetail::Basic => BASIC,
        ListingDetail::Detailed => DETAILED,
    }
}

pub(super) fn select(mode: ListingDetail, rest: &str) -> String {
    format!("SELECT {} FROM instance WHERE {rest}", columns(mode))
}

pub(super) fn read(
    row: &dyn SqlRow,
    mode: ListingDetail,
) -> Result<ListedInstance<'_>, StorageError> {
    Ok(ListedInstance {
        id: row.get(0)?,
        step_id: row.get(1)?,
        candidate_id: row.get(2)?,
        ordinal: row.get(3)?,
        revision: row.get(4)?,
        change_kind: row.get(5)?,
        changed_at: row.get(6)?,
        state: row.get(7)?,
        ignored: row.get(8)?,
        completed_at: row.get(9)?,
        result_basic: row.get(10)?,
        details: (mode == ListingDetail::Detailed).then(|| read_details(row)).transpose()?,
    })
}

fn read_details(row: &dyn SqlRow) -> Result<ListedDetails<'_>, StorageError> {
    Ok(ListedDetails {
        candidate_kind: row.get(11)?,
        owner_id: row.get(12)?,
        folder: row.get(13)?,
        group_name: row.get(14)?,
        labels: row.get(15)?,
        tags: row.get(16)?,
        result_detailed: row.get(17)?,
    })
}

/// The task's part of a list; none when the organization has no such task.
pub fn task_head(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
) -> Result<Option<TaskHead>, StorageError> {
    Ok(task_head_in_folder(tx, organization, task)?.map(|placed| placed.head))
}

/// [`task_head`] with the task's folder, by which keys may be limited: both from one statement.
pub fn task_head_in_folder(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
) -> Result<Option<TaskHeadInFolder>, StorageError> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT revision, revised_at, instance_count, folder, {EPOCH} FROM task WHERE organization_id = $1 AND id = $2"
        )
    });
    tx.find(&TEXT, values![organization, task], |row| read_placed_head(row, 0))
}

/// The head whose columns begin at `from`.
fn read_placed_head(row: &dyn SqlRow, from: usize) -> Result<TaskHeadInFolder, StorageError> {
    let head = TaskHead {
        revision: row.get(from)?,
        revised_at: row.get(from + 1)?,
        instance_count: row.get(from + 2)?,
    };
    Ok(TaskHeadInFolder { head, folder: row.get(from + 3)?, epoch: row.get(from + 4)? })
}

/// [`task_head_in_folder`] and [`page_by_ordinals`], in one statement where a second one would be a
/// second way to the database. Of another organization's task nothing is handed over.
pub fn page_with_head(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    first: i64,
    last: i64,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<Option<TaskHeadInFolder>, StorageError> {
    if !tx.has_round_trip_cost() {
        let placed = task_head_in_folder(tx, organization, task)?;
        if placed.is_some() {
            page_by_ordinals(tx, task, first, last, mode, each)?;
        }
        return Ok(placed);
    }
    let mut placed = None;
    let values = values![organization, task, first, last];
    tx.query(select_headed(mode), values, &mut |row| {
        if placed.is_none() {
            placed = Some(read_placed_head(row, columns(mode).split(", ").count())?);
        }
        // A task without instances there is a row of its own.
        match row.get::<Option<&str>>(0)? {
            Some(_) => each(read(row, mode)?),
            None => Ok(()),
        }
    })?;
    Ok(placed)
}

/// The text is put together once, not at every request.
fn select_headed(mode: ListingDetail) -> &'static str {
    static BASIC_TEXT: LazyLock<String> = LazyLock::new(|| headed(ListingDetail::Basic));
    static DETAILED_TEXT: LazyLock<String> = LazyLock::new(|| headed(ListingDetail::Detailed));
    match mode {
        ListingDetail::Basic => &BASIC_TEXT,
        ListingDetail::Detailed => &DETAILED_TEXT,
    }
}

fn headed(mode: ListingDetail) -> String {
    let columns = columns(mode).replace(", ", ", i.");
    // The range stands in ON: in WHERE a page without instances would be no row at all, and the
    // task would seem not to exist.
    format!(
        "SELECT i.{columns}, t.revision, t.revised_at, t.instance_count, t.folder, {EPOCH} FROM task AS t LEFT JOIN instance AS i \
        ON i.task_id = t.id AND i.ordinal BETWEEN $3 AND $4 WHERE t.organization_id = $1 AND t.id = $2 ORDER BY i.ordinal"
    )
}

/// The instances with ordinals `first` to `last`, in this order. The task was found with
/// [`task_head`].
pub fn page_by_ordinals(
    tx: &mut dyn Transaction,
    task: &TaskId,
    first: i64,
    last: i64,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<(), StorageError> {
    let sql = select(mode, "task_id = $1 AND ordinal BETWEEN $2 AND $3 ORDER BY ordinal");
    tx.query(&sql, values![task, first, last], &mut |row| each(read(row, mode)?))
}

/// The condition of a filter on `$1`, the task, and `$2`, the value.
fn condition<'a>(filter: &ListingFilter<'a>) -> (&'static str, SqlValue<'a>) {
    match *filter {
        ListingFilter::Ticket(id) => ("task_id = $1 AND candidate_id = $2", SqlValue::Text(id)),
        ListingFilter::TicketOrOwner(id) => (
            // Two searches put together: an OR would walk the whole task for the sake of the order.
            "id IN (SELECT id FROM instance WHERE task_id = $1 AND candidate_id = $2 UNION ALL \
            SELECT id FROM instance WHERE task_id = $1 AND owner_id = $2 AND owner_id <> candidate_id)",
            SqlValue::Text(id),
        ),
        ListingFilter::ExternalId(id) => ("task_id = $1 AND external_id = $2", SqlValue::Text(id)),
    }
}

/// How many instances of a task fit a filter.
pub fn count(
    tx: &mut dyn Transaction,
    task: &TaskId,
    filter: &ListingFilter<'_>,
) -> Result<i64, StorageError> {
    let (condition, value) = condition(filter);
    let sql = format!("SELECT count(*) FROM instance WHERE {condition}");
    tx.integer(&sql, &[SqlValue::Text(task.as_str()), value])
}

/// The instances of a task that fit a filter, in creation order, some left out at the front.
pub fn filtered_page(
    tx: &mut dyn Transaction,
    task: &TaskId,
    filter: &ListingFilter<'_>,
    limit: i64,
    skip: i64,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<(), StorageError> {
    let (condition, value) = condition(filter);
    let sql = select(mode, &format!("{condition} ORDER BY ordinal LIMIT $3 OFFSET $4"));
    let values =
        [SqlValue::Text(task.as_str()), value, SqlValue::Integer(limit), SqlValue::Integer(skip)];
    tx.query(&sql, &values, &mut |row| each(read(row, mode)?))
}

/// The instances whose last change has a revision above `since`, in the order of their changes.
pub fn changes(
    tx: &mut dyn Transaction,
    task: &TaskId,
    since: i64,
    limit: i64,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<(), StorageError> {
    let sql = select(mode, "task_id = $1 AND revision > $2 ORDER BY revision LIMIT $3");
    tx.query(&sql, values![task, since, limit], &mut |row| each(read(row, mode)?))
}

/// One instance as the list shows it. True when there is one.
pub fn one(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    instance: &InstanceId,
    mode: ListingDetail,
    each: ListedCallback<'_>,
) -> Result<bool, StorageError> {
    let sql = select(mode, "organization_id = $1 AND task_id = $2 AND id = $3");
    let mut found = false;
    tx.query(&sql, values![organization, task, instance], &mut |row| {
        found = true;
        each(read(row, mode)?)
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{StorageFixture, instance};
    use crate::instance::InstanceRow;

    /// Ten instances: odd ones of candidate Ca1, even ones of Ca2, who is the user Us1; every third
    /// is E3.
    fn listed() -> StorageFixture {
        let fixture = StorageFixture::with_two_candidates();
        fixture.write(|tx| {
            (1..=10).try_for_each(|n| {
                let (candidate, owner) = if n % 2 == 1 { ("Ca1", "Ca1") } else { ("Ca2", "Us1") };
                let row = InstanceRow {
                    owner_id: owner.into(),
                    state: InstanceState::Complete,
                    external_id: (n % 3 == 0).then(|| "E3".to_owned()),
                    result_basic: Some(format!("{{\"n\":{n}}}")),
                    ..instance(&format!("Ti{n}"), candidate, n)
                };
                crate::instance::insert(tx, &row)
            })
        });
        fixture
    }

    fn ordinals(
        fixture: &StorageFixture,
        filter: fn() -> ListingFilter<'static>,
        limit: i64,
        skip: i64,
    ) -> Vec<i64> {
        fixture.read(move |tx| {
            let mut seen = Vec::new();
            filtered_page(
                tx,
                &"Tk1".into(),
                &filter(),
                limit,
                skip,
                ListingDetail::Basic,
                &mut |row| {
                    seen.push(row.ordinal);
                    Ok(())
                },
            )?;
            Ok(seen)
        })
    }

    #[test]
    fn another_organization_has_no_such_list() {
        let fixture = listed();
        assert_eq!(fixture.read(|tx| task_head(tx, &"Og2".into(), &"Tk1".into())), None);
        let found = |organization: &'static str, task: &'static str| {
            fixture.read(move |tx| {
                one(
                    tx,
                    &organization.into(),
                    &task.into(),
                    &"Ti1".into(),
                    ListingDetail::Basic,
                    &mut |_| Ok(()),
                )
            })
        };
        assert!(!found("Og2", "Tk1"));
        assert!(!found("Og1", "Tk2"));
        assert!(found("Og1", "Tk1"));
    }

    #[test]
    fn a_page_past_the_end_and_a_filter_without_match_are_empty() {
        let fixture = listed();
        let rows = fixture.read(|tx| {
            let mut rows = 0;
            page_by_ordinals(tx, &"Tk1".into(), 11, 20, ListingDetail::Detailed, &mut |_| {
                rows += 1;
                Ok(())
            })?;
            Ok(rows)
        });
        assert_eq!(rows, 0);
        assert_eq!(
            ordinals(&fixture, || ListingFilter::ExternalId("e3"), 10, 0),
            Vec::<i64>::new()
        );
    }

    #[test]
    fn a_page_read_with_its_head_is_the_page_and_the_head() {
        let fixture = listed();
        for (first, last) in [(1, 10), (3, 5), (10, 10), (11, 20), (5, 4)] {
            for mode in [ListingDetail::Basic, ListingDetail::Detailed] {
                let (together, apart) = fixture.read(move |tx| {
                    let (organization, task) = (&"Og1".into(), &"Tk1".into());
                    let (mut together, mut apart) = (Vec::new(), Vec::new());
                    let placed =
                        page_with_head(tx, organization, task, first, last, mode, &mut |row| {
                            together.push(format!("{row:?}"));
                            Ok(())
                        })?;
                    page_by_ordinals(tx, task, first, last, mode, &mut |row| {
                        apart.push(format!("{row:?}"));
                        Ok(())
                    })?;
                    Ok(((placed, together), (task_head_in_folder(tx, organization, task)?, apart)))
                });
                assert!(apart.0.is_some());
                assert_eq!(together, apart, "{first} to {last}, {mode:?}");
            }
        }
    }

    #[test]
    fn a_page_of_another_organization_has_neither_head_nor_rows() {
        let fixture = listed();
        let read = fixture.read(|tx| {
            let mut rows = 0;
            let placed = page_with_head(
                tx,
                &"Og2".into(),
                &"Tk1".into(),
                1,
                10,
                ListingDetail::Basic,
                &mut |_| {
                    rows += 1;
                    Ok(())
                },
            )?;
            Ok((placed, rows))
        });
        assert_eq!(read, (None, 0));
    }

    #[test]
    fn an_error_of_the_taker_ends_the_page() {
        let fixture = listed();
        let ended = fixture.try_read(|tx| {
            page_by_ordinals(tx, &"Tk1".into(), 1, 10, ListingDetail::Basic, &mut |_| {
                Err(StorageError::Closed)
            })
        });
        assert_eq!(ended, Err(StorageError::Closed));
    }

    #[test]
    fn filters_find_by_candidate_by_person_and_by_external_id() {
        let fixture = listed();
        assert_eq!(ordinals(&fixture, || ListingFilter::Ticket("Ca2"), 10, 0), [2, 4, 6, 8, 10]);
        assert_eq!(ordinals(&fixture, || ListingFilter::Ticket("Us1"), 10, 0), Vec::<i64>::new());
        assert_eq!(ordinals(&fixture, || ListingFilter::TicketOrOwner("Us1"), 2, 1), [4, 6]);
        assert_eq!(
            ordinals(&fixture, || ListingFilter::TicketOrOwner("Ca1"), 10, 0),
            [1, 3, 5, 7, 9]
        );
        assert_eq!(ordinals(&fixture, || ListingFilter::ExternalId("E3"), 10, 0), [3, 6, 9]);
        assert_eq!(
            fixture.read(|tx| count(tx, &"Tk1".into(), &ListingFilter::TicketOrOwner("Us1"))),
            5
        );
    }

    #[test]
    fn a_detailed_row_has_all_of_a_basic_one() {
        let fixture = listed();
        let rows = |mode| {
            fixture.read(move |tx| {
                let mut rows = Vec::new();
                page_by_ordinals(tx, &"Tk1".into(), 2, 3, mode, &mut |row| {
                    rows.push(format!("{:?}", ListedInstance { details: None, ..row }));
                    assert_eq!(
                        row.details.map(|details| details.group_name),
                        (mode == ListingDetail::Detailed).then_some("default")
                    );
                    Ok(())
                })?;
                Ok(rows)
            })
        };
        assert_eq!(rows(ListingDetail::Basic), rows(ListingDetail::Detailed));
        assert!(rows(ListingDetail::Basic)[0].contains("Ti2"));
    }

    #[test]
    fn changes_follow_the_revision_they_were_read_at() {
        let fixture = listed();
        let seen = fixture.read(|tx| {
            let mut seen = Vec::new();
            changes(tx, &"Tk1".into(), 7, 2, ListingDetail::Basic, &mut |row| {
                seen.push((row.revision, row.change_kind));
                Ok(())
            })?;
            Ok(seen)
        });
        assert_eq!(seen, [(8, InstanceChange::Started), (9, InstanceChange::Started)]);
    }

    #[test]
    fn every_list_goes_by_its_index() {
        let fixture = StorageFixture::embedded();
        let filtered = |filter: ListingFilter<'_>| {
            select(
                ListingDetail::Basic,
                &format!("{} ORDER BY ordinal LIMIT $3 OFFSET $4", condition(&filter).0),
            )
        };
        let basic = |rest: &str| select(ListingDetail::Basic, rest);
        let cases = [
            (
                basic("task_id = $1 AND ordinal BETWEEN $2 AND $3 ORDER BY ordinal"),
                "instance_by_ordinal (task_id=? AND ordinal>?",
            ),
            (
                basic("task_id = $1 AND revision > $2 ORDER BY revision LIMIT $3"),
                "instance_by_revision (task_id=? AND",
            ),
            (filtered(ListingFilter::Ticket("")), "instance_by_candidate (candidate_id=?"),
            (
                filtered(ListingFilter::ExternalId("")),
                "instance_by_external_id (task_id=? AND external_id=?",
            ),
            (
                filtered(ListingFilter::TicketOrOwner("")),
                "instance_by_owner (task_id=? AND owner_id=?",
            ),
        ];
        for (sql, index) in cases {
            let plan = fixture.query_plan(&sql);
            assert!(plan.contains(index) && !plan.contains("SCAN"), "{sql}: {plan}");
            // One person's few instances are put in order; everything else comes in it.
            assert!(plan.contains("SUBQUERY") || !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        }
    }
}
