//! Organizations, and the one row about the installation.

use crate::{StorageError, Transaction, values};
use domain::id::OrganizationId;
use domain::time::Timestamp;

record! {
    /// What is kept once per database.
    pub struct InstallationRow: "installation" {
        /// Random text that tells this installation from others; the first epoch of its history
        /// too.
        epoch: String,
        /// The secret that signs receipts.
        receipt_key: Vec<u8>,
        created_at: Timestamp,
    }
}

record! {
    /// A tenant.
    pub struct OrganizationRow: "organization" {
        id: OrganizationId,
        name: String,
        /// The last ordinal given to a user, test or task; see [`next_ordinal`].
        last_ordinal: i64,
        created_at: Timestamp,
    }
}

/// The installation's row; none in a fresh database.
pub fn installation(tx: &mut dyn Transaction) -> Result<Option<InstallationRow>, StorageError> {
    let sql = format!("SELECT {} FROM installation WHERE id = 1", InstallationRow::columns());
    tx.find(&sql, &[], InstallationRow::read)
}

/// Keeps the installation's row unless there is one, and with it the first epoch of its history.
/// True when it was kept.
pub fn install(
    tx: &mut dyn Transaction,
    installation: &InstallationRow,
) -> Result<bool, StorageError> {
    let sql = "INSERT INTO installation (id, epoch, receipt_key, created_at) VALUES (1, $1, $2, $3) \
        ON CONFLICT (id) DO NOTHING";
    let changed = tx.execute(
        sql,
        values![installation.epoch, installation.receipt_key, installation.created_at],
    )?;
    if changed > 0 {
        super::history::insert_first(tx, &installation.epoch, installation.created_at)?;
    }
    Ok(changed > 0)
}

/// The number of the newest migration.
pub fn schema_number(tx: &mut dyn Transaction) -> Result<i64, StorageError> {
    tx.integer("SELECT max(number) FROM schema_migration", &[])
}

/// How many groups of writes a file has kept; 0 on PostgreSQL.
pub fn write_count(tx: &mut dyn Transaction) -> Result<i64, StorageError> {
    tx.integer("SELECT n FROM write_count WHERE id = 1", &[])
}

/// Adds an organization; an id that is taken is a conflict.
pub fn insert(
    tx: &mut dyn Transaction,
    organization: &OrganizationRow,
) -> Result<(), StorageError> {
    organization.insert_row(tx)
}

/// An organization by its id.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Option<OrganizationRow>, StorageError> {
    let sql = format!("SELECT {} FROM organization WHERE id = $1", OrganizationRow::columns());
    tx.find(&sql, values![organization], OrganizationRow::read)
}

/// All organizations, oldest first. For the command line.
pub fn list(tx: &mut dyn Transaction) -> Result<Vec<OrganizationRow>, StorageError> {
    let sql =
        format!("SELECT {} FROM organization ORDER BY created_at, id", OrganizationRow::columns());
    tx.list(&sql, &[], OrganizationRow::read)
}

/// True when there was such an organization.
pub fn rename(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    name: &str,
) -> Result<bool, StorageError> {
    Ok(tx
        .execute("UPDATE organization SET name = $2 WHERE id = $1", values![organization, name])?
        > 0)
}

/// Takes the next ordinal for a user, test or task: rising in commit order, so lists in this order
/// only append. None when there is no such organization.
pub fn next_ordinal(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Option<i64>, StorageError> {
    let sql = "UPDATE organization SET last_ordinal = last_ordinal + 1 WHERE id = $1 RETURNING last_ordinal";
    tx.find(sql, values![organization], |row| row.get(0))
}

/// Writes the installation's row as it is: whether writing works shows only by writing.
pub fn touch_installation(tx: &mut dyn Transaction) -> Result<bool, StorageError> {
    Ok(tx.execute("UPDATE installation SET created_at = created_at WHERE id = 1", &[])? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    #[test]
    fn an_unknown_organization_has_no_ordinals() {
        let fixture = StorageFixture::new();
        assert_eq!(fixture.write(|tx| next_ordinal(tx, &"Og-none".into())), None);
    }

    #[test]
    fn ordinals_rise_by_one() {
        let fixture = StorageFixture::new();
        let first = fixture.write(|tx| next_ordinal(tx, &"Og1".into())).unwrap();
        assert_eq!(fixture.write(|tx| next_ordinal(tx, &"Og1".into())), Some(first + 1));
    }

    #[test]
    fn a_second_installation_is_not_kept() {
        let fixture = StorageFixture::new();
        let with = |epoch: &str| InstallationRow {
            epoch: epoch.into(),
            receipt_key: vec![1],
            created_at: NOW,
        };
        let (first, second) = (with("a"), with("b"));
        assert_eq!(fixture.write(installation), None);
        assert!(fixture.write(move |tx| install(tx, &first)));
        assert!(!fixture.write(move |tx| install(tx, &second)));
        assert_eq!(fixture.read(installation).unwrap().epoch, "a");
    }
}
