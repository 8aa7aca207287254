//! Steps: tests placed in a task.

use crate::{StorageError, Transaction, values};
use domain::id::{OrganizationId, StepId, TaskId, TestId};
use domain::time::Timestamp;

record! {
    /// One test placed in a task.
    pub struct StepRow: "step" {
        id: StepId,
        organization_id: OrganizationId,
        task_id: TaskId,
        /// Delivery order in the task.
        position: i64,
        test_id: TestId,
        title: String,
        active: bool,
        active_after: Option<Timestamp>,
        active_before: Option<Timestamp>,
        /// -1 is unlimited.
        attempt_limit: i64,
        /// JSON object.
        settings: String,
    }
}

/// Adds a step at its place in the task's order.
pub fn insert(tx: &mut dyn Transaction, step: &StepRow) -> Result<(), StorageError> {
    step.insert_row(tx)
}

/// A step of this task of this organization.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    step: &StepId,
) -> Result<Option<StepRow>, StorageError> {
    let columns = StepRow::columns();
    let sql = format!(
        "SELECT {columns} FROM step WHERE organization_id = $1 AND task_id = $2 AND id = $3"
    );
    tx.find(&sql, values![organization, task, step], StepRow::read)
}

/// The steps of a task in delivery order.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
) -> Result<Vec<StepRow>, StorageError> {
    let columns = StepRow::columns();
    let sql = format!(
        "SELECT {columns} FROM step WHERE organization_id = $1 AND task_id = $2 ORDER BY position"
    );
    tx.list(&sql, values![organization, task], StepRow::read)
}

/// Writes all that may change of a step back. True when there was such a step.
pub fn update(tx: &mut dyn Transaction, step: &StepRow) -> Result<bool, StorageError> {
    let sql = "UPDATE step SET title = $4, active = $5, active_after = $6, active_before = $7, attempt_limit = $8, \
        settings = $9, test_id = $10 WHERE organization_id = $1 AND task_id = $2 AND id = $3";
    let values = values![
        step.organization_id,
        step.task_id,
        step.id,
        step.title,
        step.active,
        step.active_after,
        step.active_before,
        step.attempt_limit,
        step.settings,
        step.test_id,
    ];
    Ok(tx.execute(sql, values)? > 0)
}

/// Puts the steps of a task in this order, from position 1. Name all of them: the others are left
/// without a place.
pub fn reorder(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    order: &[StepId],
) -> Result<(), StorageError> {
    // Out of each other's way first: no two steps may share a position, not even between two
    // statements.
    let sql = "UPDATE step SET position = -position WHERE organization_id = $1 AND task_id = $2 AND position > 0";
    tx.execute(sql, values![organization, task])?;
    let sql =
        "UPDATE step SET position = $4 WHERE organization_id = $1 AND task_id = $2 AND id = $3";
    for (position, step) in (1_i64..).zip(order) {
        tx.execute(sql, values![organization, task, step, position])?;
    }
    Ok(())
}

/// Whether anything was made of a step that outlives it: an instance or a correction. Looks through
/// the task's instances when there is none.
pub fn is_used(
    tx: &mut dyn Transaction,
    task: &TaskId,
    step: &StepId,
) -> Result<bool, StorageError> {
    let sql = "SELECT 1 FROM instance WHERE task_id = $1 AND step_id = $2 LIMIT 1";
    if tx.find(sql, values![task, step], |_| Ok(()))?.is_some() {
        return Ok(true);
    }
    let sql = "SELECT 1 FROM correction WHERE step_id = $1 LIMIT 1";
    tx.find(sql, values![step], |_| Ok(())).map(|found| found.is_some())
}

/// Removes a step that is not used. True when there was such a step.
pub fn remove(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    step: &StepId,
) -> Result<bool, StorageError> {
    crate::result_release::forget_step(tx, step)?;
    let sql = "DELETE FROM step WHERE organization_id = $1 AND task_id = $2 AND id = $3";
    Ok(tx.execute(sql, values![organization, task, step])? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{StorageFixture, step};

    #[test]
    fn a_step_is_found_in_its_own_task_and_organization_only() {
        let fixture = StorageFixture::with_task();
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Tk1".into(), &"St1".into())), None);
        assert_eq!(fixture.read(|tx| find(tx, &"Og1".into(), &"Tk2".into(), &"St1".into())), None);
        assert_eq!(
            fixture.read(|tx| find(tx, &"Og1".into(), &"Tk1".into(), &"St1".into())),
            Some(step("St1", 1))
        );
    }

    #[test]
    fn steps_come_in_delivery_order() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &step("St0", 2)));
        assert!(fixture.write(|tx| update(tx, &StepRow { attempt_limit: -1, ..step("St0", 2) })));
        let steps = fixture.read(|tx| list(tx, &"Og1".into(), &"Tk1".into()));
        assert_eq!(steps.iter().map(|step| step.attempt_limit).collect::<Vec<_>>(), [1, -1]);
    }

    #[test]
    fn steps_change_places_and_an_unused_one_goes() {
        let fixture = StorageFixture::with_task();
        fixture.write(|tx| insert(tx, &step("St2", 2)));
        let order = || {
            fixture
                .read(|tx| list(tx, &"Og1".into(), &"Tk1".into()))
                .into_iter()
                .map(|row| row.id.to_string())
        };
        fixture
            .write(|tx| reorder(tx, &"Og1".into(), &"Tk1".into(), &["St2".into(), "St1".into()]));
        assert_eq!(order().collect::<Vec<_>>(), ["St2", "St1"]);
        assert!(!fixture.write(|tx| remove(tx, &"Og2".into(), &"Tk1".into(), &"St2".into())));
        assert!(!fixture.read(|tx| is_used(tx, &"Tk1".into(), &"St2".into())));
        assert!(fixture.write(|tx| remove(tx, &"Og1".into(), &"Tk1".into(), &"St2".into())));
        assert_eq!(order().collect::<Vec<_>>(), ["St1"]);
    }

    #[test]
    fn a_step_with_an_instance_is_used() {
        let fixture = StorageFixture::with_instance();
        assert!(fixture.read(|tx| is_used(tx, &"Tk1".into(), &"St1".into())));
    }
}
