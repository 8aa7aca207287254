//! Result release: what staff have decided about showing results to candidates, of a step or of one
//! instance of it.

use crate::{StorageError, Transaction, values};
use domain::id::{InstanceId, OrganizationId, StepId, TaskId};
use domain::time::Timestamp;

record! {
    /// What was decided about a step, or about one instance.
    pub struct ResultReleaseRow: "result_release" {
        step_id: StepId,
        /// Empty for the step itself.
        instance_id: InstanceId,
        organization_id: OrganizationId,
        task_id: TaskId,
        released_at: Option<Timestamp>,
        withdrawn_at: Option<Timestamp>,
    }
}

/// The name under which the step itself is kept.
#[must_use]
pub fn of_step() -> InstanceId {
    InstanceId::from("")
}

/// What was decided about a step, and about one instance of it: none to two rows.
pub fn find(
    tx: &mut dyn Transaction,
    step: &StepId,
    instance: &InstanceId,
) -> Result<Vec<ResultReleaseRow>, StorageError> {
    let columns = ResultReleaseRow::columns();
    let sql = format!(
        "SELECT {columns} FROM result_release WHERE step_id = $1 AND (instance_id = '' OR instance_id = $2)"
    );
    tx.list(&sql, values![step, instance], ResultReleaseRow::read)
}

/// What was decided about the steps of a task, and about the instances of it.
pub fn list_by_task(
    tx: &mut dyn Transaction,
    task: &TaskId,
    with_instances: bool,
) -> Result<Vec<ResultReleaseRow>, StorageError> {
    let columns = ResultReleaseRow::columns();
    let only = if with_instances { "" } else { " AND instance_id = ''" };
    let sql = format!("SELECT {columns} FROM result_release WHERE task_id = $1{only}");
    tx.list(&sql, values![task], ResultReleaseRow::read)
}

/// Puts a row in the place of the one before it.
pub fn replace(tx: &mut dyn Transaction, row: &ResultReleaseRow) -> Result<(), StorageError> {
    let sql = "DELETE FROM result_release WHERE step_id = $1 AND instance_id = $2";
    tx.execute(sql, values![row.step_id, row.instance_id])?;
    row.insert_row(tx)
}

/// Forgets a step that nobody has begun.
pub(crate) fn forget_step(tx: &mut dyn Transaction, step: &StepId) -> Result<(), StorageError> {
    tx.execute("DELETE FROM result_release WHERE step_id = $1", values![step]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn row(instance: &str) -> ResultReleaseRow {
        ResultReleaseRow {
            step_id: "St1".into(),
            instance_id: instance.into(),
            organization_id: "Og1".into(),
            task_id: "Tk1".into(),
            released_at: Some(NOW),
            withdrawn_at: None,
        }
    }

    #[test]
    fn an_instance_is_found_with_its_step_and_without_its_neighbours() {
        let fixture = StorageFixture::with_task();
        assert_eq!(fixture.read(|tx| find(tx, &"St1".into(), &"Ti1".into())), []);
        fixture.write(|tx| {
            ["", "Ti1", "Ti2"].into_iter().try_for_each(|instance| replace(tx, &row(instance)))
        });
        let found = fixture.read(|tx| find(tx, &"St1".into(), &"Ti1".into()));
        assert_eq!(found, [row(""), row("Ti1")]);
        assert_eq!(fixture.read(|tx| list_by_task(tx, &"Tk1".into(), false)), [row("")]);
        assert_eq!(fixture.read(|tx| list_by_task(tx, &"Tk1".into(), true)).len(), 3);
    }

    #[test]
    fn what_is_decided_later_stands_in_the_place_of_what_was_and_goes_with_its_step() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| replace(tx, &row("")));
        let withdrawn = ResultReleaseRow { withdrawn_at: Some(NOW), ..row("") };
        let later = withdrawn.clone();
        fixture.write(move |tx| replace(tx, &later));
        assert_eq!(fixture.read(|tx| find(tx, &"St1".into(), &"Ti1".into())), [withdrawn]);
        fixture.write(|tx| crate::step::remove(tx, &"Og1".into(), &"Tk1".into(), &"St1".into()));
        assert_eq!(fixture.read(|tx| list_by_task(tx, &"Tk1".into(), true)), []);
    }
}
