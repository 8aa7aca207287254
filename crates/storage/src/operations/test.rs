//! Tests of the library and their versions. The documents themselves are in [`crate::document`].

use crate::{Sha256Digest, StorageError, Transaction, values};
use domain::id::{OrganizationId, TaskId, TestId};
use domain::instance::ActorKind;
use domain::time::Timestamp;

record! {
    /// A test as the library lists it.
    pub struct TestRow: "test" {
        id: TestId,
        organization_id: OrganizationId,
        /// Creation order in the organization, from [`crate::organization::next_ordinal`].
        ordinal: i64,
        uuid: String,
        key: String,
        title: String,
        folder: String,
        /// JSON list.
        labels: String,
        /// The latest version's document.
        digest: Sha256Digest,
        /// The latest version's number.
        version: i64,
        created_at: Timestamp,
        updated_at: Timestamp,
        archived_at: Option<Timestamp>,
    }
}

record! {
    /// One version of a test.
    pub struct TestVersionRow: "test_version" {
        test_id: TestId,
        /// From 1.
        number: i64,
        digest: Sha256Digest,
        created_at: Timestamp,
        actor_kind: ActorKind,
        actor_id: Option<String>,
    }
}

/// Adds a test; its first version is added beside it.
pub fn insert(tx: &mut dyn Transaction, test: &TestRow) -> Result<(), StorageError> {
    test.insert_row(tx)
}

/// Adds a version of a test; earlier ones stay.
pub fn insert_version(
    tx: &mut dyn Transaction,
    version: &TestVersionRow,
) -> Result<(), StorageError> {
    version.insert_row(tx)
}

/// A test of this organization, an archived one too.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    test: &TestId,
) -> Result<Option<TestRow>, StorageError> {
    let sql =
        format!("SELECT {} FROM test WHERE organization_id = $1 AND id = $2", TestRow::columns());
    tx.find(&sql, values![organization, test], TestRow::read)
}

/// All tests of an organization in creation order, archived ones included.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Vec<TestRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM test WHERE organization_id = $1 ORDER BY ordinal",
        TestRow::columns()
    );
    tx.list(&sql, values![organization], TestRow::read)
}

/// The versions of a test of this organization, oldest first.
pub fn versions(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    test: &TestId,
) -> Result<Vec<TestVersionRow>, StorageError> {
    let sql = "SELECT v.test_id, v.number, v.digest, v.created_at, v.actor_kind, v.actor_id FROM test_version v \
        JOIN test t ON t.id = v.test_id WHERE t.organization_id = $1 AND t.id = $2 ORDER BY v.number";
    tx.list(sql, values![organization, test], TestVersionRow::read)
}

/// Which tasks have which tests as steps, with the tasks' titles; each pair once, in the order of
/// the tasks.
pub fn uses(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Vec<(TestId, TaskId, String)>, StorageError> {
    let sql = "SELECT s.test_id, t.id, t.title FROM step s JOIN task t ON t.id = s.task_id \
        WHERE t.organization_id = $1 GROUP BY s.test_id, t.id, t.title, t.ordinal ORDER BY t.ordinal, s.test_id";
    tx.list(sql, values![organization], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Writes all that may change of a test back. True when there was such a test.
pub fn update(tx: &mut dyn Transaction, test: &TestRow) -> Result<bool, StorageError> {
    let sql = "UPDATE test SET key = $3, title = $4, folder = $5, labels = $6, digest = $7, version = $8, \
        updated_at = $9, archived_at = $10 WHERE organization_id = $1 AND id = $2";
    let values = values![
        test.organization_id,
        test.id,
        test.key,
        test.title,
        test.folder,
        test.labels,
        test.digest,
        test.version,
        test.updated_at,
        test.archived_at,
    ];
    Ok(tx.execute(sql, values)? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;
    use crate::fixture::{NOW, StorageFixture, test};

    #[test]
    fn a_test_without_its_document_is_refused() {
        let fixture = StorageFixture::new();
        let refused =
            fixture.try_write(|tx| insert(tx, &TestRow { digest: [9; 32], ..test("Te9", 9) }));
        assert!(matches!(refused, Err(StorageError::Statement(_))));
    }

    #[test]
    fn another_organization_sees_neither_test_nor_versions() {
        let fixture = StorageFixture::with_task();
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Te1".into())), None);
        assert_eq!(fixture.read(|tx| versions(tx, &"Og2".into(), &"Te1".into())), []);
        assert_eq!(fixture.read(|tx| list(tx, &"Og2".into())), []);
        assert_eq!(fixture.read(|tx| uses(tx, &"Og2".into())), []);
    }

    #[test]
    fn a_test_knows_the_tasks_it_is_used_in() {
        let fixture = StorageFixture::with_task();
        let existing = fixture.read(|tx| uses(tx, &"Og1".into()));
        assert_eq!(existing.len(), 1);
        assert_eq!((existing[0].0.as_str(), existing[0].1.as_str()), ("Te1", "Tk1"));
    }

    #[test]
    fn a_new_version_replaces_the_document_and_the_old_one_stays_in_the_history() {
        let fixture = StorageFixture::with_task();
        let first = |number, digest| TestVersionRow {
            test_id: "Te1".into(),
            number,
            digest,
            created_at: NOW,
            actor_kind: ActorKind::Key,
            actor_id: Some("Ky1".into()),
        };
        fixture.write(move |tx| {
            document::insert_if_absent(tx, &[2; 32], "{}")?;
            insert_version(tx, &first(1, [1; 32]))?;
            insert_version(tx, &first(2, [2; 32]))?;
            update(tx, &TestRow { digest: [2; 32], version: 2, ..test("Te1", 1) })
        });
        assert_eq!(
            fixture.read(|tx| find(tx, &"Og1".into(), &"Te1".into())).unwrap().digest,
            [2; 32]
        );
        let numbers: Vec<i64> = fixture
            .read(|tx| versions(tx, &"Og1".into(), &"Te1".into()))
            .iter()
            .map(|version| version.number)
            .collect();
        assert_eq!(numbers, [1, 2]);
    }
}
