//! Test documents, kept once and found by the SHA-256 of their stored form.

use crate::{Sha256Digest, StorageError, Transaction, values};

/// Keeps a document unless it is kept. The digest is the caller's business. True when it was new.
pub fn insert_if_absent(
    tx: &mut dyn Transaction,
    digest: &Sha256Digest,
    body: &str,
) -> Result<bool, StorageError> {
    let sql = "INSERT INTO document (digest, body) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
    Ok(tx.execute(sql, values![digest, body])? > 0)
}

/// The text with this SHA-256; documents are stored once, whoever refers to them.
pub fn find(
    tx: &mut dyn Transaction,
    digest: &Sha256Digest,
) -> Result<Option<String>, StorageError> {
    tx.find("SELECT body FROM document WHERE digest = $1", values![digest], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::StorageFixture;

    #[test]
    fn a_document_is_kept_once_and_an_unknown_digest_finds_none() {
        let fixture = StorageFixture::new();
        assert_eq!(fixture.read(|tx| find(tx, &[1; 32])), None);
        assert!(fixture.write(|tx| insert_if_absent(tx, &[1; 32], "{}")));
        assert!(!fixture.write(|tx| insert_if_absent(tx, &[1; 32], "{}")));
        assert_eq!(fixture.read(|tx| find(tx, &[1; 32])).as_deref(), Some("{}"));
    }
}
