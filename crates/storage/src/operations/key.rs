//! API keys and their secrets. A secret is known by its hash only.

use crate::{Sha256Digest, SqlRow, StorageError, Transaction, values};
use domain::id::{KeyId, OrganizationId};
use domain::time::Timestamp;

record! {
    /// An API key, without secrets.
    pub struct KeyRow: "api_key" {
        id: KeyId,
        organization_id: OrganizationId,
        name: String,
        /// JSON list of scopes.
        scopes: String,
        /// JSON list of task ids; none is all.
        task_ids: Option<String>,
        /// JSON list of folders; none is all.
        folders: Option<String>,
        created_at: Timestamp,
        expires_at: Option<Timestamp>,
        revoked_at: Option<Timestamp>,
        last_used_at: Option<Timestamp>,
    }
}

record! {
    /// One secret of a key; two may be valid while it is rotated.
    pub struct KeySecretRow: "api_key_secret" {
        /// SHA-256 of the secret.
        hash: Sha256Digest,
        key_id: KeyId,
        created_at: Timestamp,
        expires_at: Option<Timestamp>,
    }
}

/// Adds a key without any secret.
pub fn insert(tx: &mut dyn Transaction, key: &KeyRow) -> Result<(), StorageError> {
    key.insert_row(tx)
}

/// Adds a secret of a key, by its digest; while keys are rotated there are two.
pub fn insert_secret(tx: &mut dyn Transaction, secret: &KeySecretRow) -> Result<(), StorageError> {
    secret.insert_row(tx)
}

/// The key of a secret and the instant at which the secret itself expires, whatever their state.
pub fn find_by_secret(
    tx: &mut dyn Transaction,
    hash: &Sha256Digest,
) -> Result<Option<(KeyRow, Option<Timestamp>)>, StorageError> {
    let sql = "SELECT k.id, k.organization_id, k.name, k.scopes, k.task_ids, k.folders, k.created_at, k.expires_at, \
        k.revoked_at, k.last_used_at, s.expires_at \
        FROM api_key_secret s JOIN api_key k ON k.id = s.key_id WHERE s.hash = $1";
    let read = |row: &dyn SqlRow| Ok((KeyRow::read(row)?, row.get(KeyRow::FIELDS.len())?));
    tx.find(sql, values![hash], read)
}

/// A key of this organization, a revoked one too.
pub fn find(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    key: &KeyId,
) -> Result<Option<KeyRow>, StorageError> {
    let sql =
        format!("SELECT {} FROM api_key WHERE organization_id = $1 AND id = $2", KeyRow::columns());
    tx.find(&sql, values![organization, key], KeyRow::read)
}

/// All keys of an organization, revoked ones included, oldest first.
pub fn list(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
) -> Result<Vec<KeyRow>, StorageError> {
    let sql = format!(
        "SELECT {} FROM api_key WHERE organization_id = $1 ORDER BY created_at, id",
        KeyRow::columns()
    );
    tx.list(&sql, values![organization], KeyRow::read)
}

/// Revokes a key unless it is revoked. True when it was a valid one.
pub fn revoke(
    tx: &mut dyn Transaction,
    organization: &OrganizationId,
    key: &KeyId,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let sql = "UPDATE api_key SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL";
    Ok(tx.execute(sql, values![organization, key, at])? > 0)
}

/// Lets the present secrets of a key expire at an instant, unless they do so earlier.
pub fn expire_secrets(
    tx: &mut dyn Transaction,
    key: &KeyId,
    at: Timestamp,
) -> Result<u64, StorageError> {
    let sql = "UPDATE api_key_secret SET expires_at = $2 WHERE key_id = $1 AND (expires_at IS NULL OR expires_at > $2)";
    tx.execute(sql, values![key, at])
}

/// Remembers when a key was used last; an earlier instant changes nothing.
pub fn touch(tx: &mut dyn Transaction, key: &KeyId, at: Timestamp) -> Result<(), StorageError> {
    let sql = "UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    tx.execute(sql, values![key, at]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, StorageFixture};

    fn key() -> KeyRow {
        KeyRow {
            id: "Ky1".into(),
            organization_id: "Og1".into(),
            name: "integration".into(),
            scopes: "[\"results:read\"]".into(),
            task_ids: None,
            folders: None,
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        }
    }

    fn with_key() -> StorageFixture {
        let fixture = StorageFixture::new();
        fixture.write(|tx| {
            insert(tx, &key())?;
            insert_secret(
                tx,
                &KeySecretRow {
                    hash: [7; 32],
                    key_id: "Ky1".into(),
                    created_at: NOW,
                    expires_at: None,
                },
            )
        });
        fixture
    }

    #[test]
    fn an_unknown_secret_and_another_organization_find_nothing() {
        let fixture = with_key();
        assert_eq!(fixture.read(|tx| find_by_secret(tx, &[8; 32])), None);
        assert_eq!(fixture.read(|tx| find(tx, &"Og2".into(), &"Ky1".into())), None);
        assert!(!fixture.write(|tx| revoke(tx, &"Og2".into(), &"Ky1".into(), NOW)));
    }

    #[test]
    fn a_key_is_revoked_once() {
        let fixture = with_key();
        assert!(fixture.write(|tx| revoke(tx, &"Og1".into(), &"Ky1".into(), NOW)));
        assert!(!fixture.write(|tx| revoke(tx, &"Og1".into(), &"Ky1".into(), NOW.plus_seconds(1))));
        let (key, _) = fixture.read(|tx| find_by_secret(tx, &[7; 32])).unwrap();
        assert_eq!(key.revoked_at, Some(NOW));
    }

    #[test]
    fn a_key_is_found_by_its_secret_and_shows_its_last_use() {
        let fixture = with_key();
        fixture.write(|tx| touch(tx, &"Ky1".into(), NOW.plus_seconds(9)));
        fixture.write(|tx| touch(tx, &"Ky1".into(), NOW));
        fixture.write(|tx| expire_secrets(tx, &"Ky1".into(), NOW.plus_seconds(60)));
        let found = fixture.read(|tx| find_by_secret(tx, &[7; 32]));
        let expected = KeyRow { last_used_at: Some(NOW.plus_seconds(9)), ..key() };
        assert_eq!(found, Some((expected, Some(NOW.plus_seconds(60)))));
        assert_eq!(fixture.read(|tx| list(tx, &"Og1".into())).len(), 1);
    }
}
