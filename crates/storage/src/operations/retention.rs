//! How long tasks keep persons, and whose time is over.

use crate::{StorageError, Transaction, values};
use domain::id::{CandidateId, OrganizationId, TaskId};
use domain::time::Timestamp;

/// A task that does not keep persons for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionRow {
    pub organization: OrganizationId,
    pub task: TaskId,
    pub days: i64,
}

/// Days after their last activity at which a task's candidates are erased; none is never.
pub fn days(tx: &mut dyn Transaction, task: &TaskId) -> Result<Option<i64>, StorageError> {
    tx.find(
        "SELECT erase_after_days FROM task_retention WHERE task_id = $1",
        values![task],
        |row| row.get(0),
    )
}

/// Sets after how many days persons of a task are erased; none keeps them for ever.
pub fn set(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    task: &TaskId,
    days: Option<i64>,
) -> Result<(), StorageError> {
    tx.execute("DELETE FROM task_retention WHERE task_id = $1", values![task])?;
    if let Some(days) = days {
        let sql = "INSERT INTO task_retention (task_id, organization_id, erase_after_days) VALUES ($1, $2, $3)";
        tx.execute(sql, values![task, organization, days])?;
    }
    Ok(())
}

/// All tasks that do not keep persons for ever.
pub fn list(tx: &mut dyn Transaction) -> Result<Vec<RetentionRow>, StorageError> {
    let sql =
        "SELECT organization_id, task_id, erase_after_days FROM task_retention ORDER BY task_id";
    tx.list(sql, &[], |row| {
        Ok(RetentionRow { organization: row.get(0)?, task: row.get(1)?, days: row.get(2)? })
    })
}

/// Candidates of a task who did nothing since a moment: were neither registered nor entered,
/// started, answered or were changed in an instance. Those behind `after` by id, at most so many.
pub fn inactive_candidates(
    tx: &mut dyn Transaction,
    task: &TaskId,
    since: Timestamp,
    after: &str,
    limit: i64,
) -> Result<Vec<CandidateId>, StorageError> {
    let sql = "SELECT c.id FROM candidate c WHERE c.task_id = $1 AND c.id > $3 AND c.erased_at IS NULL \
        AND c.created_at < $2 AND (c.last_activity_at IS NULL OR c.last_activity_at < $2) \
        AND NOT EXISTS (SELECT 1 FROM instance i WHERE i.candidate_id = c.id \
            AND (i.changed_at >= $2 OR EXISTS \
                (SELECT 1 FROM receipt r WHERE r.instance_id = i.id AND r.received_at >= $2))) \
        ORDER BY c.id LIMIT $4";
    tx.list(sql, values![task, since, after, limit], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    #[test]
    fn a_task_keeps_persons_for_ever_unless_days_are_set() {
        let fixture = StorageFixture::with_task();
        assert_eq!(fixture.read(|tx| days(tx, &"Tk1".into())), None);
        for wanted in [Some(30), Some(365), None] {
            fixture.write(move |tx| set(tx, &"Og1".into(), &"Tk1".into(), wanted));
            assert_eq!(fixture.read(|tx| days(tx, &"Tk1".into())), wanted);
            assert_eq!(fixture.read(list).len(), usize::from(wanted.is_some()));
        }
    }

    #[test]
    fn whoever_did_something_since_is_not_inactive() {
        let fixture = StorageFixture::with_instance();
        let of = |since: Timestamp| -> Vec<String> {
            let found =
                fixture.read(move |tx| inactive_candidates(tx, &"Tk1".into(), since, "", 10));
            found.iter().map(ToString::to_string).collect()
        };
        assert_eq!(of(NOW), [""; 0]);
        let later = NOW.plus_seconds(1);
        assert_eq!(of(later), ["Ca1", "Ca2"]);
        fixture.write(move |tx| tx.execute("UPDATE instance SET changed_at = $1", values![later]));
        assert_eq!(of(later), ["Ca2"]);
        fixture.write(move |tx| {
            tx.execute(
                "UPDATE candidate SET last_activity_at = $1 WHERE id = 'Ca2'",
                values![later],
            )
        });
        assert_eq!(of(later), [""; 0]);
        let behind = fixture.read(move |tx| {
            inactive_candidates(tx, &"Tk1".into(), later.plus_seconds(1), "Ca1", 10)
        });
        assert_eq!(behind, ["Ca2".into()]);
    }
}
