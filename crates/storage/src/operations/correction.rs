//! Corrections: later changes of how a frozen question is scored, in one instance or in all of a
//! step.

use crate::{StorageError, Transaction, values};
use domain::id::{CorrectionId, InstanceId, OrganizationId, StepId, TaskId};
use domain::instance::ActorKind;
use domain::time::Timestamp;

record! {
    /// One correction.
    pub struct CorrectionRow: "correction" {
        id: CorrectionId,
        organization_id: OrganizationId,
        task_id: TaskId,
        step_id: StepId,
        /// Order of making in the step, from [`next_number`].
        number: i64,
        /// One instance; none is all of the step.
        instance_id: Option<InstanceId>,
        question_key: String,
        /// JSON.
        change: String,
        reason: String,
        actor_kind: ActorKind,
        actor_id: Option<String>,
        at: Timestamp,
        withdrawn_at: Option<Timestamp>,
    }
}

/// The number of the step's next correction. The task is locked.
pub fn next_number(tx: &mut dyn Transaction, step: &StepId) -> Result<i64, StorageError> {
    tx.integer(
        "SELECT coalesce(max(number), 0) + 1 FROM correction WHERE step_id = $1",
        values![step],
    )
}

/// Adds a correction; instances are rescored by its job.
pub fn insert(tx: &mut dyn Transaction, correction: &CorrectionRow) -> Result<(), StorageError> {
    correction.insert_row(tx)
}

/// A correction of this organization, a withdrawn one too.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    correction: &CorrectionId,
) -> Result<Option<CorrectionRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM correction WHERE organization_id = $1 AND id = $2",
        CorrectionRow::columns()
    );
    tx.find(&sql, values![organization, correction], CorrectionRow::read)
}

/// Withdraws a correction. True when it stood.
pub fn withdraw(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    correction: &CorrectionId,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "UPDATE correction SET withdrawn_at = $3 WHERE organization_id = $1 AND id = $2 AND withdrawn_at IS NULL";
    Ok(tx.execute(sql, values![organization, correction, at])? > 0)
}

/// All corrections of a step in order of making, withdrawn ones included.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    step: &StepId,
) -> Result<Vec<CorrectionRow>, StorageError> {
    let columns = CorrectionRow::columns();
    let sql = format!(
        "SELECT {columns} FROM correction WHERE organization_id = $1 AND step_id = $2 ORDER BY number"
    );
    tx.list(&sql, values![organization, step], CorrectionRow::read)
}

/// The standing corrections that hold for an instance of a step, in order of making.
pub fn list_for_instance(
    tx: &mut dyn Transaction,
    step: &StepId,
    instance: &InstanceId,
) -> Result<Vec<CorrectionRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM correction WHERE step_id = $1 AND withdrawn_at IS NULL \
        AND (instance_id IS NULL OR instance_id = $2) ORDER BY number",
        CorrectionRow::columns()
    );
    tx.list(&sql, values![step, instance], CorrectionRow::read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn correction(number: i64, instance: Option<&str>) -> CorrectionRow {
        CorrectionRow {
            id: format!("Co{number}").into(),
            organization_id: "Og1".into(),
            task_id: "Tk1".into(),
            step_id: "St1".into(),
            number,
            instance_id: instance.map(InstanceId::from),
            question_key: "q1".into(),
            change: "{\"ignore\":true}".into(),
            reason: "ambiguous".into(),
            actor_kind: ActorKind::Key,
            actor_id: Some("Ky1".into()),
            at: NOW,
            withdrawn_at: None,
        }
    }

    #[test]
    fn another_organization_withdraws_nothing() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| insert(tx, &correction(1, None)));
        assert!(!fixture.write(|tx| withdraw(tx, &"Og2".into(), &"Co1".into(), NOW)));
        assert_eq!(fixture.read(|tx| list(tx, &"Og2".into(), &"St1".into())), []);
    }

    #[test]
    fn what_holds_for_an_instance_is_its_own_and_its_steps_and_not_withdrawn() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| {
            insert(tx, &correction(1, None))?;
            insert(tx, &correction(2, Some("Ti1")))?;
            insert(tx, &correction(3, None))
        });
        assert!(fixture.write(|tx| withdraw(tx, &"Og1".into(), &"Co3".into(), NOW)));
        assert!(!fixture.write(|tx| withdraw(tx, &"Og1".into(), &"Co3".into(), NOW)));
        let numbers = |instance: &'static str| {
            let found =
                fixture.read(move |tx| list_for_instance(tx, &"St1".into(), &instance.into()));
            found.iter().map(|correction| correction.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers("Ti1"), [1, 2]);
        assert_eq!(numbers("Ti2"), [1]);
        assert_eq!(fixture.read(|tx| next_number(tx, &"St1".into())), 4);
    }
}
