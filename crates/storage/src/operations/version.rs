//! Result versions: appended, never altered.

use crate::{Sha256Digest, StorageError, Transaction, values};
use domain::id::InstanceId;
use domain::instance::{ActorKind, VersionReason};
use domain::time::Timestamp;

record! {
    /// One computed result of an instance (domain rules, 6.7).
    pub struct ResultVersionRow: "result_version" {
        instance_id: InstanceId,
        /// From 1.
        number: i64,
        at: Timestamp,
        actor_kind: ActorKind,
        actor_id: Option<String>,
        reason: VersionReason,
        note: Option<String>,
        /// Slots that wait for an evaluation; 0 is settled.
        waiting: i64,
        /// None without a pass mark.
        passed: Option<bool>,
        level: Option<String>,
        inputs_digest: Sha256Digest,
        engine_version: String,
        /// JSON, rate and points per slot.
        slots: String,
        /// JSON, the detailed result.
        detailed: String,
    }
}

/// Appends a version. The instance's row has its outcome and level too, for finding results by them.
///
/// # Errors
/// [`StorageError::Conflict`] when the instance has a version of this number.
pub fn append(tx: &mut dyn Transaction, version: &ResultVersionRow) -> Result<(), StorageError> {
    version.insert_row(tx)?;
    let sql = "UPDATE instance SET passed = $2, level = $3 WHERE id = $1";
    tx.execute(sql, values![version.instance_id, version.passed, version.level]).map(|_| ())
}

/// The newest version of an instance; none before the first completion.
pub fn latest(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Option<ResultVersionRow>, StorageError> {
    let columns = ResultVersionRow::columns();
    let sql = format!(
        "SELECT {columns} FROM result_version WHERE instance_id = $1 ORDER BY number DESC LIMIT 1"
    );
    tx.find(&sql, values![instance], ResultVersionRow::read)
}

/// How many versions an instance has.
pub fn count(tx: &mut dyn Transaction, instance: &InstanceId) -> Result<i64, StorageError> {
    tx.integer("SELECT count(*) FROM result_version WHERE instance_id = $1", values![instance])
}

/// All versions of an instance, oldest first.
pub fn list(
    tx: &mut dyn Transaction,
    instance: &InstanceId,
) -> Result<Vec<ResultVersionRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM result_version WHERE instance_id = $1 ORDER BY number",
        ResultVersionRow::columns()
    );
    tx.list(&sql, values![instance], ResultVersionRow::read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn version(number: i64) -> ResultVersionRow {
        ResultVersionRow {
            instance_id: "Ti1".into(),
            number,
            at: NOW,
            actor_kind: ActorKind::System,
            actor_id: None,
            reason: VersionReason::Completed,
            note: None,
            waiting: 0,
            passed: (number > 1).then_some(number > 2),
            level: None,
            inputs_digest: [5; 32],
            engine_version: "1".into(),
            slots: "[]".into(),
            detailed: "{}".into(),
        }
    }

    #[test]
    fn a_version_number_is_used_once() {
        let fixture = StorageFixture::with_instance();
        fixture.write(|tx| append(tx, &version(1)));
        assert!(matches!(
            fixture.try_write(|tx| append(tx, &version(1))),
            Err(StorageError::Conflict(_))
        ));
    }

    #[test]
    fn the_latest_version_has_the_highest_number_and_the_old_ones_stay() {
        let fixture = StorageFixture::with_instance();
        assert_eq!(fixture.read(|tx| latest(tx, &"Ti1".into())), None);
        fixture.write(|tx| (1..=3).try_for_each(|number| append(tx, &version(number))));
        assert_eq!(fixture.read(|tx| latest(tx, &"Ti1".into())), Some(version(3)));
        assert_eq!(
            fixture.read(|tx| list(tx, &"Ti1".into())),
            [version(1), version(2), version(3)]
        );
    }
}
