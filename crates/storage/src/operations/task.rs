//! Tasks, their lock, and the two counters that everything about their instances goes by.

use crate::{StorageError, Transaction, values};
use domain::id::{OrganizationId, TaskId};
use domain::instance::AccessMethod;
use domain::time::Timestamp;

record! {
    /// One assessment process.
    pub struct TaskRow: "task" {
        id: TaskId,
        organization_id: OrganizationId,
        /// Creation order in the organization, from [`crate::organization::next_ordinal`].
        ordinal: i64,
        /// Changes of instances so far (domain rules, 5.9).
        revision: i64,
        /// When the revision was reached.
        revised_at: Timestamp,
        /// The last instance's ordinal.
        instance_count: i64,
        /// The last candidate's ordinal, deleted ones included: not how many there are.
        candidate_count: i64,
        title: String,
        active: bool,
        active_after: Option<Timestamp>,
        active_before: Option<Timestamp>,
        access_method: AccessMethod,
        /// A language or `default`.
        lang: String,
        folder: String,
        favorite: bool,
        /// JSON list.
        labels: String,
        /// JSON object.
        tags: String,
        /// JSON list of `{uuid, name}`.
        programs: String,
        /// JSON list of `{uuid, name}`.
        stages: String,
        /// JSON; none is no form.
        access_form: Option<String>,
        /// JSON list.
        email_templates: String,
        created_at: Timestamp,
    }
}

/// Adds a task; its steps are added beside it.
pub fn insert(tx: &mut dyn Transaction, task: &TaskRow) -> Result<(), StorageError> {
    task.insert_row(tx)
}

/// A task of this organization; another's is none.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
) -> Result<Option<TaskRow>, StorageError> {
    let sql =
        format!("SELECT {} FROM task WHERE organization_id = $1 AND id = $2", TaskRow::columns());
    tx.find(&sql, values![organization, task], TaskRow::read)
}

/// The task of an id, whose organization the caller does not know: a visitor at the task's link.
pub fn find_public(
    tx: &mut dyn Transaction,
    task: &TaskId,
) -> Result<Option<TaskRow>, StorageError> {
    let sql = format!("SELECT {} FROM task WHERE id = $1", TaskRow::columns());
    tx.find(&sql, values![task], TaskRow::read)
}

/// Finds a task and keeps every other transaction from changing its instances or candidates until
/// this one ends. Comes before whatever else such a change reads or writes.
pub fn lock(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
) -> Result<Option<TaskRow>, StorageError> {
    let lock = tx.lock_clause();
    let sql = format!(
        "SELECT {} FROM task WHERE organization_id = $1 AND id = $2{lock}",
        TaskRow::columns()
    );
    tx.find(&sql, values![organization, task], TaskRow::read)
}

/// Takes the task's next revision. None when there is no such task.
pub fn next_revision(
    tx: &mut dyn Transaction,
    task: &TaskId,
    now: Timestamp,
) -> Result<Option<i64>, StorageError> {
    let sql =
        "UPDATE task SET revision = revision + 1, revised_at = $2 WHERE id = $1 RETURNING revision";
    tx.find(sql, values![task, now], |row| row.get(0))
}

/// Takes the task's next instance ordinal. None when there is no such task.
pub fn next_ordinal(tx: &mut dyn Transaction, task: &TaskId) -> Result<Option<i64>, StorageError> {
    let sql = "UPDATE task SET instance_count = instance_count + 1 WHERE id = $1 RETURNING instance_count";
    tx.find(sql, values![task], |row| row.get(0))
}

/// Takes the task's next candidate ordinal. None when there is no such task.
pub fn next_candidate_ordinal(
    tx: &mut dyn Transaction,
    task: &TaskId,
) -> Result<Option<i64>, StorageError> {
    let sql = "UPDATE task SET candidate_count = candidate_count + 1 WHERE id = $1 RETURNING candidate_count";
    tx.find(sql, values![task], |row| row.get(0))
}

/// Sets the counters at once, for seeding many candidates and instances in one transaction.
pub fn set_counters(tx: &mut dyn Transaction, task: &TaskRow) -> Result<(), StorageError> {
    let sql = "UPDATE task SET revision = $2, revised_at = $3, instance_count = $4, candidate_count = $5 WHERE id = $1";
    let values =
        values![task.id, task.revision, task.revised_at, task.instance_count, task.candidate_count];
    tx.execute(sql, values).map(|_| ())
}

/// How many tasks an organization has.
pub fn count(tx: &mut dyn Transaction, organization: &OrganizationId) -> Result<i64, StorageError> {
    tx.integer("SELECT count(*) FROM task WHERE organization_id = $1", values![organization])
}

/// Tasks in creation order, some left out at the front.
pub fn page(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    limit: i64,
    skip: i64,
) -> Result<Vec<TaskRow>, StorageError> {
    let columns = TaskRow::columns();
    let sql = format!(
        "SELECT {columns} FROM task WHERE organization_id = $1 ORDER BY ordinal LIMIT $2 OFFSET $3"
    );
    tx.list(&sql, values![organization, limit, skip], TaskRow::read)
}

/// Hands over every task of an organization in creation order, for searches that SQL cannot do
/// alike on both databases.
pub fn each(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    take: &mut dyn FnMut(TaskRow) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let sql = format!(
        "SELECT {} FROM task WHERE organization_id = $1 ORDER BY ordinal",
        TaskRow::columns()
    );
    tx.query(&sql, values![organization], &mut |row| take(TaskRow::read(row)?))
}

/// Writes all that staff may change of a task back; the counters stay. True when there was such a
/// task.
pub fn update(tx: &mut dyn Transaction, task: &TaskRow) -> Result<bool, StorageError> {
    let sql = "UPDATE task SET title = $3, active = $4, active_after = $5, active_before = $6, access_method = $7, \
        lang = $8, folder = $9, favorite = $10, labels = $11, tags = $12, programs = $13, stages = $14, \
        access_form = $15, email_templates = $16 WHERE organization_id = $1 AND id = $2";
    let values = values![
        task.organization_id,
        task.id,
        task.title,
        task.active,
        task.active_after,
        task.active_before,
        task.access_method,
        task.lang,
        task.folder,
        task.favorite,
        task.labels,
        task.tags,
        task.programs,
        task.stages,
        task.access_form,
        task.email_templates,
    ];
    Ok(tx.execute(sql, values)? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture, task};

    #[test]
    fn an_unknown_task_has_no_numbers() {
        let fixture = StorageFixture::with_task();
        assert_eq!(fixture.write(|tx| next_revision(tx, &"Tk-none".into(), NOW)), None);
        assert_eq!(fixture.write(|tx| next_ordinal(tx, &"Tk-none".into())), None);
        assert_eq!(fixture.write(|tx| next_candidate_ordinal(tx, &"Tk-none".into())), None);
    }

    #[test]
    fn another_organization_neither_finds_nor_locks_nor_changes_a_task() {
        let fixture = StorageFixture::with_task();
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Tk1".into())), None);
        assert_eq!(fixture.write(|tx| lock(tx, &"Og2".into(), &"Tk1".into())), None);
        assert!(
            !fixture.write(|tx| update(
                tx,
                &TaskRow { organization_id: "Og2".into(), ..task("Tk1", 1) }
            ))
        );
    }

    #[test]
    fn an_undone_write_gives_its_numbers_back() {
        let fixture = StorageFixture::with_task();
        let undone = fixture.try_write(|tx| {
            next_revision(tx, &"Tk1".into(), NOW)?;
            next_ordinal(tx, &"Tk1".into())?;
            Err::<(), _>(StorageError::Busy)
        });
        assert_eq!(undone, Err(StorageError::Busy));
        assert_eq!(fixture.write(|tx| next_revision(tx, &"Tk1".into(), NOW)), Some(1));
        assert_eq!(fixture.write(|tx| next_ordinal(tx, &"Tk1".into())), Some(1));
    }

    #[test]
    fn an_update_by_staff_leaves_the_counters() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| next_revision(tx, &"Tk1".into(), NOW.plus_seconds(5)));
        let changed = TaskRow { title: "Renamed".into(), favorite: true, ..task("Tk1", 1) };
        assert!(fixture.write(move |tx| update(tx, &changed)));
        let found = fixture.write(|tx| lock(tx, &"Og1".into(), &"Tk1".into())).unwrap();
        assert_eq!((found.title.as_str(), found.favorite), ("Renamed", true));
        assert_eq!((found.revision, found.revised_at), (1, NOW.plus_seconds(5)));
    }

    #[test]
    fn tasks_are_listed_in_creation_order() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &task("Tk0", 2)));
        let ids =
            |tasks: Vec<TaskRow>| tasks.iter().map(|task| task.id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(fixture.read(|tx| page(tx, &"Og1".into(), 10, 0))), ["Tk1", "Tk0"]);
        assert_eq!(fixture.read(|tx| count(tx, &"Og1".into())), 2);
        assert_eq!(fixture.read(|tx| find_public(tx, &"Tk0".into())), Some(task("Tk0", 2)));
    }
}
